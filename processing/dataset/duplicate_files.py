"""Data that a dataset's folder holds twice."""

from __future__ import annotations

from collections.abc import Iterable

from processing.dataset.file_formats import stem
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


def require_different_content(digests: Iterable[tuple[str, str]]) -> None:
    """Raise DataError for two files with the same content. digests: (path, SHA-256).

    >>> require_different_content([("a.csv", "0a"), ("b.csv", "0b")])
    >>> require_different_content([("a.csv", "0a"), ("b.csv", "0a")])
    Traceback (most recent call last):
    processing.errors.DataError: a.csv and b.csv have the same content; remove one
    """
    found: dict[str, str] = {}
    for path, digest in digests:
        first = found.setdefault(digest, path)
        if first != path:
            raise DataError(f"{first} and {path} have the same content; remove one")
