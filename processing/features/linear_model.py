"""A linear model of n-grams, whose weights are the same on any machine and any engine.

The score of a review is the sum of the weights of its distinct n-grams with a log-count ratio other
than 0, divided by the square root of their number. Training minimizes the squared hinge loss. The
weight of an n-gram is scaled by that ratio (NB-SVM; Wang and Manning, 2012), so that n-grams
without a tendency keep a weight near 0. There is no penalty: training stops after `PASSES` passes
over the rows.

Each pass is a step of accelerated gradient descent (Nesterov, 1983). Its gradient is a sum over all
rows of integers, which is exact in any order. Everything else works on each row or each n-gram
alone, by operations that IEEE 754 rounds exactly: no dot products, exponentials or random numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from math import sqrt

import numpy as np
import numpy.typing as npt

from processing.corpus.token_ids import Lengths
from processing.features.ngram_weights import RATIO_STEPS, WEIGHT_STEPS, LinearWeights, Ratios
from processing.features.splits import Labels
from processing.features.train_rows import Blocks
from processing.progress import Progress

PASSES = 40

# Enough for 0.99 to 1.10 times the largest curvature, for 20 to 20,000 reviews.
_PASSES_FOR_THE_STEP = 4
_TABLE_STEPS = 1 << 20  # of a weight in one unit, during training
_ROW_STEPS = 1 << 24  # of a row's part of the gradient in one unit

Sums = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class NgramRows:
    """The distinct n-grams of r rows of train that have a ratio in any of k tables.

    positions: of the n-grams in the tables, one row after the other. lengths: how many each row
        has, of shape (r,). labels: of shape (r,).
    is_used: whether a table is trained with a row, of shape (k, r).
    numbers: of a row's n-grams with a ratio in a table, of shape (k, r).
    """

    positions: npt.NDArray[np.int32]
    lengths: Lengths
    labels: Labels
    is_used: npt.NDArray[np.bool_]
    numbers: npt.NDArray[np.int32]


def train(blocks: Blocks[NgramRows], ratios: Ratios) -> LinearWeights:
    """Return the weights of g n-grams in k tables, of shape (k, g), in steps of 1/1024.

    ratios: their log-count ratios, of shape (k, g), in steps of 1/16.
    """
    rates = np.square(ratios / RATIO_STEPS)
    steps = rates / _curvatures(blocks, ratios, rates)[:, np.newaxis]
    weights = np.zeros(ratios.shape)
    ahead, momentum = weights, 1.0
    progress = Progress(lambda done, _: f"trained {done} of {PASSES} passes")
    for number in range(1, PASSES + 1):
        moved = ahead + steps * _gradient(blocks, ahead, is_hinge=True)
        following = (1 + sqrt(1 + 4 * momentum * momentum)) / 2
        ahead = moved + (momentum - 1) / following * (moved - weights)
        weights, momentum = moved, following
        progress.update(number)
    limits = np.iinfo(np.int16)
    return np.rint(WEIGHT_STEPS * weights).clip(-limits.max, limits.max).astype(np.int16)


def _curvatures(blocks: Blocks[NgramRows], ratios: Ratios, rates: Numbers) -> Numbers:
    """Return the largest curvature of the loss of each table, of shape (k,), by power iteration."""
    direction = _unit(np.abs(ratios.astype(np.float64)))
    curvatures = np.ones(len(ratios))
    for _ in range(_PASSES_FOR_THE_STEP):
        product = rates * _gradient(blocks, direction, is_hinge=False)
        curvatures, direction = np.abs(product).max(axis=1, initial=0.0), _unit(product)
    return np.where(curvatures > 0, curvatures, 1.0)


def _unit(rows: Numbers) -> Numbers:
    """Divide each row by its largest absolute value."""
    largest = np.abs(rows).max(axis=1, keepdims=True, initial=0.0)
    return rows / np.where(largest > 0, largest, 1.0)


def _gradient(blocks: Blocks[NgramRows], weights: Numbers, *, is_hinge: bool) -> Numbers:
    tables = np.rint(_TABLE_STEPS * weights).astype(np.int32)
    return blocks.sum(partial(_sums, tables, is_hinge)) / _ROW_STEPS


def _sums(tables: npt.NDArray[np.int32], is_hinge: bool, blocks: Iterable[NgramRows]) -> Sums:
    """Return the sums over the rows of each n-gram's part, for each table, of the tables' shape."""
    sums = np.zeros(tables.shape, np.int64)
    for block in blocks:
        ends = np.cumsum(block.lengths)
        filled = np.flatnonzero(block.lengths)
        starts = (ends - block.lengths)[filled]
        signs = 2.0 * block.labels[filled] - 1
        for table, of_table, is_used, numbers in zip(tables, sums, block.is_used, block.numbers):
            totals = np.add.reduceat(table.take(block.positions), starts, dtype=np.int64)
            roots = np.sqrt(numbers[filled])
            scores = totals / _TABLE_STEPS / roots
            parts = signs * np.maximum(1 - signs * scores, 0) if is_hinge else scores
            parts = np.rint(_ROW_STEPS * (parts / roots)) * is_used[filled]
            np.add.at(
                of_table, block.positions, np.repeat(parts.astype(np.int64), block.lengths[filled])
            )
    return sums
