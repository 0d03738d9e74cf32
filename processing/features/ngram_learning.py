"""Learning of the weights of n-grams from the rows of the train split, on any engine."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import numpy as np
import numpy.typing as npt

from processing.features.linear_model import NgramRows, train
from processing.features.ngram_weights import RATIO_STEPS, Ngrams, NgramWeights, Ratios
from processing.features.ngrams import NGRAMS, distinct_ngrams
from processing.features.splits import CLASSES
from processing.features.train_rows import FOLDS, Blocks, TrainRows

_MIN_REVIEWS = 2  # that contain an n-gram
_SMOOTHING = 0.5  # of counts

Counts = npt.NDArray[np.int32]


def learn_weights(blocks: Blocks[TrainRows]) -> NgramWeights:
    """Return the weights in `FOLDS` + 1 tables.

    Row i belongs to fold i % `FOLDS`. Table f is learned without the rows of fold f, so that a row
    can be scored with weights that its own label didn't affect. The last table is learned from all
    rows.
    """
    ngrams = np.flatnonzero(blocks.sum(_count_rows) >= _MIN_REVIEWS).astype(np.uint32)
    counts = blocks.sum(partial(_count_groups, ngrams)).reshape(FOLDS, len(CLASSES), -1)
    total = counts.sum(axis=0, dtype=np.int32)
    ratios = np.stack([_ratios(total - each) for each in (*counts, np.zeros_like(total))])
    return NgramWeights(ngrams, ratios, train(blocks.map(partial(_rows, ngrams, ratios)), ratios))


def _count_rows(blocks: Iterable[TrainRows]) -> Counts:
    """Return how many rows have each n-gram, of shape (`NGRAMS`,)."""
    counts = np.zeros(NGRAMS, np.int32)
    for block in blocks:
        _, ngrams = distinct_ngrams(block.hashes, block.lengths)
        np.add.at(counts, ngrams, np.int32(1))  # a plain 1 takes ten times as long
    return counts


def _count_groups(ngrams: Ngrams, blocks: Iterable[TrainRows]) -> Counts:
    """Return how many rows of each fold and class have each of g n-grams; last, how many there are.

    The result has the shape (`FOLDS` * 2, g + 1).
    """
    counts = np.zeros((FOLDS * len(CLASSES), len(ngrams) + 1), np.int32)
    flat = counts.reshape(-1)
    for block in blocks:
        groups = block.folds * len(CLASSES) + block.labels
        counts[:, -1] += np.bincount(groups, minlength=len(counts)).astype(np.int32)
        rows, positions = _known(ngrams, block)
        np.add.at(flat, groups[rows] * (len(ngrams) + 1) + positions, np.int32(1))
    return counts


def _ratios(counts: Counts) -> Ratios:
    """Return the log-count ratios of g n-grams, 0 for those that fewer than two rows contain.

    counts: how many rows of each class contain it; last, how many there are; of shape (2, g + 1).
    """
    negative, positive = np.log((counts + _SMOOTHING) / (counts[:, -1:] + 2 * _SMOOTHING))[:, :-1]
    ratios: npt.NDArray[np.float64] = np.rint(RATIO_STEPS * (positive - negative))
    ratios[counts[:, :-1].sum(axis=0) < _MIN_REVIEWS] = 0
    limits = np.iinfo(np.int8)
    return ratios.clip(-limits.max, limits.max).astype(np.int8)


def _rows(ngrams: Ngrams, ratios: Ratios, block: TrainRows) -> NgramRows:
    """Return the n-grams of the rows that have a ratio in any table."""
    rows, positions = _known(ngrams, block)
    with_ratio = np.flatnonzero(ratios[:, positions].any(axis=0))
    rows, positions = rows[with_ratio], positions[with_ratio]
    by_row = np.argsort(rows, kind="stable")
    return NgramRows(
        positions=positions[by_row].astype(np.int32),
        lengths=np.bincount(rows, minlength=len(block.lengths)).astype(np.int32),
        labels=block.labels,
        is_used=block.folds != np.arange(len(ratios))[:, np.newaxis],
        numbers=np.stack(
            [
                np.bincount(rows, table[positions] != 0, len(block.lengths)).clip(1)
                for table in ratios
            ]
        ).astype(np.int32),
    )


def _known(ngrams: Ngrams, block: TrainRows) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the distinct n-grams of rows among known ones: their rows, and their positions."""
    rows, found = distinct_ngrams(block.hashes, block.lengths)
    positions = np.searchsorted(ngrams, found)
    is_known = np.append(ngrams, NGRAMS)[positions] == found
    return rows[is_known], positions[is_known]
