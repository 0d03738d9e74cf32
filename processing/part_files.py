"""Part files that belong together: features, predictions, labels and rows of the same reviews.

Batch Transform names the predictions of ``part-00000.libsvm`` ``part-00000.libsvm.out``; labels of
the same reviews, and their rows, are in ``part-00000.csv``. Parts are paired by the beginning that
their names have in common, so the order of hosts or files doesn't matter.
"""

from __future__ import annotations

import csv
import math
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from processing.errors import DataError
from processing.json_files import part_files

UNUSABLE = -1
"""The words of a row that can't be scored."""

_TO_BE_QUOTED = frozenset('",\r\n')


class Row(NamedTuple):
    """A review's id, how many words were counted, and how many of these the vocabulary has."""

    id: str
    words: int
    known: int


def paired(folders: Mapping[str, Path]) -> Iterator[dict[str, Path]]:
    """Each part's file in each of the folders, in the order of the parts.

    folders: by what they hold. Raises DataError if a part has no file in one, or has two.
    """
    found = {what: _by_part(folder, what) for what, folder in folders.items()}
    every = sorted(set().union(*found.values()), key=lambda part: (len(part), part))
    for part in every:
        for what, files in found.items():
            if part not in files:
                raise DataError(f"{part}: there are no {what} for this part; score all parts anew")
    for part in every:
        yield {what: files[part] for what, files in found.items()}


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """The file's lines with their numbers, blank ones left out: AssembleWith=Line adds some.

    Raises DataError for what isn't UTF-8.
    """
    passed = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                text = line.decode("utf-8").strip()
            except UnicodeDecodeError as error:
                raise DataError(f"{path.name}: not text at byte {passed + error.start}") from None
            passed += len(line)
            if text:
                yield number, text


def scores(path: Path) -> Iterator[float]:
    """Probabilities of the positive class. Raises DataError for what is none."""
    for number, line in lines(path):
        try:
            score = float(line)
        except ValueError:
            score = math.nan
        if not 0.0 <= score <= 1.0:
            raise DataError(
                f"{path.name}, line {number}: {line[:40]!r} is no probability; "
                "the model must be trained with binary:logistic"
            )
        yield score


def rows(path: Path) -> Iterator[Row]:
    """The rows that `write_rows` wrote. Raises DataError for what is none."""
    # An archive's names may be of any bytes.
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        for number, fields in enumerate(_records(file, path), start=1):
            try:
                name, words, known = fields
                row = Row(name, int(words), int(known))
            except ValueError:
                row = Row("", 0, -1)
            if not (row.words >= UNUSABLE and 0 <= row.known <= max(row.words, 0)):
                raise DataError(
                    f"{path.name}, row {number}: {','.join(fields)[:40]!r} is not id,words,known; "
                    "use the rows that were written with the features"
                )
            yield row


def write_rows(path: Path, written: Iterable[tuple[str, int, int]]) -> None:
    """Write a CSV file of rows (id, words, known), without a header."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.writelines(row_line(*row) for row in written)


def row_line(name: str, words: int, known: int) -> bytes:
    r"""A row as a line. An id may hold halves of characters that no encoding knows.

    >>> row_line("7", 3, 2), row_line("a,b\udce9", 1, 0)
    (b'7,3,2\n', b'"a,b\\udce9",1,0\n')
    """
    return f"{quoted(name)},{words},{known}\n".encode("utf-8", "backslashreplace")


def quoted(text: str) -> str:
    r"""The text as a field of CSV.

    Python's own writer leaves a carriage return without quotes, which its reader then refuses.

    >>> quoted("plain"), quoted('a "b", c'), quoted("a\rb")
    ('plain', '"a ""b"", c"', '"a\rb"')
    """
    if _TO_BE_QUOTED.isdisjoint(text):
        return text
    return '"' + text.replace('"', '""') + '"'


def _by_part(folder: Path, what: str) -> dict[str, Path]:
    files: dict[str, Path] = {}
    for path in part_files(folder, what):
        first = files.setdefault(_part(path), path)
        if first != path:
            both = f"{first.relative_to(folder)} and {path.relative_to(folder)}"
            raise DataError(f"{both}: both are {what} of {_part(path)}; leave one of them")
    return files


def _part(path: Path) -> str:
    """What the files of one part have in common.

    >>> _part(Path("predictions/part-00003.libsvm.out")), _part(Path("labels/part-00003.csv"))
    ('part-00003', 'part-00003')
    """
    return path.name.split(".", 1)[0]


def _records(file: Iterable[str], path: Path) -> Iterator[list[str]]:
    csv.field_size_limit(sys.maxsize)  # 131,072 without; an id may be longer
    try:
        yield from (fields for fields in csv.reader(file, strict=True) if fields)
    except csv.Error as error:
        raise DataError(
            f"{path.name}: invalid CSV ({error}); use the rows that were written with the features"
        ) from None
