"""Batches of reviews as ids of their words: what the members of a team do with the archive."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from processing.ids import Lengths, WordIds
from processing.lexicon import Lexicon
from processing.reviews import Batch, Review, Skipped, review
from processing.stopwords import ENGLISH
from processing.text import letters_and_digits, strip_html

_MOST_WORDS = 80_000  # each of two members meets 77,722 in the original archive


@dataclass(frozen=True)
class Indexed:
    """A batch, n reviews of which can be used, as the ids that one process gives to words.

    process: whose ids they are.
    told: how many of its ids it has told the words of before.
    new_words: the words of the ids from there on.
    ids: the ids of all reviews, one after the other, without the dropped words.
    lengths: how many of them each review has, of shape (n,).
    names, labels, in_train_half, digests, skipped: as in `processing.corpus.Corpus`.
    """

    process: int
    told: int
    new_words: list[str]
    ids: WordIds
    lengths: Lengths
    names: list[str]
    labels: npt.NDArray[np.uint8]
    in_train_half: npt.NDArray[np.bool_]
    digests: npt.NDArray[np.uint64]
    skipped: list[Skipped]


class Indexer:
    """Turns batches into ids, and remembers the words from one to the next; drops some.

    When it knows very many words, it begins anew, so that its memory doesn't grow with the archive.
    """

    def __init__(self, dropped: frozenset[str] = ENGLISH) -> None:
        self._dropped = dropped
        self._lexicon = Lexicon(dropped)

    def __call__(self, batch: Batch) -> Indexed:
        """Reads the reviews of the batch."""
        if len(self._lexicon.words) > _MOST_WORDS:
            self._lexicon = Lexicon(self._dropped)
        told = len(self._lexicon.words)
        found = [review(name, data) for name, data in zip(batch.names, batch.texts)]
        reviews = [item for item in found if isinstance(item, Review)]
        texts = [letters_and_digits(strip_html(item.text)) for item in reviews]
        ids, starts = self._lexicon.read(" ".join(texts))
        ends = np.cumsum(np.array([len(text) + 1 for text in texts], np.int64))
        return Indexed(
            process=os.getpid(),
            told=told,
            new_words=self._lexicon.words[told:],
            ids=ids,
            lengths=np.diff(np.searchsorted(starts, ends), prepend=0).astype(np.int32),
            names=[item.name for item in reviews],
            labels=np.array([item.label for item in reviews], np.uint8),
            in_train_half=np.array([item.half == "train" for item in reviews], np.bool_),
            digests=np.array([text_digest(item.text) for item in reviews], np.uint64),
            skipped=[item for item in found if isinstance(item, Skipped)],
        )


def text_digest(text: str) -> int:
    """64 bits that tell texts apart, unsigned."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
