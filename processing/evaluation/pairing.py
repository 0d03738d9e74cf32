"""Pair the predictions of two models on the same reviews, whose order may differ.

The order of the rows depends on the seed, so two executions may have the same test set in different
orders.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from processing import names
from processing.evaluation.predictions import PredictionFolders, Predictions
from processing.part_files import pair_parts
from processing.row_files import read_rows

Pair = tuple[Predictions, Predictions]
"""Predictions of the same reviews in the same order, by two models."""

_Keys = npt.NDArray[np.uint64]


def paired(
    first: tuple[Predictions, PredictionFolders], second: tuple[Predictions, PredictionFolders]
) -> Pair | None:
    """Return the predictions of both in the order of the first; None for different reviews.

    None also if labels differ, or if an id isn't unique.
    """
    (one, rows), (other, other_rows) = first, second
    if one.test_set == other.test_set:
        return one, other
    if len(one.labels) != len(other.labels):
        return None
    keys, other_keys = _keys(rows.rows), _keys(other_rows.rows)
    order, other_order = np.argsort(keys), np.argsort(other_keys)
    ordered = keys[order]
    if (ordered != other_keys[other_order]).any() or (ordered[1:] == ordered[:-1]).any():
        return None
    to_first = np.empty_like(order)
    to_first[order] = other_order
    moved = replace(
        other,
        scores=other.scores[to_first],
        labels=other.labels[to_first],
        words=other.words[to_first],
        known=other.known[to_first],
    )
    return (one, moved) if (one.labels == moved.labels).all() else None


def ids_of(rows: Path, indices: Collection[int]) -> dict[int, str]:
    """Return the ids of some reviews by their index in the test set."""
    wanted = set(indices)
    return {index: name for index, name in enumerate(_ids(rows)) if index in wanted}


def _keys(rows: Path) -> _Keys:
    """Return a hash of each review's id, because millions of strings don't fit into memory."""
    digests = b"".join(
        hashlib.blake2b(name.encode("utf-8", "surrogateescape"), digest_size=8).digest()
        for name in _ids(rows)
    )
    return np.frombuffer(digests, np.uint64)


def _ids(rows: Path) -> Iterator[str]:
    for part in pair_parts({names.ROWS: rows}):
        for row in read_rows(part[names.ROWS]):
            yield row.id
