"""One pass over the reviews: text in, a corpus of stem ids out.

Every distinct word is stemmed once and becomes an id; a review becomes a run of ids in a scratch
file. So memory holds the distinct words and some 30 bytes a review, never the text, and the second
pass (`processing.features`) can read the reviews in any order.

Two distinct words with one stem share an id. Stop words have the id 0.
"""

from __future__ import annotations

import hashlib
import mmap
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from processing.reviews import Review, Skipped
from processing.stopwords import ENGLISH
from processing.text import letters_and_digits, stem, strip_html

STOP_WORD = 0
_CHUNK = 1 << 20  # ids held in memory before they go to the scratch file
_PROGRESS_EVERY = 5_000  # reviews

Ids = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class Corpus:
    """The reviews of one archive, n of them, as ids.

    stems: the stem of each id; ``stems[0]`` stands for every stop word.
    ids: the ids of all reviews, one after the other, uint32.
    ends: where each review's run in ``ids`` ends, int64 of shape (n,).
    names: each review's path within its archive's layout, in the order of reading.
    labels: 1 positive, 0 negative, uint8 of shape (n,).
    in_train_half: whether the review lies below ``train/``, bool of shape (n,).
    digests: 64 bits of each text's hash, uint64 of shape (n,), to count duplicates with.
    skipped: the reviews left out, sorted by name.
    """

    stems: list[str]
    ids: Ids
    ends: npt.NDArray[np.int64]
    names: list[str]
    labels: npt.NDArray[np.uint8]
    in_train_half: npt.NDArray[np.bool_]
    digests: npt.NDArray[np.uint64]
    skipped: list[Skipped]

    def run(self, row: int) -> Ids:
        """The ids of review ``row`` in reading order, stop words included."""
        start = self.ends[row - 1] if row else 0
        return self.ids[start : self.ends[row]]


class _StemIds(dict[str, int]):
    """word -> id of its stem; an unseen word is stemmed on first use."""

    def __init__(self) -> None:
        super().__init__(dict.fromkeys(ENGLISH, STOP_WORD))
        self.stems = [""]
        self._id_of_stem: dict[str, int] = {}

    def __missing__(self, word: str) -> int:
        stemmed = stem(word)
        identity = self._id_of_stem.setdefault(stemmed, len(self.stems))
        if identity == len(self.stems):
            self.stems.append(stemmed)
        self[word] = identity
        return identity


def read_corpus(reviews: Iterable[Review | Skipped], scratch: Path) -> Corpus:
    """Reads ``reviews`` to the end; ``scratch`` becomes a file of 4 bytes a word.

    The scratch file backs ``Corpus.ids`` and has to outlive it.
    """
    ids_of = _StemIds()
    ends, labels, in_train_half = array("q"), array("B"), array("B")
    digests = array("Q")
    names: list[str] = []
    skipped: list[Skipped] = []
    written = 0
    with scratch.open("wb") as file:
        chunk = array("I")
        for review in reviews:
            if isinstance(review, Skipped):
                skipped.append(review)
                continue
            words = letters_and_digits(strip_html(review.text)).split()
            chunk.extend(map(ids_of.__getitem__, words))
            names.append(review.name)
            ends.append(written + len(chunk))
            labels.append(review.label)
            in_train_half.append(review.half == "train")
            digests.append(_digest(review.text))
            if len(chunk) >= _CHUNK:
                written += _flush(chunk, file)
            if len(names) % _PROGRESS_EVERY == 0:
                print(f"read {len(names):,} reviews", flush=True)
        _flush(chunk, file)
    return Corpus(
        stems=ids_of.stems,
        ids=_mapped(scratch),
        ends=np.frombuffer(ends, dtype=np.int64),
        names=names,
        labels=np.frombuffer(labels, dtype=np.uint8),
        in_train_half=np.frombuffer(in_train_half, dtype=np.bool_),
        digests=np.frombuffer(digests, dtype=np.uint64),
        skipped=sorted(skipped, key=lambda skip: (skip.name, skip.reason)),
    )


def _digest(text: str) -> int:
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8)
    return int.from_bytes(digest.digest(), "big")


def _flush(chunk: array[int], file: BinaryIO) -> int:
    count = len(chunk)
    chunk.tofile(file)
    del chunk[:]
    return count


def _mapped(path: Path) -> Ids:
    """The file's content as an array that the operating system reads in as it is used."""
    if not path.stat().st_size:
        return np.empty(0, dtype=np.uint32)
    with path.open("rb") as file:
        return np.frombuffer(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), np.uint32)
