"""The command `sentiment` as a whole: help, version, exit codes, errors as JSON."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
import pytest

from operations import cli
from operations.cli import sentiment
from operations.errors import EXIT_CODES, CliError, Interrupted
from operations.local.git_commit import checked_out_commit
from tests.support.clean_room import ROOT
from tests.support.command_line import invoke, json_output


def test_summaries_fit_into_80_columns() -> None:
    text = sentiment.get_help(click.Context(sentiment, info_name="sentiment", terminal_width=80))
    assert max(map(len, text.splitlines())) <= 80
    summaries = dict(re.findall(r"^  (\w+) +(\S.*)$", text, re.MULTILINE))
    assert summaries.keys() >= sentiment.commands.keys()
    assert [summary for summary in summaries.values() if summary.endswith("...")] == []


def test_version_has_the_commit_of_the_checkout(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    author = ("-c", "user.name=x", "-c", "user.email=x@example.com")
    for words in (("init", "--quiet"), (*author, "commit", "--quiet", "--allow-empty", "-m", "x")):
        subprocess.run(["git", "-C", str(tmp_path), *words], check=True)
    monkeypatch.setattr(cli, "_ROOT", tmp_path)
    result = invoke("--version")
    commit = checked_out_commit(tmp_path)
    expected = f"sentiment {version('sentiment-pipeline')} (commit {commit})\n"
    assert (result.exit_code, result.stdout) == (0, expected)


def test_version_without_a_checkout(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(cli, "_ROOT", tmp_path)
    assert invoke("--version").stdout == f"sentiment {version('sentiment-pipeline')}\n"


def test_no_command_prints_the_help_on_stderr() -> None:
    result = invoke()
    assert (result.exit_code, result.stdout) == (2, "")
    assert all(command in result.stderr for command in sentiment.commands)


def test_unknown_command_suggests_a_similar_one() -> None:
    assert "'watch'" in invoke("wach").stderr


def test_documented_exit_codes_are_those_of_the_code() -> None:
    page = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    section = page.split("\n## Exit codes and errors\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (\d+) \| (.+) \|$", section, re.MULTILINE)
    assert {int(code): meaning for code, meaning in rows} == EXIT_CODES


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("wach",), 2),
        (("run", "--nope"), 2),
        (("run", "--parameter", "Eta"), 2),
        (("run", "--preset", "nope"), 2),
        (("run", "--dataset", "nope.csv"), 2),
        (("data", "nope.csv"), 2),
        (("predict", ""), 2),
        (("diff", "nope", "nope"), 2),
        (("report", "local-0001"), 2),
    ],
)
def test_error_with_json_is_one_object_on_stdout(
    arguments: tuple[str, ...], code: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    result = invoke(*arguments, "--json")
    error = json_output(result)["error"]
    assert error["exit_code"] == result.exit_code == code
    hint = f" ({error['hint']})" if "hint" in error else ""
    assert result.stderr == f"error: {error['message']}{hint}\n"


@pytest.mark.parametrize(
    ("raised", "exit_code", "message"),
    [
        (Interrupted("it continues"), 130, "it continues"),
        (KeyboardInterrupt(), 130, "stopped"),
        (CliError("no [b]answer[/]"), 1, "no [b]answer[/]"),
        (ZeroDivisionError("a bug"), 1, "ZeroDivisionError: a bug"),
    ],
    ids=["Interrupted", "Ctrl-C", "CliError", "bug"],
)
def test_every_exception_with_json_is_one_object_on_stdout(
    raised: BaseException, exit_code: int, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise raised

    monkeypatch.setattr(sentiment.commands["show"], "callback", fail)
    result = invoke("show", "--json")
    assert json.loads(result.stdout) == {"error": {"exit_code": exit_code, "message": message}}
    assert result.exit_code == exit_code


def test_json_after_two_hyphens_is_not_the_option(tmp_path: Path) -> None:
    result = invoke("predict", "--workdir", str(tmp_path), "--", "--json")
    assert (result.exit_code, result.stdout) == (1, "")


def test_an_error_without_a_reader_of_its_json_is_one_line() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "operations", "run", "--json", "--no-such-option"]
    try:
        ended = subprocess.run(
            command, stdout=writer, stderr=subprocess.PIPE, text=True, timeout=60, check=False
        )
    finally:
        os.close(writer)
    assert ended.returncode == 2
    assert ended.stderr.startswith("error: ")
    assert ended.stderr.count("\n") == 1
