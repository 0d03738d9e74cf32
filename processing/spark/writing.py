"""Rows become part files, as `processing.features.writer` writes them; runs in the executors.

A file is written on the host that happens to run the task, below the output folder that every host
has, and SageMaker uploads what each host holds. If Spark runs a task twice, on one host or two, the
file is the same, and it appears whole, in one rename.
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
from processing.features.bag_of_words import Bag
from processing.features.writer import FORMATS
from processing.names import LABELS, ROWS, TEST
from processing.part_files import part_name
from processing.row_files import row_line
from processing.spark.partitioning import Places

_BLOCK = 1_000  # rows that are in memory at a time

Place = tuple[int, str]
"""(number of the file, hash): what lines are sorted by"""

Content = tuple[int, list[int], list[int], tuple[str, int]]
"""(label, columns, counts, (id, words)): a review on its way into a file; of a review that isn't
tested on, there is no id"""


@dataclass(frozen=True)
class Target:
    """What every executor is told.

    columns: the column of each stem of the vocabulary.
    """

    output: Path
    feature_format: str
    columns: Mapping[str, int]
    places: Places


def lines(target: Target, reviews: Iterable[Any]) -> Iterator[tuple[Place, Content]]:
    """What is written of reviews (key, in_train, label, id, bag), and where."""
    for key, in_train, label, name, bag in reviews:
        counts = [(stem, int(count)) for stem, count in map(_parted, bag.split())]
        known = sorted(
            (target.columns[stem], count) for stem, count in counts if stem in target.columns
        )
        columns, occurrences = [column for column, _ in known], [count for _, count in known]
        row = ("" if in_train else name, sum(count for _, count in counts))
        place = (target.places.file(key, in_train, label), key)
        yield place, (label, columns, occurrences, row)


def _parted(entry: str) -> list[str]:
    return entry.split(":")


def write(target: Target, rows: Iterable[tuple[Place, Content]]) -> None:
    """Writes whole files of rows, which come sorted."""
    for number, group in groupby(rows, key=lambda row: row[0][0]):
        _write_file(target, number, (content for _, content in group))


def _write_file(target: Target, number: int, rows: Iterator[Content]) -> None:
    split, part = target.places.split(number)
    name, width = part_name(part), len(target.columns)
    form = FORMATS[target.feature_format]
    with contextlib.ExitStack() as files:
        features = files.enter_context(_created(target.output / split / f"{name}.{form.suffix}"))
        beside = None
        if split == TEST:
            labels = files.enter_context(_created(target.output / LABELS / f"{name}.csv"))
            rows_file = files.enter_context(_created(target.output / ROWS / f"{name}.csv"))
            beside = labels, rows_file
        while block := list(islice(rows, _BLOCK)):
            known = np.array([label for label, *_ in block], np.uint8)
            features.write(form.lines(_bag(block, width), None if beside else known))
            if beside:
                told = (row_line(name, words, sum(counts)) for _, _, counts, (name, words) in block)
                beside[0].writelines(b"%d\n" % label for label in known)
                beside[1].writelines(told)


def _bag(block: list[Content], width: int) -> Bag:
    return Bag(
        columns=np.array([column for _, columns, *_ in block for column in columns], np.int32),
        counts=np.array([count for _, _, counts, _ in block for count in counts], np.int64),
        ends=np.cumsum([len(columns) for _, columns, *_ in block], dtype=np.int64),
        width=width,
    )


@contextlib.contextmanager
def _created(path: Path) -> Iterator[BinaryIO]:
    """A file that gets its name when all is well."""
    with atomic_path(path) as staging, staging.open("wb") as file:
        yield file
