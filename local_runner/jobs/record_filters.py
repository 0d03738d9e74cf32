"""DataProcessing of a transform job: filter CSV records, and join predictions with them.

A filter is a JSONPath of the subset that selects columns: ``$``, ``$[1:]``, ``$[-1]``, ``$[0,2]``.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from local_runner.definition.model import Json
from local_runner.errors import JobFailed

Row = Sequence[str]

_FILTERS = ("InputFilter", "OutputFilter")
_COLUMNS = re.compile(r"\$(?:\[(?:(\*)|(-?\d*):(-?\d*)|(-?\d+(?:\s*,\s*-?\d+)*))\])?")


def refused_filters(request: Mapping[str, Any]) -> Iterator[str]:
    """Yield a message for each part of DataProcessing that local runs don't support."""
    settings = request.get("DataProcessing")
    if not isinstance(settings, Mapping) or not _is_used(settings):
        return
    for key in _FILTERS:
        path = settings.get(key, "$")
        if isinstance(path, str) and not _COLUMNS.fullmatch(path):
            yield (
                f"DataProcessing.{key} {path!r} isn't supported by local runs; "
                "use columns, such as $[1:] or $[0,-1]"
            )
    if settings.get("JoinSource", "None") not in ("None", "Input"):
        yield f"DataProcessing.JoinSource must be None or Input, got {settings['JoinSource']!r:.60}"
    source = request.get("TransformInput")
    source = source if isinstance(source, Mapping) else {}
    if isinstance(split := source.get("SplitType", "None"), str) and split != "Line":
        yield f"DataProcessing needs the SplitType 'Line', got {split!r:.60}"
    content_type = source.get("ContentType")
    if isinstance(content_type, str | None) and not (content_type or "").startswith("text/csv"):
        yield (
            "DataProcessing is supported for the ContentType 'text/csv' by local runs, "
            f"got {content_type!r:.60}"
        )


class RecordFilters:
    """The filters of a transform job; without DataProcessing, all files stay as they are."""

    def __init__(self, settings: Mapping[str, Any] | None) -> None:
        settings = settings or {}
        self._is_used = _is_used(settings)
        self._input = _columns(settings.get("InputFilter", "$"))
        self._output = _columns(settings.get("OutputFilter", "$"))
        self._is_joined = settings.get("JoinSource") == "Input"

    def filtered(self, records: Path, folder: Path) -> Path:
        """Return the folder of the records that the model gets."""
        if not self._is_used:
            return records
        for file in _files(records):
            name = file.relative_to(records).as_posix()
            _write(folder / name, map(self._input, _rows(file)))
        return folder

    def applied(self, predictions: Path, records: Path, folder: Path) -> Path:
        """Return the folder of the joined and filtered predictions.

        Raise JobFailed for a file whose records and predictions differ in number.
        """
        if not self._is_used:
            return predictions
        for file in _files(predictions):
            name = file.relative_to(predictions).as_posix()
            rows = _rows(file)
            if self._is_joined:
                rows = _joined(_rows(records / name.removesuffix(".out")), rows, name)
            _write(folder / name, map(self._output, rows))
        return folder


def _is_used(settings: Mapping[str, Json]) -> bool:
    values = (settings.get(key, "$") for key in _FILTERS)
    return any(value != "$" for value in values) or settings.get("JoinSource", "None") != "None"


def _columns(path: str) -> Callable[[Row], Row]:
    """Return the function that selects the columns of a row.

    >>> [_columns(path)("abc") for path in ("$", "$[1:]", "$[-1]", "$[0, 2]")]
    ['abc', 'bc', ['c'], ['a', 'c']]
    """
    found = _COLUMNS.fullmatch(path)
    if not found:
        raise JobFailed(f"ClientError: {path!r} doesn't select columns")
    _, start, stop, indices = found.groups()
    if indices:
        numbers = [int(index) for index in indices.split(",")]
        return lambda row: [row[number] for number in numbers if -len(row) <= number < len(row)]
    selected = slice(int(start) if start else None, int(stop) if stop else None)
    return lambda row: row[selected]


def _joined(records: Iterator[Row], predictions: Iterator[Row], name: str) -> Iterator[Row]:
    try:
        for record, prediction in zip(records, predictions, strict=True):
            yield [*record, *prediction]
    except ValueError:
        raise JobFailed(
            f"ClientError: {name}: the records and the predictions differ in number"
        ) from None


def _rows(file: Path) -> Iterator[Row]:
    with file.open(encoding="utf-8", newline="") as lines:
        yield from csv.reader(lines)


def _write(file: Path, rows: Iterator[Row]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target, lineterminator="\n").writerows(rows)


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
