"""Lines of text files, plain or compressed, in UTF-8 or UTF-16."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from processing.dataset.files.compression import open_decompressed
from processing.errors import DataError

MAX_LINE_BYTES = 1 << 26
"""A file with a longer line isn't lines of texts, or a quote in it isn't closed."""

_BYTE_ORDER_MARK = "\ufeff"  # some programs write it before the first line

_LINE_END = re.compile(rb"\r\n?|\n")
_PEEKED = 1 << 16

CHUNK = 1 << 20
"""Characters of a chunk."""


@dataclass(frozen=True)
class TextFile:
    """A text file. name: what messages call it."""

    path: Path
    name: str
    encoding: str = "utf-8"
    max_line_bytes: int = MAX_LINE_BYTES

    def lines(self) -> Iterator[str]:
        """Yield the lines with their ends. Raise DataError, with the line, for invalid text."""
        number = 0
        with open_decompressed(self.path, self.name) as file:
            if self.encoding != "utf-8" or _ends_in_carriage_return(file):
                yield from self._other_lines(file)
                return
            limit = self.max_line_bytes
            try:
                for number, line in enumerate(iter(partial(file.readline, limit), b""), start=1):
                    if len(line) == limit:
                        raise self._too_long(number)
                    text = line.decode("utf-8")
                    yield text.removeprefix(_BYTE_ORDER_MARK) if number == 1 else text
            except UnicodeDecodeError as error:
                raise DataError(
                    f"{self.name}: line {number}: not UTF-8 at byte {error.start}; save it as UTF-8"
                ) from None

    def lines_from(self, number: int) -> Iterator[str]:
        """Yield the lines from one on, counted from 1."""
        lines = self.lines()
        for _ in range(1, number):
            next(lines, None)
        return lines

    def chunks(self) -> Iterator[str]:
        """Yield the text in chunks. Raise DataError for invalid text."""
        number = 0
        with (
            open_decompressed(self.path, self.name) as file,
            io.TextIOWrapper(file, self._with_mark, newline="") as opened,
        ):
            try:
                for text in iter(partial(opened.read, CHUNK), ""):
                    number += 1
                    yield text
            except UnicodeError:
                raise DataError(
                    f"{self.name}: not {self.encoding.upper()} after {number:,} MB; "
                    "save it as UTF-8"
                ) from None

    def _other_lines(self, file: BinaryIO) -> Iterator[str]:
        """Yield lines of any encoding, also if carriage returns alone end them; slower."""
        number = 0
        limit = self.max_line_bytes
        with io.TextIOWrapper(file, self._with_mark, newline="") as opened:
            try:
                for number, text in enumerate(iter(partial(opened.readline, limit), ""), start=1):
                    if len(text) == limit:
                        raise self._too_long(number)
                    yield text
            except UnicodeError:
                raise DataError(
                    f"{self.name}: line {number + 1} or later: not {self.encoding.upper()}; "
                    "save it as UTF-8"
                ) from None

    @property
    def _with_mark(self) -> str:
        """The encoding, by which a byte order mark isn't part of the text."""
        return "utf-8-sig" if self.encoding == "utf-8" else self.encoding

    def _too_long(self, number: int) -> DataError:
        return DataError(
            f"{self.name}: line {number}: longer than {self.max_line_bytes >> 20} MB; close the "
            "quotes, or write a row a line"
        )


def _ends_in_carriage_return(file: BinaryIO) -> bool:
    """Return whether the first line ends in a carriage return alone, as on old Macs."""
    head = file.peek(_PEEKED) if isinstance(file, io.BufferedReader) else b""
    end = _LINE_END.search(head)
    return end is not None and end[0] == b"\r" and end.end() < len(head)
