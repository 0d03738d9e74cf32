"""Numbers instead of words: who gives them out, and the runs of them that reviews become."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

WordIds = npt.NDArray[np.uint32]
Places = npt.NDArray[np.int64]
Lengths = npt.NDArray[np.int32]


class Ids(dict[str, int]):
    """word -> id; a word that is looked up for the first time gets the next one.

    >>> ids = Ids()
    >>> ids.of("a rose is a rose".split()).tolist(), ids.words
    ([0, 1, 2, 0, 1], ['a', 'rose', 'is'])
    """

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def __missing__(self, word: str) -> int:
        self[word] = identity = len(self.words)
        self.words.append(word)
        return identity

    def of(self, words: Iterable[str]) -> WordIds:
        """The words' ids."""
        return np.fromiter(map(self.__getitem__, words), np.uint32)


@dataclass(frozen=True)
class Runs:
    """n runs of word ids in a file of uint32, one run a review.

    ends, lengths: in ids, of shape (n,).
    """

    path: Path
    ends: Places
    lengths: Lengths

    def of(self, rows: Places) -> Runs:
        """The runs with these numbers, in this order."""
        return Runs(self.path, self.ends[rows], self.lengths[rows])

    def read(self) -> WordIds:
        """The ids of all runs, one after the other.

        Read, not mapped: the pages of a mapped file count as memory of the job.
        """
        starts = self.ends - self.lengths
        places = zip((4 * self.lengths).tolist(), (4 * starts).tolist())
        with self.path.open("rb") as file:
            ids = b"".join(os.pread(file.fileno(), size, at) for size, at in places)
        return np.frombuffer(ids, np.uint32)
