"""Batch Transform: cut files into requests, join the answers.

The images' programs differ in one function, which answers a request.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

MULTI_RECORD = "MultiRecord"
SINGLE_RECORD = "SingleRecord"
LINE = "Line"

_PROGRESS_SECONDS = 0.2

Answer = Callable[[bytes], bytes]


@dataclass(frozen=True)
class TransformOptions:
    """The options of a transform job for its requests and answers.

    content_type, accept: empty for the image's default. assemble_with: ``Line`` to end each answer
    with a line break. max_payload_mb: 0 for requests of any size.
    """

    content_type: str
    accept: str = ""
    assemble_with: str = "None"
    batch_strategy: str = MULTI_RECORD
    max_payload_mb: int = 6


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `TransformOptions` to a command."""
    parser.add_argument("--content-type", default="")
    parser.add_argument("--accept", default="")
    parser.add_argument("--assemble-with", choices=("None", LINE), default="None")
    parser.add_argument("--batch-strategy", choices=(MULTI_RECORD, SINGLE_RECORD))
    parser.add_argument("--max-payload-mb", type=int)


def given_options(found: argparse.Namespace) -> TransformOptions:
    """Return the options of a command line; the limits of requests have defaults."""
    limits = {
        name: value
        for name in ("batch_strategy", "max_payload_mb")
        if (value := getattr(found, name)) is not None
    }
    return TransformOptions(found.content_type, found.accept, found.assemble_with, **limits)


def transform(opt_ml: Path, answer: Answer, options: TransformOptions) -> None:
    """Score every file below ``input/data`` into ``output/data/<name>.out``, line by line."""
    source, target = opt_ml / "input" / "data", opt_ml / "output" / "data"
    is_single = options.batch_strategy == SINGLE_RECORD
    max_bytes = 1 if is_single else options.max_payload_mb * 1024**2 or sys.maxsize
    files = sorted(path for path in source.rglob("*") if path.is_file())
    progress = _Progress()
    for number, path in enumerate(files, start=1):
        output = target / f"{path.relative_to(source)}.out"
        output.parent.mkdir(parents=True, exist_ok=True)
        with path.open("rb") as rows, output.open("wb") as answers:
            for body in requests(rows, max_bytes):
                found = answer(body)
                answers.write(found)
                if options.assemble_with == LINE and found and not found.endswith(b"\n"):
                    answers.write(b"\n")
                progress.add(body.count(b"\n"))
        print(f"scored {number} of {len(files)} files", flush=True)


class _Progress:
    """Prints the number of lines so far, at intervals, as lines that replace each other."""

    def __init__(self) -> None:
        self._lines = 0
        self._started = self._printed = time.monotonic()

    def add(self, lines: int) -> None:
        self._lines += lines
        now = time.monotonic()
        if now - self._printed >= _PROGRESS_SECONDS:
            self._printed = now
            rate = self._lines / (now - self._started)
            print(f"scored {self._lines:,} lines ({rate:,.0f} per second)", end="\r", flush=True)


def requests(lines: BinaryIO, max_bytes: int) -> Iterator[bytes]:
    r"""Yield a file's lines in bodies of at most ``max_bytes``, but at least one line each.

    >>> import io
    >>> list(requests(io.BytesIO(b"aa\nbb\ncc\n"), 6))
    [b'aa\nbb\n', b'cc\n']
    """
    body: list[bytes] = []
    size = 0
    for line in lines:
        if body and size + len(line) > max_bytes:
            yield b"".join(body)
            body, size = [], 0
        body.append(line)
        size += len(line)
    if body:
        yield b"".join(body)
