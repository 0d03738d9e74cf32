"""Data that a dataset's folder holds twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from processing.dataset.files.file_formats import stem
from processing.dataset.hashing import file_digest
from processing.errors import DataError


def require_different_names(paths: Iterable[str]) -> None:
    """Raise DataError for two files that differ only in format or compression.

    >>> require_different_names(["2025/reviews.csv", "2026/reviews.csv", "reviews.jsonl"])
    >>> require_different_names(["reviews.csv", "reviews.csv.gz"])
    Traceback (most recent call last):
    processing.errors.DataError: reviews.csv and reviews.csv.gz: the same data twice, by their \
names; remove one, or rename it if it has other reviews
    """
    found: dict[str, str] = {}
    for path in paths:
        first = found.setdefault(stem(path), path)
        if first != path:
            raise DataError(
                f"{first} and {path}: the same data twice, by their names; remove one, or rename "
                "it if it has other reviews"
            )


def files_with_equal_content(paths: Mapping[str, Path]) -> Iterator[tuple[str, str]]:
    """Yield pairs of files, by name, that have the same content. Only equal sizes are compared."""
    by_size: dict[int, list[str]] = {}
    for name, path in paths.items():
        by_size.setdefault(path.stat().st_size, []).append(name)
    for names in by_size.values():
        found: dict[str, str] = {}
        for name in names if len(names) > 1 else ():
            first = found.setdefault(file_digest(paths[name]), name)
            if first != name:
                yield first, name
