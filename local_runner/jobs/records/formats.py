"""The records of a transform job's files: rows of CSV, or JSON values."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol

from local_runner.jobs.records.json_path import parse_path, select

Record = Any
OUTPUT, INPUT = "SageMakerOutput", "SageMakerInput"


class Format(Protocol):
    """Reads, joins, selects and writes records."""

    content_types: tuple[str, ...]
    split_types: tuple[str, ...]
    paths: str
    """The supported paths, for messages."""

    def is_path(self, path: str) -> bool:
        """Whether the path can select something of a record."""

    def read(self, file: Path) -> Iterator[Record]:
        """Yield the records of a file. Raise ValueError for an invalid one."""

    def joined(self, record: Record, prediction: Record) -> Record:
        """Return a record with its prediction."""

    def selected(self, path: str, record: Record) -> Record:
        """Return what the path selects of a record. Raise LookupError if there is no such value."""

    def write(self, file: Path, records: Iterable[Record]) -> None:
        """Write the records to a new file."""


class Csv:
    """Rows of cells; only indices select columns."""

    content_types: tuple[str, ...] = ("text/csv",)
    split_types: tuple[str, ...] = ("Line",)
    paths = "columns, such as $[1:] or $[0,-1]"

    def is_path(self, path: str) -> bool:
        """Whether the path selects columns."""
        segments = _segments(path)
        return segments is not None and len(segments) < 2 and all(it.is_of_lists for it in segments)

    def read(self, file: Path) -> Iterator[Record]:
        """Yield the rows."""
        with file.open(encoding="utf-8", newline="") as lines:
            yield from csv.reader(lines)

    def joined(self, record: Record, prediction: Record) -> Record:
        """Return the cells of both."""
        return [*record, *prediction]

    def selected(self, path: str, record: Record) -> Record:
        """Return the columns."""
        found = select(parse_path(path), record)
        return found if isinstance(found, list) else [found]

    def write(self, file: Path, records: Iterable[Record]) -> None:
        """Write the rows."""
        with file.open("w", encoding="utf-8", newline="") as target:
            csv.writer(target, lineterminator="\n").writerows(records)


class JsonLines:
    """JSON values, one in each line."""

    content_types: tuple[str, ...] = ("application/jsonlines", "application/json")
    split_types: tuple[str, ...] = ("Line",)
    paths = "$, .name, ['a','b'], [0,-1], [1:] and *"

    def is_path(self, path: str) -> bool:
        """Whether the path is supported."""
        return _segments(path) is not None

    def read(self, file: Path) -> Iterator[Record]:
        """Yield the lines' values."""
        with file.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    try:
                        yield json.loads(line)
                    except json.JSONDecodeError as error:
                        raise ValueError(f"line {number} isn't JSON: {error}") from None

    def joined(self, record: Record, prediction: Record) -> Record:
        """Return the object with the prediction as a member, or a new one with both."""
        return {**(record if isinstance(record, dict) else {INPUT: record}), OUTPUT: prediction}

    def selected(self, path: str, record: Record) -> Record:
        """Return the part of the value."""
        return select(parse_path(path), record)

    def write(self, file: Path, records: Iterable[Record]) -> None:
        """Write the values."""
        with file.open("w", encoding="utf-8") as target:
            target.writelines(f"{_text(record)}\n" for record in records)


class JsonFile(JsonLines):
    """One JSON value, which is the whole file."""

    content_types: tuple[str, ...] = ("application/json",)
    split_types: tuple[str, ...] = ("None",)

    def read(self, file: Path) -> Iterator[Record]:
        """Yield the file's value."""
        yield json.loads(file.read_text(encoding="utf-8"))

    def write(self, file: Path, records: Iterable[Record]) -> None:
        """Write the value."""
        file.write_text("".join(map(_text, records)), encoding="utf-8")


FORMATS: tuple[Format, ...] = (Csv(), JsonLines(), JsonFile())


def format_of(content_type: str, split_type: str) -> Format | None:
    """Return the format of files; None if it isn't supported.

    >>> [type(format_of(*it)).__name__ for it in (("text/csv; label_size=0", "Line"),
    ...  ("application/json", "None"), ("application/json", "Line"), ("text/csv", "None"))]
    ['Csv', 'JsonFile', 'JsonLines', 'NoneType']
    """
    name = content_type.split(";")[0].strip().lower()
    return next(
        (it for it in FORMATS if name in it.content_types and split_type in it.split_types), None
    )


def _segments(path: str) -> Any:
    try:
        return parse_path(path)
    except ValueError:
        return None


def _text(record: Record) -> str:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))
