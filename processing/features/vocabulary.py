"""The bag's vocabulary: the most frequent terms (stems, or words) of the training half.

As scikit-learn's ``CountVectorizer(max_features=size)``: ranked by how often a term occurs (not in
how many reviews), columns in alphabetical order. Unlike it, a tie at the cut goes to the term that
comes first alphabetically: CountVectorizer leaves it to an unstable sort, whose choice changes
with the processor (measured: 6 of 5,000 stems differ with and without AVX2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from processing.corpus.corpus import Corpus, Counts
from processing.errors import DataError
from processing.feature_sets import Recipe

UNKNOWN = -1
"""The column of a word whose term the vocabulary leaves out."""

Columns = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Vocabulary:
    """The v terms that are features, in column order (alphabetical).

    term_counts: occurrences of each term in the training half, int64 of shape (v,).
    columns: the column of each of the corpus's words, or `UNKNOWN`; int32 of shape (w,).
    """

    terms: list[str]
    term_counts: Counts
    columns: Columns

    def __len__(self) -> int:
        return len(self.terms)


def fit(corpus: Corpus, size: int) -> Vocabulary:
    """The ``size`` most frequent terms of the corpus's training half, or all if there are fewer.

    Raises DataError if the training half holds no word but stop words.
    """
    terms, counts = corpus.terms, corpus.training_counts
    if not counts.any():
        raise no_words()
    # Sorting 5,000 of 73,000 stems: those that occur as often as the last one chosen, or more.
    least = max(1, np.sort(counts)[-size:][0])
    candidates = np.flatnonzero(counts >= least).tolist()
    ranked = sorted(candidates, key=lambda identity: (-counts[identity], terms[identity]))
    chosen = sorted(ranked[:size], key=terms.__getitem__)
    column_of_term = np.full(len(terms), UNKNOWN, dtype=np.int32)
    column_of_term[chosen] = np.arange(len(chosen), dtype=np.int32)
    return Vocabulary(
        [terms[identity] for identity in chosen],
        counts[chosen],
        column_of_term[corpus.term_of_word],
    )


def columns_of(corpus: Corpus, terms: Sequence[str]) -> Columns:
    """The column of each word of a corpus in a vocabulary of these terms, or `UNKNOWN`.

    For new text: ``terms`` are those of the ``vocabulary.json`` that a model was trained with.
    """
    column = {term: number for number, term in enumerate(terms)}
    columns = (column.get(term, UNKNOWN) for term in corpus.terms)
    return np.fromiter(columns, np.int32, len(corpus.terms))[corpus.term_of_word]


def no_words() -> DataError:
    """What is said of a training half without a single term."""
    return DataError("the training reviews hold no word but stop words; check their encoding")


def as_json(
    recipe: Recipe,
    *,
    feature_format: str,
    labels: Sequence[str],
    terms: list[str],
    term_counts: list[int],
    document_counts: list[int],
    documents: int,
) -> dict[str, Any]:
    """What ``vocabulary.json`` holds: all that scoring new text later needs.

    ``labels`` are the names of class 0 and class 1. The counts, one for each term, tell how often
    it occurs in the training half, and in how many of its ``documents`` reviews.
    """
    return {
        "document_counts": document_counts,
        "documents": documents,
        "feature_format": feature_format,
        "features": recipe.features,
        "labels": [*labels],
        "preprocessing_version": recipe.version,
        "term_counts": term_counts,
        "terms": terms,
    }
