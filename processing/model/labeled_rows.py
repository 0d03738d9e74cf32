"""Scores of labeled rows of features, such as the validation set."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from processing.errors import DataError
from processing.model.booster import load_booster, matrix, predict
from processing.model.feature_rows import FeatureRows, parse_rows
from processing.part_files import part_files

_ROWS_AT_A_TIME = 5_000


def score_labeled_rows(
    model: bytes, folder: Path, feature_format: str
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float64]]:
    """Return the labels and the probabilities of the positive class of all rows in a folder.

    Raise DataError for rows that aren't of the format, or that the model wasn't trained with.
    """
    booster = load_booster(model)
    labels, scores = [], []
    for rows in _batches(folder, feature_format):
        labels.append(rows.labels.astype(np.uint8))
        scores.append(predict(booster, matrix(rows.features)).astype(np.float64))
    if not labels:
        raise DataError(f"{folder}: no rows found; use the output of Preprocess")
    return np.concatenate(labels), np.concatenate(scores)


def _batches(folder: Path, feature_format: str) -> Iterator[FeatureRows]:
    """Yield the rows in batches, so that memory doesn't grow with their number."""
    for path in part_files(folder, "rows"):
        with path.open("rb") as file:
            while lines := list(islice(file, _ROWS_AT_A_TIME)):
                try:
                    yield parse_rows(lines, feature_format)
                except ValueError:
                    raise DataError(
                        f"{path}: rows that aren't {feature_format}; use the output of Preprocess"
                    ) from None
