"""Batches of reviews as ids of their words: what the members of a team do with the archive."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from processing.ids import Lengths, WordIds
from processing.lexicon import Lexicon
from processing.reviews import Batch, Skipped, Unusable, skipped, usable_label, usable_text
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
    labels: each review's label, as the data has it.
    unusable: the numbers of reviews that are kept though they can't be used.
    names, in_train_half, digests, skipped: as in `processing.corpus.Corpus`.
    """

    process: int
    told: int
    new_words: list[str]
    ids: WordIds
    lengths: Lengths
    names: list[str]
    labels: list[str]
    in_train_half: npt.NDArray[np.bool_]
    digests: npt.NDArray[np.uint64]
    skipped: list[Skipped]
    unusable: list[int]


class Indexer:
    """Turns batches into ids, and remembers the words from one to the next; drops some.

    keep_all: a review that can't be used stays, as one without words; otherwise it is left out.
    When it knows very many words, it begins anew, so that its memory doesn't grow with the archive.
    """

    def __init__(self, dropped: frozenset[str] = ENGLISH, *, keep_all: bool = False) -> None:
        self._dropped = dropped
        self._keep_all = keep_all
        self._lexicon = Lexicon(dropped)

    def __call__(self, batch: Batch) -> Indexed:
        """Reads the reviews of the batch."""
        if len(self._lexicon.words) > _MOST_WORDS:
            self._lexicon = Lexicon(self._dropped)
        told = len(self._lexicon.words)
        found = list(map(usable_text, batch.texts))
        if not self._keep_all:
            found = list(map(_labelled, found, batch.labels))
        bad = [number for number, item in enumerate(found) if isinstance(item, Unusable)]
        gone = set() if self._keep_all else set(bad)
        kept = [number for number in range(len(found)) if number not in gone]
        originals = [
            "" if isinstance(item, Unusable) else item for item in map(found.__getitem__, kept)
        ]
        texts = [letters_and_digits(strip_html(text)) for text in originals]
        ids, starts = self._lexicon.read(" ".join(texts))
        ends = np.cumsum(np.array([len(text) + 1 for text in texts], np.int64))
        return Indexed(
            process=os.getpid(),
            told=told,
            new_words=self._lexicon.words[told:],
            ids=ids,
            lengths=np.diff(np.searchsorted(starts, ends), prepend=0).astype(np.int32),
            names=[batch.names[number] for number in kept],
            labels=[batch.labels[number] for number in kept],
            in_train_half=np.array([batch.in_train[number] for number in kept], np.bool_),
            digests=np.array([text_digest(text) for text in originals], np.uint64),
            skipped=list(_told(batch.names, found)),
            unusable=bad if self._keep_all else [],
        )


def _labelled(text: str | Unusable, label: str) -> str | Unusable:
    """The text if there is a label to learn, too."""
    reason = usable_label(label)
    return reason if isinstance(text, str) and isinstance(reason, Unusable) else text


def _told(names: list[str], found: list[str | Unusable]) -> Iterator[Skipped]:
    for name, item in zip(names, found):
        if isinstance(item, Unusable):
            yield skipped(name, item)


def text_digest(text: str) -> int:
    """64 bits that tell texts apart, unsigned."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
