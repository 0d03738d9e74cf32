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
class InputFile:
    """A file that reviews came from: its name, and its SHA-256 in hexadecimal."""

    name: str
    sha256: str


def as_json(
    options: argparse.Namespace,
    *,
    files: Sequence[InputFile],
    duplicates: Duplicates,
    skipped: Sequence[Skipped],
    splits: Mapping[str, Classes],
    vocabulary_size: int,
) -> dict[str, Any]:
    """What ``manifest.json`` holds; ``options`` are those of Preprocess."""
    return {
        "duplicates": asdict(duplicates),
        "feature_format": options.feature_format,
        "files": [asdict(file) for file in files],
        "preprocessing_version": PREPROCESSING_VERSION,
        "seed": options.seed,
        "skipped": [asdict(skip) for skip in skipped],
        "splits": {name: {**asdict(rows), "rows": rows.rows} for name, rows in splits.items()},
        "validation_fraction": options.validation_fraction,
        "vocabulary_size": vocabulary_size,
    }
