"""N-gram scores are those of a slow computation, one review and one n-gram at a time."""

from __future__ import annotations

import random

import numpy as np
import pytest

from processing.features.ngram_scores import SCORE_NAMES, NgramScorer, weighted_ngrams
from processing.features.ngram_weights import NgramWeights
from processing.features.ngrams import hashes_of
from processing.text.normalize import split_words
from tests.support.ngram_reference import Table, ngrams_of, number_of, scores_of, some_texts

TEXTS = list(some_texts(40).values())
SIZES = {"words": {1}, "pairs": {2}, "triples": {3}, "all": {1, 2, 3}}


def some_tables(count: int) -> tuple[NgramWeights, list[Table]]:
    """Random weights of half of the n-grams, of which some have no ratio in one table."""
    chance = random.Random(0)
    every = sorted(set[int]().union(*map(ngrams_of, TEXTS)))
    ngrams = sorted(chance.sample(every, len(every) // 2))
    tables = []
    for _ in range(count):
        ratios = {ngram: chance.choice((0, chance.randint(-127, 127))) for ngram in ngrams}
        kept = {ngram: ratio for ngram, ratio in ratios.items() if ratio}
        tables.append(Table(kept, {ngram: chance.randint(-4_000, 4_000) for ngram in kept}))
    return (
        NgramWeights(
            np.array(ngrams, np.uint32),
            np.array(
                [[table.ratios.get(ngram, 0) for ngram in ngrams] for table in tables], np.int8
            ),
            np.array(
                [[table.linear.get(ngram, 0) for ngram in ngrams] for table in tables], np.int16
            ),
        ),
        tables,
    )


def scored(texts: list[str], weights: NgramWeights, first_row: int = 0) -> list[list[float]]:
    words = [split_words(text) for text in texts]
    terms = sorted({word for of_text in words for word in of_text})
    ids = np.array([terms.index(word) for of_text in words for word in of_text], np.uint32)
    lengths = np.array([len(of_text) for of_text in words], np.int32)
    scorer = NgramScorer(hashes_of(terms), weights)
    scores: list[list[float]] = scorer.scores(ids, lengths, first_row).tolist()
    return scores


@pytest.mark.parametrize("count", [1, 5])
@pytest.mark.parametrize("first_row", [0, 3])
def test_a_row_is_scored_with_the_table_of_its_number(count: int, first_row: int) -> None:
    weights, tables = some_tables(count)
    expected = [
        scores_of(text, tables[(first_row + row) % count]) for row, text in enumerate(TEXTS)
    ]
    assert scored(TEXTS, weights, first_row) == expected
    assert len({tuple(row) for row in expected}) > 25


@pytest.mark.parametrize(
    "texts", [[], [""], ["", "zebra quagga zebra", ""]], ids=["none", "empty", "unknown words"]
)
def test_rows_without_known_ngrams_have_scores_of_0(texts: list[str]) -> None:
    weights, _ = some_tables(1)
    nothing = NgramWeights(np.array([], np.uint32), *np.zeros((2, 1, 0), np.int8))
    for each in (weights, nothing):
        assert scored(texts, each) == [[0.0] * 8] * len(texts)


def test_no_score_is_minus_0() -> None:
    words = [f"word{number}" for number in range(500)]
    ngrams = sorted(number_of([word]) for word in words)
    linear = [-1] + [0] * (len(ngrams) - 1)
    weights = NgramWeights(
        np.array(ngrams, np.uint32),
        np.ones((1, len(ngrams)), np.int8),
        np.array([linear], np.int16),
    )
    scores = np.array(scored([" ".join(words)], weights))
    assert scores[0, 4:].tolist() == [0.0] * 4, "a thousandth divided by the root of 500"
    assert not np.signbit(scores).any()


def test_columns_have_the_names_of_what_they_sum_up() -> None:
    kinds = ("log-count ratios", "linear model")
    assert [*SCORE_NAMES] == [f"{kind}, {name}" for kind in kinds for name in SIZES]


def test_weights_of_ngrams_explain_the_scores_of_the_linear_model() -> None:
    weights, (table,) = some_tables(1)
    for text in TEXTS:
        found = weighted_ngrams(split_words(text), weights)
        (row,) = scored([text], weights)
        scores = dict(zip(SCORE_NAMES, row, strict=True))
        number = max(1, len(ngrams_of(text) & table.ratios.keys()))
        for name, sizes in SIZES.items():
            total = sum(ngram.weight for ngram in found if ngram.size in sizes)
            assert scores[f"linear model, {name}"] == pytest.approx(total / number**0.5, abs=6e-5)


def test_each_ngram_of_a_text_is_listed_once_in_reading_order() -> None:
    text = "not bad not bad"
    ngrams = sorted(ngrams_of(text))
    linear = [0 if ngram == number_of(["bad", "not"]) else 1_536 for ngram in ngrams]
    weights = NgramWeights(
        np.array(ngrams, np.uint32),
        np.ones((1, len(ngrams)), np.int8),
        np.array([linear], np.int16),
    )
    found = weighted_ngrams(text.split(), weights)
    assert [(ngram.size, ngram.text) for ngram in found] == [
        *[(1, "not"), (1, "bad"), (2, "not bad")],
        *[(3, "not bad not"), (3, "bad not bad")],
    ]
    assert {ngram.weight for ngram in found} == {1.5}
    assert weighted_ngrams([], weights) == []
