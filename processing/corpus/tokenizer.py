"""Batches of reviews as ids of their words: what the workers of a pool do with the archive."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from processing.corpus.token_ids import Lengths, WordIds
from processing.corpus.token_index import Lexicon
from processing.dataset.reviews import (
    Batch,
    Skipped,
    Unusable,
    labelled_text,
    skipped,
    usable_text,
)
from processing.text.normalize import letters_and_digits, strip_html
from processing.text.stop_words import ENGLISH

_MOST_WORDS = 80_000  # each of two workers meets 77,722 in the original archive


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
    names, in_train_half, digests, skipped: as in `processing.corpus.corpus.Corpus`.
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
        sifted = _sifted(batch, self._keep_all)
        texts = [letters_and_digits(strip_html(text)) for text in sifted.texts]
        ids, starts = self._lexicon.read(" ".join(texts))
        ends = np.cumsum(np.array([len(text) + 1 for text in texts], np.int64))
        return Indexed(
            process=os.getpid(),
            told=told,
            new_words=self._lexicon.words[told:],
            ids=ids,
            lengths=np.diff(np.searchsorted(starts, ends), prepend=0).astype(np.int32),
            names=sifted.names,
            labels=sifted.labels,
            in_train_half=np.array(sifted.in_train, np.bool_),
            digests=np.array([text_digest(text) for text in sifted.texts], np.uint64),
            skipped=sifted.skipped,
            unusable=sifted.unusable,
        )


@dataclass(frozen=True)
class _Sifted:
    """The reviews of a batch that count, and what is told of those that can't be used."""

    names: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    in_train: list[bool] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    unusable: list[int] = field(default_factory=list)


def _sifted(batch: Batch, keep_all: bool) -> _Sifted:
    found = _Sifted()
    for name, stored, label, in_train in zip(
        batch.names, batch.texts, batch.labels, batch.in_training_set
    ):
        text = usable_text(stored) if keep_all else labelled_text(stored, label)
        if isinstance(text, Unusable):
            found.skipped.append(skipped(name, text))
            if not keep_all:
                continue
            found.unusable.append(len(found.names))
            text = ""
        found.names.append(name)
        found.texts.append(text)
        found.labels.append(label)
        found.in_train.append(in_train)
    return found


def text_digest(text: str) -> int:
    """64 bits that tell texts apart, unsigned."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
