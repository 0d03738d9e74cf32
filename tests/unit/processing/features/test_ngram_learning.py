"""Weights of n-grams are learned as by a slow computation, out of fold and from all rows."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pytest

from processing.features.ngram_learning import learn_weights
from processing.features.ngram_weights import NgramWeights
from processing.features.train_rows import FOLDS
from tests.support.listed_blocks import blocks_of
from tests.support.ngram_reference import Table, ngrams_of, number_of, some_texts, table_of

TEXTS = list(some_texts(60).values())
LABELS = [int("good" in text) ^ (number % 5 == 0) for number, text in enumerate(TEXTS)]


def learned(texts: Sequence[str], labels: Sequence[int], rows_at_a_time: int = 7) -> NgramWeights:
    return learn_weights(blocks_of(texts, labels, rows_at_a_time))


def tables_in(weights: NgramWeights) -> list[Table]:
    """The tables without n-grams that have no ratio."""
    assert len(weights.ratios) == FOLDS + 1
    tables = []
    for ratios, linear in zip(weights.ratios, weights.linear, strict=True):
        kept = ratios != 0
        assert not linear[~kept].any()
        ngrams = weights.ngrams[kept].tolist()
        tables.append(
            Table(
                dict(zip(ngrams, ratios[kept].tolist(), strict=True)),
                dict(zip(ngrams, linear[kept].tolist(), strict=True)),
            )
        )
    return tables


def expected(texts: Sequence[str], labels: Sequence[int]) -> list[Table]:
    rows = [(ngrams_of(text), label) for text, label in zip(texts, labels, strict=True)]
    return [
        table_of([row for number, row in enumerate(rows) if number % FOLDS != fold])
        for fold in range(FOLDS + 1)
    ]


def test_each_fold_and_the_whole_split_have_their_own_weights() -> None:
    weights = learned(TEXTS, LABELS)
    assert tables_in(weights) == expected(TEXTS, LABELS)
    assert len({table.tobytes() for table in weights.linear}) == FOLDS + 1


@pytest.mark.parametrize("labels", [0, 1])
def test_one_class_has_no_weights(labels: int) -> None:
    weights = learned(TEXTS, [labels] * len(TEXTS))
    assert tables_in(weights) == expected(TEXTS, [labels] * len(TEXTS))


def test_a_fold_may_have_all_rows_of_a_class() -> None:
    labels = [int(number % FOLDS == 2) for number in range(len(TEXTS))]
    assert tables_in(learned(TEXTS, labels)) == expected(TEXTS, labels)


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param([], id="no rows"),
        pytest.param(["", "!", ""], id="no words"),
        pytest.param(["a b", "c d e", "f", ""], id="nothing twice"),
        pytest.param(["good"], id="one row"),
    ],
)
def test_rows_that_share_no_ngram_have_no_weights(texts: list[str]) -> None:
    weights = learned(texts, [number % 2 for number in range(len(texts))])
    assert weights.ngrams.tolist() == []
    assert weights.ratios.shape == weights.linear.shape == (FOLDS + 1, 0)


def test_an_ngram_of_one_review_has_no_weight() -> None:
    weights = learned(["good film"] * 6 + ["bad film", "bad plot"], [1] * 6 + [0] * 2)
    assert number_of(["bad"]) in weights.ngrams
    assert number_of(["plot"]) not in weights.ngrams


@pytest.mark.parametrize("row", [3, 4])
def test_no_label_affects_the_table_that_its_own_row_is_scored_with(row: int) -> None:
    before = learned(TEXTS, LABELS)
    changed = LABELS.copy()
    changed[row] = 1 - changed[row]
    after = learned(TEXTS, changed)
    for name in ("ratios", "linear"):
        old, new = getattr(before, name), getattr(after, name)
        assert [fold for fold in range(FOLDS + 1) if (old[fold] == new[fold]).all()] == [
            row % FOLDS
        ]


@pytest.mark.parametrize("rows_at_a_time", [1, 5, 1_000])
def test_blocks_dont_change_a_weight(rows_at_a_time: int) -> None:
    one, other = learned(TEXTS, LABELS), learned(TEXTS, LABELS, rows_at_a_time)
    for name in ("ngrams", "ratios", "linear"):
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes()


def test_a_ratio_is_limited_to_what_a_byte_can_hold() -> None:
    texts = [("bad", "good")[number % 2] for number in range(9_000)]
    weights = learned(texts, [number % 2 for number in range(9_000)], 1_000)
    of_word = {
        word: weights.ratios[FOLDS, np.searchsorted(weights.ngrams, number_of([word]))]
        for word in ("bad", "good")
    }
    assert of_word == {"bad": -127, "good": 127}


def test_order_of_rows_within_a_fold_changes_no_weight() -> None:
    order = [*range(len(TEXTS))]
    for fold in range(FOLDS):
        order[fold::FOLDS] = random.Random(fold).sample(order[fold::FOLDS], len(order[fold::FOLDS]))
    weights = learned([TEXTS[row] for row in order], [LABELS[row] for row in order])
    assert tables_in(weights) == expected(TEXTS, LABELS)
