"""Token ids: numbers for terms, and files of the tokens of reviews."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

TokenIds = npt.NDArray[np.uint32]
Offsets = npt.NDArray[np.int64]
Lengths = npt.NDArray[np.int32]


class IdTable(dict[str, int]):
    """Ids of strings, from 0 in the order in which they are first looked up.

    >>> table = IdTable()
    >>> table.ids("a rose is a rose".split()).tolist(), table.strings
    ([0, 1, 2, 0, 1], ['a', 'rose', 'is'])
    """

    def __init__(self) -> None:
        super().__init__()
        self.strings: list[str] = []

    def __missing__(self, string: str) -> int:
        self[string] = new = len(self.strings)
        self.strings.append(string)
        return new

    def ids(self, strings: Iterable[str]) -> TokenIds:
        """Return the id of each string."""
        return np.fromiter(map(self.__getitem__, strings), np.uint32)


def number_terms(reviews: Iterable[str]) -> tuple[list[str], TokenIds, Lengths]:
    """Return the distinct terms of some reviews, the tokens as their ids, and their number.

    reviews: the terms of each in reading order, separated by spaces.

    >>> terms, ids, lengths = number_terms(["a rose is", "", "a rose"])
    >>> terms, ids.tolist(), lengths.tolist()
    (['a', 'rose', 'is'], [0, 1, 2, 0, 1], [3, 0, 2])
    """
    table = IdTable()
    ids = [table.ids(review.split()) for review in reviews]
    lengths = np.array([len(of_review) for of_review in ids], np.int32)
    return table.strings, np.concatenate(ids), lengths


@dataclass(frozen=True)
class ReviewTokens:
    """The token ids of n reviews, in a file of uint32.

    offsets, lengths: where the tokens of each review begin, and how many there are; of shape (n,).
    """

    path: Path
    offsets: Offsets
    lengths: Lengths

    def select(self, rows: Offsets) -> ReviewTokens:
        """Return the tokens of the reviews with these numbers, in this order."""
        return ReviewTokens(self.path, self.offsets[rows], self.lengths[rows])

    def read(self) -> TokenIds:
        """Return the tokens of all reviews, one review after the other.

        The file is read and not mapped: pages of a mapped file count as memory of the job.
        """
        parts = zip((4 * self.lengths).tolist(), (4 * self.offsets).tolist())
        with self.path.open("rb") as file:
            content = b"".join(os.pread(file.fileno(), size, at) for size, at in parts)
        return np.frombuffer(content, np.uint32)
