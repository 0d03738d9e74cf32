"""Rows of the train split in memory, as blocks without an engine."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from functools import reduce

import numpy as np

from processing.features.ngrams import hashes_of
from processing.features.train_rows import Block, Blocks, Other, Sums, TrainRows
from processing.text.normalize import split_words


class ListedBlocks(Blocks[Block]):
    """Blocks in a list. The results of a function for each block are added up in reverse order."""

    def __init__(self, blocks: Iterable[Block]) -> None:
        self._blocks = [*blocks]

    def sum(self, function: Callable[[Iterable[Block]], Sums]) -> Sums:
        parts = [function([]), *(function([block]) for block in reversed(self._blocks))]
        return reduce(operator.iadd, parts)

    def map(self, function: Callable[[Block], Other]) -> Blocks[Other]:
        return ListedBlocks(map(function, self._blocks))


def blocks_of(
    texts: Sequence[str], labels: Sequence[int], rows_at_a_time: int = 7
) -> Blocks[TrainRows]:
    """Return texts with their labels as the rows of train."""
    return ListedBlocks(
        train_rows(texts[start : start + rows_at_a_time], labels[start:], start)
        for start in range(0, len(texts), rows_at_a_time)
    )


def train_rows(texts: Sequence[str], labels: Sequence[int], first: int) -> TrainRows:
    """Return texts with their labels as a block, whose first row has this number."""
    words = [split_words(text) for text in texts]
    return TrainRows(
        hashes_of(word for of_row in words for word in of_row),
        np.array([len(of_row) for of_row in words], np.int32),
        np.array(labels[: len(texts)], np.uint8),
        np.arange(first, first + len(texts)),
    )
