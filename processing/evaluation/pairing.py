"""Pair the predictions of two models on the same reviews, whose order may differ.

The order of the rows depends on the seed, so two executions may have the same test set in different
orders.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import numpy as np

from processing import names
from processing.evaluation.predictions import Predictions
from processing.part_files import pair_parts
from processing.row_files import read_rows

Pair = tuple[Predictions, Predictions]
"""Predictions of the same reviews in the same order, by two models."""


def paired(first: Predictions, second: Predictions) -> Pair | None:
    """Return the predictions of both in the order of the first; None for different reviews.

    None also if labels differ, or if an id isn't unique and the order differs.
    """
    if first.test_set != second.test_set:
        return None
    rows = np.empty_like(first.order)
    rows[first.order] = second.order
    moved = replace(
        second,
        scores=second.scores[rows],
        labels=second.labels[rows],
        words=second.words[rows],
        known=second.known[rows],
        order=first.order,
    )
    return first, moved


def ids_of(rows: Path, indices: Collection[int]) -> dict[int, str]:
    """Return the ids of some reviews by their index in the test set."""
    wanted = set(indices)
    ids = (row.id for part in pair_parts({names.ROWS: rows}) for row in read_rows(part[names.ROWS]))
    return {index: name for index, name in enumerate(ids) if index in wanted}
