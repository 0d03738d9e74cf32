"""Bag of words: reviews as a sparse count matrix, with the scores of their n-grams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from processing.corpus.corpus import Corpus, Counts
from processing.corpus.token_ids import Lengths, Offsets, ReviewTokens, TokenIds
from processing.feature_sets import FeatureSet
from processing.features.ngram_learning import learn_weights
from processing.features.ngram_scores import NgramScorer, NgramScores
from processing.features.ngram_weights import NgramWeights
from processing.features.ngrams import hashes_of
from processing.features.splits import Rows
from processing.features.train_rows import pooled_blocks
from processing.features.vocabulary import NO_COLUMN, TermColumns, Vocabulary, columns_of
from processing.worker_pool import WorkerPool


@dataclass(frozen=True)
class BagOfWords:
    """r reviews as a sparse matrix (CSR) of counts with v columns, and their n-gram scores.

    columns, counts: the entries of all rows, row by row, ascending by column within a row.
    offsets: where the entries of each row begin and, last, where all end; of shape (r + 1,).
    width: the number v of columns.
    ngram_scores: the columns after those, of shape (r, 8), if the feature set has them.
    """

    columns: npt.NDArray[np.int32]
    counts: Counts
    offsets: Offsets
    width: int
    ngram_scores: NgramScores | None = None

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.offsets) - 1


@dataclass(frozen=True)
class Encoder:
    """Turns the reviews of a corpus with t terms into a count matrix.

    columns: the column of each term, or `NO_COLUMN`; of shape (t,).
    width: the number of columns.
    binary: whether a term counts once, however often it occurs.
    scorer: scores n-grams, if the feature set has their scores.
    """

    columns: TermColumns
    width: int
    binary: bool = False
    scorer: NgramScorer | None = None

    def encode(self, reviews: ReviewTokens, first_row: int = 0) -> tuple[BagOfWords, Counts]:
        """Return the bag of r reviews, and how many tokens of each are in the vocabulary.

        first_row: the number of the first review's row in its split.
        """
        return self.encode_tokens(reviews.read(), reviews.lengths, first_row)

    def encode_tokens(
        self, ids: TokenIds, lengths: Lengths, first_row: int = 0
    ) -> tuple[BagOfWords, Counts]:
        """Return the same for tokens in memory, one review after the other.

        lengths: how many tokens each review has, of shape (r,).
        """
        scores = self.scorer.scores(ids, lengths, first_row) if self.scorer else None
        # An entry's cell is its position in the dense matrix.
        cells = self.columns[ids]
        known = cells != NO_COLUMN
        rows = np.arange(len(lengths), dtype=np.int32)
        cells += np.repeat(rows * np.int32(self.width), lengths)
        cells, counts = np.unique(cells[known], return_counts=True)
        offsets = np.searchsorted(cells, np.arange(len(lengths) + 1) * self.width)
        known_tokens = np.diff(np.append(0, np.cumsum(counts))[offsets])
        if self.binary:
            counts = np.ones_like(counts)
        return BagOfWords(cells % self.width, counts, offsets, self.width, scores), known_tokens


@dataclass(frozen=True)
class TrainingEncoders:
    """Encoders of the rows of the train split, in their order, and of all other rows."""

    train: Encoder
    others: Encoder

    @property
    def weights(self) -> NgramWeights | None:
        """The weights of n-grams for new text, in one table, if there are any."""
        return self.others.scorer.weights if self.others.scorer else None


def training_encoders(
    corpus: Corpus, vocabulary: Vocabulary, feature_set: FeatureSet, train: Rows, pool: WorkerPool
) -> TrainingEncoders:
    """Return the encoders for a training; ``train`` are the rows of the train split."""
    counting = Encoder(vocabulary.columns, len(vocabulary), feature_set.binary)
    if not feature_set.ngram_scores:
        return TrainingEncoders(counting, counting)
    hashes = hashes_of(corpus.terms)
    reviews, labels = corpus.tokens.select(train), corpus.labels[train]
    weights = learn_weights(pooled_blocks(reviews, labels, hashes, pool))
    return TrainingEncoders(
        replace(counting, scorer=NgramScorer(hashes, weights.of_folds)),
        replace(counting, scorer=NgramScorer(hashes, weights.of_all)),
    )


class TextEncoders:
    """Encoders for reviews with any terms, by what was learned from the train split.

    terms: those of the vocabulary. weights: those of the n-grams, if the feature set has any: one
        table, or k tables for the rows of train (`NgramScorer`).
    """

    def __init__(
        self, feature_set: FeatureSet, terms: Sequence[str], weights: NgramWeights | None
    ) -> None:
        self._binary = feature_set.binary
        self._numbers = {term: number for number, term in enumerate(terms)}
        self._weights = weights

    def of(self, terms: Sequence[str]) -> Encoder:
        """Return the encoder for tokens of these terms."""
        columns, width = columns_of(terms, self._numbers), len(self._numbers)
        counting = Encoder(columns, width, self._binary)
        if self._weights is None:
            return counting
        return replace(counting, scorer=NgramScorer(hashes_of(terms), self._weights))
