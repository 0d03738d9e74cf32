"""Rows become part files, as `processing.features.writer` writes them; runs in the executors.

A file is written on the host that happens to run the task, below the output folder that every host
has, and SageMaker uploads the files of each host. If Spark runs a task twice, on one host or two,
the file is the same; it gets its name when it is complete.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from processing.atomic import atomic_path
from processing.features.bag_of_words import BagOfWords
from processing.features.writer import FORMATS, ROWS_AT_A_TIME
from processing.names import LABELS, ROWS, TEST
from processing.part_files import part_name
from processing.row_files import row_line
from processing.spark.partitioning import Partitioning

SortKey = tuple[int, str]
"""(number of the file, hash)"""

Content = tuple[int, list[int], list[int], tuple[str, int]]
"""(label, columns, counts, (id, number of words)): a review that is to be written; the id is empty
unless the review is in the test set"""


@dataclass(frozen=True)
class Target:
    """Folders, formats and partitioning of the rows that executors write.

    columns: the column of each term of the vocabulary.
    """

    output: Path
    feature_format: str
    columns: Mapping[str, int]
    partitioning: Partitioning


def lines(target: Target, reviews: Iterable[Any]) -> Iterator[tuple[SortKey, Content]]:
    """Yield the sort key and the content of each review (key, split, label, id, bag)."""
    for key, split, label, name, bag in reviews:
        counts = [(term, int(count)) for term, count in map(_split_entry, bag.split())]
        known = sorted(
            (target.columns[term], count) for term, count in counts if term in target.columns
        )
        columns, occurrences = [column for column, _ in known], [count for _, count in known]
        row = (name if split == TEST else "", sum(count for _, count in counts))
        place = (target.partitioning.file(key, split, label), key)
        yield place, (label, columns, occurrences, row)


def _split_entry(entry: str) -> list[str]:
    return entry.split(":")


def write(target: Target, rows: Iterable[tuple[SortKey, Content]]) -> None:
    """Write complete files of rows, which are sorted."""
    for number, group in groupby(rows, key=lambda row: row[0][0]):
        _write_file(target, number, (content for _, content in group))


def _write_file(target: Target, number: int, rows: Iterator[Content]) -> None:
    split, part = target.partitioning.split(number)
    name, width = part_name(part), len(target.columns)
    row_format = FORMATS[target.feature_format]
    with contextlib.ExitStack() as files:

        def created(folder: str, suffix: str) -> BinaryIO:
            return files.enter_context(_created(target.output / folder / f"{name}.{suffix}"))

        features = created(split, row_format.suffix)
        if split != TEST:
            while block := list(islice(rows, ROWS_AT_A_TIME)):
                features.write(row_format.lines(_bag(block, width), _labels(block)))
            return
        labels, row_file = created(LABELS, "csv"), created(ROWS, "csv")
        while block := list(islice(rows, ROWS_AT_A_TIME)):
            features.write(row_format.lines(_bag(block, width), None))
            labels.writelines(b"%d\n" % label for label in _labels(block))
            row_file.writelines(
                row_line(id_, words, sum(counts)) for _, _, counts, (id_, words) in block
            )


def _labels(block: list[Content]) -> Any:
    return np.array([label for label, *_ in block], np.uint8)


def _bag(block: list[Content], width: int) -> BagOfWords:
    lengths = [len(columns) for _, columns, *_ in block]
    return BagOfWords(
        columns=np.array([column for _, columns, *_ in block for column in columns], np.int32),
        counts=np.array([count for _, _, counts, _ in block for count in counts], np.int64),
        offsets=np.append(0, np.cumsum(lengths, dtype=np.int64)),
        width=width,
    )


@contextlib.contextmanager
def _created(path: Path) -> Iterator[BinaryIO]:
    """Yield a file that gets its name when it is complete."""
    with atomic_path(path) as staging, staging.open("wb") as file:
        yield file
