"""Bags: reviews as a sparse matrix of counts, and as the evidence of their n-grams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from processing.corpus.corpus import Corpus, Counts
from processing.corpus.token_ids import Runs
from processing.feature_sets import Recipe
from processing.features.ngram_scores import (
    FOLDS,
    Evidence,
    Weights,
    learn,
)
from processing.features.ngram_scores import Columns as EvidenceColumns
from processing.features.ngrams import hashes_of
from processing.features.splits import Rows
from processing.features.vocabulary import (
    UNKNOWN,
    Columns,
    Vocabulary,
    columns_of,
)
from processing.worker_pool import WorkerPool


@dataclass(frozen=True)
class Bag:
    """r reviews as a sparse matrix of counts with v columns, row by row.

    columns, counts: the entries of all rows, ascending by column within a row.
    ends: where each row's entries end, of shape (r,).
    evidence: the columns that stand behind the v others, of shape (r, 6), or none.
    """

    columns: npt.NDArray[np.int32]
    counts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    width: int
    evidence: EvidenceColumns | None = None


@dataclass(frozen=True)
class Encoding:
    """How reviews of a corpus of w words become bags.

    columns: the column of each word, or `UNKNOWN`; of shape (w,).
    width: the number v of columns.
    binary: whether a term counts once, however often it occurs.
    evidence: what n-grams are weighed with, if they are.
    """

    columns: Columns
    width: int
    binary: bool = False
    evidence: Evidence | None = None


@dataclass(frozen=True)
class Encodings:
    """How the rows of the train split become bags, in their order; and how all others do."""

    train: Encoding
    others: Encoding

    @property
    def weights(self) -> Weights | None:
        """The weights of n-grams in ``others``, of shape (3, `BUCKETS`), if there are any."""
        return self.others.evidence.weights[0] if self.others.evidence else None


def training_encodings(
    corpus: Corpus, vocabulary: Vocabulary, recipe: Recipe, train: Rows, pool: WorkerPool
) -> Encodings:
    """What the recipe makes of a corpus with a vocabulary; ``train`` are the train split's rows."""
    plain = Encoding(vocabulary.columns, len(vocabulary), recipe.binary)
    if not recipe.evidence:
        return Encodings(plain, plain)
    hashes = hashes_of(corpus.terms)[corpus.term_of_word]
    weights = learn(corpus.runs.of(train), corpus.labels[train], hashes, pool)
    return Encodings(
        replace(plain, evidence=Evidence(hashes, weights[:FOLDS])),
        replace(plain, evidence=Evidence(hashes, weights[FOLDS:])),
    )


def scoring_encoding(
    corpus: Corpus, recipe: Recipe, terms: Sequence[str], weights: Weights | None
) -> Encoding:
    """How a corpus of new text becomes bags, with what ``vocabulary`` was written in training.

    terms: those of ``vocabulary.json``. weights: those of ``evidence.npy``, if the recipe has any.
    """
    plain = Encoding(columns_of(corpus, terms), len(terms), recipe.binary)
    if weights is None:
        return plain
    hashes = hashes_of(corpus.terms)[corpus.term_of_word]
    return replace(plain, evidence=Evidence(hashes, weights[np.newaxis]))


def bag_of(runs: Runs, encoding: Encoding, first: int = 0) -> tuple[Bag, Counts]:
    """The bag of r reviews, and how many words of each one are known, of shape (r,).

    first: the number of the first review's row in its split.
    """
    ids = runs.read()
    evidence = None
    if encoding.evidence:
        evidence = encoding.evidence.columns(ids, runs.lengths, first)
    width = encoding.width
    cells = encoding.columns[ids]
    known = cells != UNKNOWN
    rows = np.arange(len(runs.lengths), dtype=np.int32)
    cells += np.repeat(rows * np.int32(width), runs.lengths)
    cells, counts = np.unique(cells[known], return_counts=True)
    ends = np.searchsorted(cells, (rows + 1) * width)
    totals = np.append(0, np.cumsum(counts))[np.append(0, ends)]
    if encoding.binary:
        counts = np.ones_like(counts)
    return Bag(cells % width, counts, ends, width, evidence), np.diff(totals)
