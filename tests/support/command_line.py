"""The command ``sentiment`` in tests, and checks of its output."""

from __future__ import annotations

import json
from typing import Any

from click.testing import CliRunner, Result

from operations.cli import sentiment


def invoke(*arguments: str, input: str | bytes | None = None) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(sentiment, arguments, prog_name="sentiment", input=input)


def json_output(result: Result) -> Any:
    """The one JSON object on stdout."""
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return json.loads(result.stdout)


def assert_refused(result: Result, code: int, *mentions: str) -> None:
    """Check that one line on stderr mentions the given texts, without output or traceback."""
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == code
    assert result.stdout == ""
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1
    assert [text for text in mentions if text not in result.stderr] == [], result.stderr


def forecast_lines(result: Result) -> dict[str, str]:
    """What a dry run prints of each step, by the step's name."""
    assert result.exit_code == 0, result.output
    return dict(line.split(maxsplit=1) for line in result.stdout.splitlines())
