"""``manifest.json``: what went into a dataset, and what became of it."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from processing.reviews import Skipped
from processing.text import PREPROCESSING_VERSION


@dataclass(frozen=True)
class Classes:
    """How many rows of a split are positive, and how many negative."""

    positive: int
    negative: int

    @property
    def rows(self) -> int:
        """All rows of the split."""
        return self.positive + self.negative


@dataclass(frozen=True)
class Duplicates:
    """How many reviews repeat a text of their half, and how many texts of test stand in train."""

    train: int
    test: int
    test_texts_in_train: int


@dataclass(frozen=True)
class Archive:
    """An archive by its file name and the SHA-256 of the file, in hexadecimal."""

    name: str
    sha256: str


def as_json(
    options: argparse.Namespace,
    *,
    archives: Sequence[Archive],
    duplicates: Duplicates,
    skipped: Sequence[Skipped],
    splits: Mapping[str, Classes],
    vocabulary_size: int,
) -> dict[str, Any]:
    """What ``manifest.json`` holds; ``options`` are those of Preprocess."""
    return {
        "archives": [asdict(archive) for archive in archives],
        "duplicates": asdict(duplicates),
        "feature_format": options.feature_format,
        "preprocessing_version": PREPROCESSING_VERSION,
        "seed": options.seed,
        "skipped": [asdict(skip) for skip in skipped],
        "splits": {name: {**asdict(rows), "rows": rows.rows} for name, rows in splits.items()},
        "validation_fraction": options.validation_fraction,
        "vocabulary_size": vocabulary_size,
    }
