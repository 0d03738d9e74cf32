"""Rows become part files, as `processing.features.writer` writes them; runs in the executors.

A file is written on the host that happens to run the task, below the output folder that every host
has, and SageMaker uploads the files of each host. If Spark runs a task twice, on one host or two,
the file is the same; it gets its name when it is complete.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path
from typing import BinaryIO

import numpy as np

from processing.atomic import atomic_path
from processing.corpus.token_ids import number_terms
from processing.features.bag_of_words import TextEncoders
from processing.features.writer import FORMATS, rows_in_memory
from processing.names import LABELS, ROWS, TEST, TRAIN
from processing.part_files import part_name
from processing.row_files import row_line
from processing.spark.partitioning import Placed, Plan

SortKey = tuple[int, int]
"""(number of the file, row in the split)"""


@dataclass(frozen=True)
class Target:
    """Folders, formats and files of the rows that executors write.

    width: the number of terms in the vocabulary.
    train, others: the encoders of the rows of train, and of all others.
    """

    output: Path
    feature_format: str
    plan: Plan
    width: int
    train: TextEncoders
    others: TextEncoders


def sorted_by(plan: Plan, review: Placed) -> tuple[SortKey, Placed]:
    """Return the sort key of a review, and the review."""
    return (plan.file(review.split, review.row), review.row), review


def write(target: Target, reviews: Iterable[tuple[SortKey, Placed]]) -> None:
    """Write complete files of reviews, which are sorted."""
    for number, group in groupby(reviews, key=lambda pair: pair[0][0]):
        _write_file(target, number, (review for _, review in group))


def _write_file(target: Target, number: int, reviews: Iterator[Placed]) -> None:
    split, part = target.plan.split(number)
    name, row_format = part_name(part), FORMATS[target.feature_format]
    encoders = target.train if split == TRAIN else target.others
    with contextlib.ExitStack() as files:

        def created(folder: str, suffix: str) -> BinaryIO:
            return files.enter_context(_created(target.output / folder / f"{name}.{suffix}"))

        features = created(split, row_format.suffix)
        if split == TEST:
            label_file, row_file = created(LABELS, "csv"), created(ROWS, "csv")
        while block := list(islice(reviews, rows_in_memory(target.width))):
            terms, ids, lengths = number_terms(review.terms for review in block)
            bag, known = encoders.of(terms).encode_tokens(ids, lengths, block[0].row)
            labels = np.array([review.label for review in block], np.uint8)
            features.write(row_format.lines(bag, None if split == TEST else labels))
            if split == TEST:
                label_file.writelines(b"%d\n" % label for label in labels.tolist())
                row_file.writelines(
                    row_line(review.id, *counts)
                    for review, *counts in zip(block, lengths.tolist(), known.tolist())
                )


@contextlib.contextmanager
def _created(path: Path) -> Iterator[BinaryIO]:
    """Yield a file that gets its name when it is complete."""
    with atomic_path(path) as staging, staging.open("wb") as file:
        yield file
