"""Logs of steps."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from operations.views.printing import print_json

if TYPE_CHECKING:
    from operations.aws.watching.logs import LogLine


def print_log(
    step: str, lines: Iterable[LogLine], *, as_json: bool, timestamps: bool = False
) -> None:
    """Print the log of a step: messages, or as JSON with times and streams."""
    if as_json:
        print_json({"lines": [_document(line) for line in lines], "step": step})
        return
    for line in lines:
        print(_text(line, timestamps))


def print_log_line(line: LogLine, *, as_json: bool, timestamps: bool) -> None:
    """Print a line as soon as it is known; as JSON, one object on one line."""
    text = json.dumps(_document(line), sort_keys=True) if as_json else _text(line, timestamps)
    print(text, flush=True)


def _document(line: LogLine) -> dict[str, Any]:
    return {"message": line.message, "stream": line.stream, "time": line.time.isoformat()}


def _text(line: LogLine, timestamps: bool) -> str:
    if not timestamps:
        return line.message
    time = line.time.replace(tzinfo=None).isoformat(timespec="milliseconds")
    return f"{time}Z {line.message}"
