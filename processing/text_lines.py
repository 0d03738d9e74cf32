"""The lines of text files, plain or gzip-compressed, one at a time."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from processing.errors import DataError

LONGEST = 1 << 26
"""Bytes of a line, beyond which a file is taken for something else than lines of texts."""

_MARK = "\ufeff"  # some programs put it before the first line


def read_lines(path: Path, *, zipped: bool) -> Iterator[str]:
    """The lines with their ends. Raises DataError, naming the line, for what is no UTF-8 text."""
    try:
        with gzip.open(path) if zipped else path.open("rb") as file:
            lines = iter(partial(file.readline, LONGEST), b"")
            for number, line in enumerate(lines, start=1):
                text = _decoded(line, f"{path.name}: line {number}")
                yield text.removeprefix(_MARK) if number == 1 else text
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{path.name}: damaged gzip stream ({error}); write it again") from None


def _decoded(line: bytes, where: str) -> str:
    if len(line) == LONGEST:
        raise DataError(f"{where}: has no end; that is no table of texts")
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(f"{where}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
