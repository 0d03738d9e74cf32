"""The linear model is that of a slow training, and separates classes as scikit-learn's does."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest
from sklearn.svm import LinearSVC

from processing.features.linear_model import NgramRows, train
from processing.features.ngram_weights import Ratios
from processing.features.train_rows import Blocks
from tests.support.listed_blocks import ListedBlocks
from tests.support.ngram_reference import LinearModel, Row, ratios_of

NGRAMS = 40


def some_rows(count: int, seed: int = 0) -> list[Row]:
    """N-grams below 20 are more frequent in the one class, the others in the other one."""
    chance = random.Random(seed)
    rows = []
    for _ in range(count):
        label = chance.randrange(2)
        odds = [3 if (ngram < NGRAMS // 2) == bool(label) else 2 for ngram in range(NGRAMS)]
        rows.append(({*chance.choices(range(NGRAMS), odds, k=chance.randrange(13))}, label))
    return rows


def blocks_of(
    rows: Sequence[Row], ratios: Ratios, is_used: npt.NDArray[np.bool_], size: int = 9
) -> Blocks[NgramRows]:
    return ListedBlocks(
        block_of(rows[start : start + size], ratios, is_used[:, start : start + size])
        for start in range(0, len(rows), size)
    )


def block_of(rows: Sequence[Row], ratios: Ratios, is_used: npt.NDArray[np.bool_]) -> NgramRows:
    found = [sorted(ngrams) for ngrams, _ in rows]
    numbers = [[max(1, np.count_nonzero(table[of_row])) for of_row in found] for table in ratios]
    return NgramRows(
        positions=np.array([ngram for of_row in found for ngram in of_row], np.int32),
        lengths=np.array([len(of_row) for of_row in found], np.int32),
        labels=np.array([label for _, label in rows], np.uint8),
        is_used=is_used,
        numbers=np.array(numbers, np.int32),
    )


def table(rows: Sequence[Row]) -> list[int]:
    ratios = ratios_of(rows)
    return [ratios.get(ngram, 0) for ngram in range(NGRAMS)]


def trained(rows: Sequence[Row], size: int = 9) -> list[int]:
    """The weights in a table of all rows."""
    ratios = np.array([table(rows)], np.int8)
    (weights,) = train(blocks_of(rows, ratios, np.ones((1, len(rows)), bool), size), ratios)
    found: list[int] = weights.tolist()
    return found


def expected(rows: Sequence[Row]) -> list[int]:
    weights = LinearModel(rows, ratios_of(rows)).train()
    return [weights.get(ngram, 0) for ngram in range(NGRAMS)]


@pytest.mark.parametrize("seed", range(3))
def test_weights_of_each_table_are_those_of_a_slow_training_without_unused_rows(seed: int) -> None:
    rows = some_rows(150, seed)
    used = [[number % 3 != fold for number in range(len(rows))] for fold in range(3)]
    parts = [[row for row, kept in zip(rows, some, strict=True) if kept] for some in used]
    ratios = np.array([table(part) for part in parts], np.int8)
    weights = train(blocks_of(rows, ratios, np.array(used)), ratios)
    assert weights.dtype == np.int16
    assert weights.tolist() == [expected(part) for part in parts]
    assert np.count_nonzero(weights) > 2 * NGRAMS


@pytest.mark.parametrize("size", [1, 4, 1_000])
def test_blocks_dont_change_a_weight(size: int) -> None:
    rows = some_rows(100)
    assert trained(rows, size) == trained(rows) != [0] * NGRAMS


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([], id="no rows"),
        pytest.param([(set(), 1), (set(), 0)], id="no n-grams"),
        pytest.param([({1}, 1), ({2}, 0)], id="nothing twice"),
        pytest.param([({1}, 1), ({1}, 0)], id="no ratio"),
        pytest.param([({1, 2}, 1)] * 9, id="one class"),
        pytest.param([({1, 2}, 1), ({1, 2}, 1), (set(), 0), ({3}, 0)], id="one n-gram of a class"),
    ],
)
def test_small_sets_have_the_weights_of_a_slow_training(rows: list[Row]) -> None:
    assert trained(rows) == expected(rows)


def test_a_table_without_rows_or_ratios_leaves_the_others_as_they_are() -> None:
    rows = some_rows(60)
    ratios = np.array([table(rows), table(rows), [0] * NGRAMS], np.int8)
    used = np.array([[True], [False], [True]]).repeat(len(rows), axis=1)
    weights = train(blocks_of(rows, ratios, used), ratios)
    assert weights.tolist() == [trained(rows), [0] * NGRAMS, [0] * NGRAMS]


def test_no_ngram_at_all_has_weights_of_that_shape() -> None:
    ratios = np.zeros((6, 0), np.int8)
    rows: list[Row] = [(set(), 1), (set(), 0)]
    assert train(blocks_of(rows, ratios, np.ones((6, 2), bool)), ratios).shape == (6, 0)


def test_weights_agree_with_those_of_scikit_learn() -> None:
    rows, others = some_rows(400), some_rows(2_000, seed=1)
    ratios = np.array(table(rows)) / 16

    def matrix(some: Sequence[Row]) -> npt.NDArray[np.float64]:
        found = np.array([[ngram in ngrams for ngram in range(NGRAMS)] for ngrams, _ in some])
        numbers = np.count_nonzero(found & (ratios != 0), axis=1)[:, np.newaxis].clip(1)
        rows: npt.NDArray[np.float64] = found / np.sqrt(numbers)
        return rows

    def labels(some: Sequence[Row]) -> npt.NDArray[np.int64]:
        return np.array([label for _, label in some])

    exact = LinearSVC(C=1e4, fit_intercept=False, dual=False).fit(
        matrix(rows) * ratios, labels(rows)
    )
    weights = np.array(trained(rows)) / 1024
    known = exact.coef_[0] * ratios
    assert np.corrcoef(weights, known)[0, 1] > 0.98
    found = [
        np.mean((matrix(others) @ each > 0) == labels(others)) for each in (weights, known, ratios)
    ]
    assert found[0] > found[1] - 0.01
