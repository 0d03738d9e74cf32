"""Tokenizer: batches of reviews become batches of tokens; runs in the workers."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from processing.corpus.token_ids import Lengths, Offsets, TokenIds
from processing.corpus.token_index import TokenIndex
from processing.dataset.given_splits import SPLITS
from processing.dataset.hashing import text_digest
from processing.dataset.reviews import (
    Batch,
    Skipped,
    Unusable,
    labelled_text,
    usable_text,
)
from processing.errors import printable
from processing.text.normalize import TermFunction, normalize

MAX_WORDS = 110_000
"""Words that a tokenizer remembers; the original archive has 103,435."""

_LETTERS = 20
"""Mean length of the words up to which a tokenizer remembers all of them."""


@dataclass(frozen=True)
class TokenizedBatch:
    """The n reviews of a batch that are kept, as tokens.

    terms: the distinct terms of the batch, joined by spaces; one string is cheaper to pass between
        processes than a list.
    tokens: the position among the terms of each token, one review after the other.
    lengths: how many tokens each review has, of shape (n,).
    labels: each review's label, as in the data.
    splits: the position of each review's split in `processing.dataset.given_splits.SPLITS`.
    unusable: the positions of reviews that are kept although they have no usable text.
    sampled: the terms and words (`TokenIndex.terms_and_words`) of each sampled review.
    names, digests, skipped: as in `processing.corpus.corpus.Corpus`.
    """

    terms: str
    tokens: TokenIds
    lengths: Lengths
    names: list[str]
    labels: list[str]
    splits: npt.NDArray[np.uint8]
    digests: npt.NDArray[np.uint64]
    skipped: list[Skipped]
    unusable: list[int]
    sampled: list[str]


class Tokenizer:
    """Turns batches of reviews into tokens, and remembers the terms of words between batches.

    term: makes terms of words (`processing.feature_sets`).
    keep_unusable: whether a review without a usable text is kept, without tokens.
    max_words: when more words are remembered after a batch, or very long ones, all are forgotten,
        so that memory doesn't grow with the number of reviews.
    sampled_below: reviews whose digest is less are sampled.
    """

    def __init__(
        self,
        term: TermFunction,
        *,
        keep_unusable: bool = False,
        max_words: int = MAX_WORDS,
        sampled_below: int = 0,
    ) -> None:
        self._term = term
        self._sampled_below = sampled_below
        self._keep_unusable = keep_unusable
        self._max_words = max_words
        self._index = TokenIndex(term)

    def __call__(self, batch: Batch) -> TokenizedBatch:
        """Return the tokens of a batch."""
        if max(len(self._index), self._index.letters // _LETTERS) > self._max_words:
            self._index = TokenIndex(self._term)
        kept = _keep(batch, self._keep_unusable)
        texts = [normalize(text) for text in kept.texts]
        digests = [text_digest(text) for text in kept.texts]
        terms, tokens, lengths = self._tokenize(texts)
        return TokenizedBatch(
            terms=terms,
            tokens=tokens,
            lengths=lengths,
            names=kept.names,
            labels=kept.labels,
            splits=np.array([SPLITS.index(split) for split in kept.splits], np.uint8),
            digests=np.array(digests, np.uint64),
            skipped=kept.skipped,
            unusable=kept.unusable,
            sampled=[
                self._index.terms_and_words(text)
                for text, digest in zip(texts, digests)
                if digest < self._sampled_below
            ],
        )

    def _tokenize(self, texts: list[str]) -> tuple[str, TokenIds, Lengths]:
        """Return the distinct terms of normalized texts, the tokens, and their number by text."""
        ids, starts = self._index.read(" ".join(texts))
        ends = np.cumsum(np.array([len(text) + 1 for text in texts], np.int64))
        lengths = np.diff(np.searchsorted(starts, ends), prepend=0).astype(np.int32)
        terms = self._index.terms
        distinct, tokens = _unique_inverse(ids, len(terms))
        return " ".join([terms[id_] for id_ in distinct.tolist()]), tokens, lengths


def _unique_inverse(ids: TokenIds, count: int) -> tuple[Offsets, TokenIds]:
    """Return the distinct ids, ascending, and the position of each id among them.

    The same as ``np.unique(ids, return_inverse=True)`` for ids below ``count``, without sorting.
    """
    distinct = np.flatnonzero(np.bincount(ids, minlength=count))
    position = np.zeros(count, np.uint32)
    position[distinct] = np.arange(len(distinct))
    return distinct, position[ids]


@dataclass(frozen=True)
class _Kept:
    """The reviews of a batch that are kept, and those that can't be used."""

    names: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    splits: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    unusable: list[int] = field(default_factory=list)


def _keep(batch: Batch, keep_unusable: bool) -> _Kept:
    kept = _Kept()
    for name, stored, label, split in zip(batch.names, batch.texts, batch.labels, batch.splits):
        text = usable_text(stored) if keep_unusable else labelled_text(stored, label)
        if isinstance(text, Unusable):
            kept.skipped.append(Skipped(printable(name), text.reason))
            if not keep_unusable:
                continue
            kept.unusable.append(len(kept.names))
            text = ""
        kept.names.append(name)
        kept.texts.append(text)
        kept.labels.append(label)
        kept.splits.append(split)
    return kept
