"""Row files: id, word count and known words of each review, as CSV without a header.

They are part files beside the features, because a row of features doesn't hold the review's id.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator
from itertools import islice, pairwise
from pathlib import Path
from typing import NamedTuple

from processing.errors import DataError
from processing.part_files import first_rows, part_name

UNUSABLE = -1
"""The word count of a review that can't be scored."""

_QUOTED = frozenset('",\r\n')
_MAX_QUOTED = 40  # characters of a file that a message quotes


class Row(NamedTuple):
    """A review's id, its number of words, and how many of them the vocabulary has.

    words: without those that the feature set drops, or `UNUSABLE`.
    """

    id: str
    words: int
    known: int


def read_rows(path: Path) -> Iterator[Row]:
    """Yield the rows of a file. Raise DataError for one that isn't valid."""
    # Names in an archive may hold any bytes.
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        for number, fields in enumerate(_records(file, path), start=1):
            try:
                name, words, known = fields
                row = Row(name, int(words), int(known))
            except ValueError:
                row = Row("", 0, -1)
            if not (row.words >= UNUSABLE and 0 <= row.known <= max(row.words, 0)):
                raise DataError(
                    f"{path.name}, row {number}: {','.join(fields)[:_MAX_QUOTED]!r} is not "
                    "id,words,known; use the rows that were written with the features"
                )
            yield row


def write_row_files(
    rows: Iterable[tuple[str, int, int]], count: int, folder: Path, *, parts: int
) -> None:
    """Write ``count`` rows (id, words, known) to as many part files as the features have."""
    remaining = iter(rows)
    starts = [*first_rows(count, parts), count]
    for number, (start, end) in enumerate(pairwise(starts)):
        write_row_file(folder / f"{part_name(number)}.csv", islice(remaining, end - start))


def write_row_file(path: Path, rows: Iterable[tuple[str, int, int]]) -> None:
    """Write one file of rows (id, words, known)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.writelines(row_line(*row) for row in rows)


def row_line(name: str, words: int, known: int) -> bytes:
    r"""Return a row as a line of CSV. An id may hold lone surrogates.

    >>> row_line("7", 3, 2), row_line("a,b\udce9", 1, 0)
    (b'7,3,2\n', b'"a,b\\udce9",1,0\n')
    """
    return f"{csv_field(name)},{words},{known}\n".encode("utf-8", "backslashreplace")


def csv_field(text: str) -> str:
    r"""Return the text as a field of CSV, in quotes if it needs them.

    Python's own writer doesn't quote a carriage return, which its reader then refuses.

    >>> csv_field("plain"), csv_field('a "b", c'), csv_field("a\rb")
    ('plain', '"a ""b"", c"', '"a\rb"')
    """
    if _QUOTED.isdisjoint(text):
        return text
    return '"' + text.replace('"', '""') + '"'


def _records(file: Iterable[str], path: Path) -> Iterator[list[str]]:
    csv.field_size_limit(sys.maxsize)  # the default is 131,072; an id may be longer
    try:
        yield from (fields for fields in csv.reader(file, strict=True) if fields)
    except csv.Error as error:
        raise DataError(
            f"{path.name}: invalid CSV ({error}); use the rows that were written with the features"
        ) from None
