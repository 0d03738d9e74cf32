"""``manifest.json``: the input files, the splits, and the skipped and duplicate reviews."""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from processing import names
from processing.dataset.file_summary import FileSummary
from processing.dataset.given_splits import BY_FRACTION
from processing.dataset.labels import Classes
from processing.dataset.reviews import Skipped
from processing.feature_sets import FEATURE_SETS

_DIGITS = 6


@dataclass(frozen=True)
class ClassCounts:
    """Number of positive and of negative rows of a split."""

    positive: int
    negative: int

    @property
    def rows(self) -> int:
        """The number of rows of the split."""
        return self.positive + self.negative

    def as_json(self) -> dict[str, int | float]:
        """Return the counts, and the share of the positive rows."""
        share = round(self.positive / self.rows, _DIGITS)
        return {**asdict(self), "positive_share": share, "rows": self.rows}


@dataclass(frozen=True)
class Duplicates:
    """Number of reviews that repeat a text of the same set, and of texts that are in both sets."""

    train: int
    test: int
    test_texts_in_train: int


def manifest_json(
    options: argparse.Namespace,
    *,
    files: Sequence[FileSummary],
    duplicates: Duplicates,
    skipped: Sequence[Skipped],
    classes: Classes,
    test_texts_hash: int,
    splits: Mapping[str, ClassCounts],
    sources: Mapping[str, str],
    vocabulary_size: int,
) -> dict[str, Any]:
    """Return the content of ``manifest.json``.

    options: of Preprocess.
    test_texts_hash: the exclusive or of the 64-bit hashes of the test set's texts, which identifies
        these texts in any order.
    sources: where each split comes from.
    """
    return {
        "duplicates": asdict(duplicates),
        "feature_format": options.feature_format,
        "features": options.features,
        "files": [file.as_json() for file in files],
        names.LABELS: classes.as_json(),
        "preprocessing_version": FEATURE_SETS[options.features].version,
        "seed": options.seed,
        "skipped": [asdict(skip) for skip in skipped],
        "splits": {
            name: {**counts.as_json(), names.SOURCE: sources[name]}
            for name, counts in splits.items()
        },
        names.TEST_TEXTS_HASH: f"{test_texts_hash:016x}",
        "validation_fraction": (
            options.validation_fraction if sources[names.VALIDATION] == BY_FRACTION else None
        ),
        "vocabulary_size": vocabulary_size,
    }


def dataset_identity(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a manifest identifies the dataset and its splits.

    The hash is of the files' content, whatever their names and order.

    >>> files, rows = [{"name": "a", "sha256": "0b"}], {"rows": 12, "source": "path"}
    >>> found = dataset_identity({"files": files, "splits": {"test": rows}})
    >>> found["rows"], found["sha256"][:8]
    ({'test': 12}, '635ca73d')
    """
    hashes = sorted(file["sha256"] for file in manifest["files"])
    return {
        names.ROWS: {name: split["rows"] for name, split in manifest["splits"].items()},
        "sha256": hashlib.sha256("\n".join(hashes).encode()).hexdigest(),
        names.TEST_TEXTS_HASH: manifest.get(names.TEST_TEXTS_HASH),
    }
