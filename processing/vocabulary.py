"""The bag's vocabulary: the most frequent stems of the training half.

As scikit-learn's ``CountVectorizer(max_features=size)``: ranked by how often a stem occurs (not in
how many reviews), columns in alphabetical order. Unlike it, a tie at the cut goes to the stem that
comes first alphabetically: CountVectorizer leaves it to an unstable sort, whose choice changes
with the processor (measured: 6 of 5,000 stems differ with and without AVX2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from processing.corpus import STOP_WORD, Corpus
from processing.errors import DataError
from processing.text import PREPROCESSING_VERSION

UNKNOWN = -1
"""The column of a stem that the vocabulary leaves out."""

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Vocabulary:
    """The v stems that are features, in column order (alphabetical).

    term_counts: occurrences of each stem in the training half, int64 of shape (v,).
    columns: the column of each stem id of the corpus, or `UNKNOWN`; int32.
    """

    stems: list[str]
    term_counts: Counts
    columns: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.stems)


def fit(corpus: Corpus, size: int) -> Vocabulary:
    """The ``size`` most frequent stems of the corpus's training half, or all if there are fewer.

    Raises DataError if the training half holds no word but stop words.
    """
    counts = _term_counts(corpus)
    seen = [identity for identity in np.flatnonzero(counts).tolist() if identity != STOP_WORD]
    if not seen:
        raise DataError("the training reviews hold no word but stop words; check their encoding")
    ranked = sorted(seen, key=lambda identity: (-counts[identity], corpus.stems[identity]))
    chosen = sorted(ranked[:size], key=corpus.stems.__getitem__)
    columns = np.full(len(corpus.stems), UNKNOWN, dtype=np.int32)
    columns[chosen] = np.arange(len(chosen), dtype=np.int32)
    return Vocabulary([corpus.stems[identity] for identity in chosen], counts[chosen], columns)


def as_json(vocabulary: Vocabulary, document_counts: Counts, documents: int) -> dict[str, Any]:
    """What ``vocabulary.json`` holds: all that scoring new text later needs.

    document_counts: in how many of the training half's ``documents`` reviews each stem occurs,
    of shape (v,).
    """
    return {
        "document_counts": document_counts.tolist(),
        "documents": documents,
        "preprocessing_version": PREPROCESSING_VERSION,
        "stems": vocabulary.stems,
        "term_counts": vocabulary.term_counts.tolist(),
    }


def _term_counts(corpus: Corpus) -> Counts:
    """How often each stem id occurs in the training half, a block of reviews at a time."""
    counts = np.zeros(len(corpus.stems), dtype=np.int64)
    starts = np.concatenate(([0], corpus.ends[:-1]))
    edges = np.flatnonzero(np.diff(corpus.in_train_half, prepend=False, append=False))
    # edges come in pairs: where a stretch of training reviews begins, and where it is over
    for first, last in zip(edges[::2], edges[1::2]):
        for begin in range(starts[first], corpus.ends[last - 1], 1 << 20):
            block = corpus.ids[begin : min(begin + (1 << 20), corpus.ends[last - 1])]
            counts += np.bincount(block, minlength=len(counts))
    return counts
