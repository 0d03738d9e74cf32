"""Bounded samples of the rows that a model was trained and validated on."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from processing.errors import DataError
from processing.model.feature_rows import FeatureRows, parse_rows
from processing.part_files import part_files

_MAX_ROWS = 5_000
_MAX_BYTES = 16 << 20


def sample_rows(folder: Path, rows: int, feature_format: str) -> FeatureRows:
    """Return every k-th of the folder's ``rows`` rows, because rows may be sorted by class.

    k is such that there are at most `_MAX_ROWS` of at most `_MAX_BYTES`. Raise DataError for a
    line that isn't of the format.
    """
    files = part_files(folder, "rows")
    size = sum(path.stat().st_size for path in files)
    wanted = max(1, min(_MAX_ROWS, _MAX_BYTES * rows // max(size, 1)))
    lines = islice(_lines(files), 0, None, -(-max(rows, 1) // wanted))
    try:
        return parse_rows(lines, feature_format)
    except ValueError:
        raise DataError(
            f"{folder}: rows that aren't {feature_format}; use the output of Preprocess"
        ) from None


def _lines(files: list[Path]) -> Iterator[bytes]:
    for path in files:
        with path.open("rb") as file:
            yield from file
