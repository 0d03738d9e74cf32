"""Logs of steps."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from operations.execution_summary import LogLine, TimedLogLine
from operations.views.printing import print_json


def print_log(
    step: str, lines: Sequence[LogLine], *, as_json: bool, timestamps: bool = False
) -> None:
    """Print the log of a step: messages, or as JSON with times and streams."""
    if as_json:
        print_json({"lines": [_document(line) for line in lines], "step": step})
        return
    headings = len({line.stream for line in lines}) > 1
    printer = LogPrinter(as_json=False, timestamps=timestamps, headings=headings)
    for line in lines:
        printer.print(line)


class LogPrinter:
    """Prints each line as soon as it is known; as JSON, one object on one line.

    Lines without times are printed file by file, with headings from the second file on.

    headings: whether there is one for the first file, too.
    """

    def __init__(self, *, as_json: bool, timestamps: bool = False, headings: bool = False) -> None:
        self._as_json = as_json
        self._timestamps = timestamps
        self._headings = headings
        self._stream = ""

    def print(self, line: LogLine) -> None:
        """Print a line."""
        if self._as_json:
            print(json.dumps(_document(line), sort_keys=True), flush=True)
            return
        if not isinstance(line, TimedLogLine) and line.stream != self._stream:
            if self._stream or self._headings:
                blank = "\n" if self._stream else ""
                print(f"{blank}==> {line.stream} <==", flush=True)
            self._stream = line.stream
        print(self._text(line), flush=True)

    def _text(self, line: LogLine) -> str:
        if not self._timestamps or not isinstance(line, TimedLogLine):
            return line.message
        time = line.time.replace(tzinfo=None).isoformat(timespec="milliseconds")
        return f"{time}Z {line.message}"


def _document(line: LogLine) -> dict[str, Any]:
    time = line.time.isoformat() if isinstance(line, TimedLogLine) else None
    return {"message": line.message, "stream": line.stream, "time": time}
