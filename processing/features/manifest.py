"""``manifest.json``: what went into a dataset, and what became of it."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from processing.dataset.read import InputFile
from processing.dataset.reviews import Skipped
from processing.feature_sets import RECIPES

_DIGITS = 6


@dataclass(frozen=True)
class Classes:
    """How many rows of a split are positive, and how many negative."""

    positive: int
    negative: int

    @property
    def rows(self) -> int:
        """All rows of the split."""
        return self.positive + self.negative

    def as_json(self) -> dict[str, int | float]:
        """The counts, and how uneven they are."""
        share = round(self.positive / self.rows, _DIGITS)
        return {**asdict(self), "positive_share": share, "rows": self.rows}


@dataclass(frozen=True)
class Duplicates:
    """How many reviews repeat a text of their half, and how many texts of test stand in train."""

    train: int
    test: int
    test_texts_in_train: int


def as_json(
    options: argparse.Namespace,
    *,
    files: Sequence[InputFile],
    duplicates: Duplicates,
    skipped: Sequence[Skipped],
    classes: tuple[str, str],
    splits: Mapping[str, Classes],
    vocabulary_size: int,
) -> dict[str, Any]:
    """What ``manifest.json`` holds; ``options`` are those of Preprocess.

    classes: the names of the negative and the positive label.
    """
    negative, positive = classes
    return {
        "duplicates": asdict(duplicates),
        "feature_format": options.feature_format,
        "features": options.features,
        "files": [asdict(file) for file in files],
        "labels": {"negative": negative, "positive": positive},
        "preprocessing_version": RECIPES[options.features].version,
        "seed": options.seed,
        "skipped": [asdict(skip) for skip in skipped],
        "splits": {name: rows.as_json() for name, rows in splits.items()},
        "validation_fraction": options.validation_fraction,
        "vocabulary_size": vocabulary_size,
    }
