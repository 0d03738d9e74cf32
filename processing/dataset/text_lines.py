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
    number = 0
    try:
        with gzip.open(path) if zipped else path.open("rb") as file:
            for number, line in enumerate(iter(partial(file.readline, LONGEST), b""), start=1):
                if len(line) == LONGEST:
                    raise DataError(
                        f"{path.name}: line {number}: longer than {LONGEST >> 20} MB; "
                        "that is no line of a table"
                    )
                text = line.decode("utf-8")
                yield text.removeprefix(_MARK) if number == 1 else text
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path.name}: line {number}: not UTF-8 at byte {error.start}; save it as UTF-8"
        ) from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{path.name}: damaged gzip stream ({error}); write it again") from None
