"""Assignment of the reviews to splits and part files, without gathering them anywhere.

`features.splits` sorts all reviews by a hash and counts through them. Here the first digits of the
hash divide the reviews into ranges of about the same size. The driver gets the number of reviews in
each range (`Census`), so it knows with which row of which split each range begins (`Plan`). From
there, the executors count on through the reviews of a range (`place`), independently of each other.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from processing.features.manifest import ClassCounts
from processing.features.splits import validation_shares
from processing.features.writer import unlabelled_part_count
from processing.names import TEST, TRAIN, VALIDATION
from processing.part_files import first_rows

RANGE_DIGITS = 3
"""Hexadecimal digits of the hash that name a range; there are 4,096."""

SPLITS = (TRAIN, VALIDATION, TEST)

Group = tuple[str, int]
"""(the split that the data give, with validation as part of train if it isn't given; the label)"""


class Placed(NamedTuple):
    """A review, with its split and its row there."""

    split: str
    row: int
    label: int
    id: str
    terms: str


@dataclass(frozen=True)
class Census:
    """The number of reviews of each group in each range of hashes."""

    ranges: Mapping[str, Mapping[Group, int]]

    def total(self) -> Counter[Group]:
        """Return the number of reviews of each group."""
        return sum((Counter(counts) for counts in self.ranges.values()), Counter())

    def before(self) -> dict[str, Counter[Group]]:
        """Return the number of reviews of each group in all ranges before each range."""
        running: Counter[Group] = Counter()
        found = {}
        for name in sorted(self.ranges):
            found[name] = Counter(running)
            running.update(self.ranges[name])
        return found


@dataclass(frozen=True)
class Plan:
    """The sizes of splits and files that follow from the census.

    validation: how many reviews of train of each label go to validation.
    splits: the number of rows of each class in each split.
    first: the rows with which the files of each split begin.
    before: the number of reviews of each group in all ranges before each range.
    """

    validation: Mapping[int, int]
    splits: Mapping[str, ClassCounts]
    first: Mapping[str, list[int]]
    before: Mapping[str, Counter[Group]]

    @classmethod
    def of(
        cls,
        census: Census,
        validation_fraction: float,
        training_parts: int,
    ) -> Plan:
        """Return the plan. Raise DataError if a class of train is too small to be divided."""
        total = census.total()
        take = {1: 0, 0: 0}
        if not (total[VALIDATION, 1] or total[VALIDATION, 0]):
            training_set = {label: total[TRAIN, label] for label in take}
            take = validation_shares(training_set, validation_fraction)
        splits = {
            TRAIN: ClassCounts(total[TRAIN, 1] - take[1], total[TRAIN, 0] - take[0]),
            VALIDATION: ClassCounts(total[VALIDATION, 1] + take[1], total[VALIDATION, 0] + take[0]),
            TEST: ClassCounts(total[TEST, 1], total[TEST, 0]),
        }
        parts = {
            TRAIN: training_parts,
            VALIDATION: training_parts,
            TEST: unlabelled_part_count(splits[TEST].rows),
        }
        first = {name: first_rows(splits[name].rows, parts[name]) for name in SPLITS}
        return cls(take, splits, first, census.before())

    @property
    def files(self) -> int:
        """The number of files."""
        return sum(map(len, self.first.values()))

    def file(self, split: str, row: int) -> int:
        """Return the number of a row's file, counted through all splits."""
        before = sum(len(self.first[name]) for name in SPLITS[: SPLITS.index(split)])
        return before + bisect_right(self.first[split], row) - 1

    def split(self, file: int) -> tuple[str, int]:
        """Return the split of a file, and its number within the split."""
        for name in SPLITS:
            if file < len(self.first[name]):
                return name, file
            file -= len(self.first[name])
        raise IndexError(file)


def place(plan: Plan, reviews: Iterable[tuple[str, str, int, str, str]]) -> Iterator[Placed]:
    """Yield the reviews (hash, split, label, id, terms) of whole ranges, sorted by hash.

    >>> counts = Counter({("train", 1): 2, ("train", 0): 2, ("test", 1): 1, ("test", 0): 1})
    >>> plan = Plan.of(Census({"000": counts}), 0.5, training_parts=2)
    >>> rows = [("0001", "train", 1), ("0002", "test", 1), ("0003", "train", 0)]
    >>> for found in place(plan, [(*row, "", "") for row in [*rows, ("0004", "train", 0)]]):
    ...     print(found.split, found.row, found.label)
    validation 0 1
    test 0 1
    validation 1 0
    train 0 0
    """
    name = ""
    for key, given, label, id_, terms in reviews:
        if key[:RANGE_DIGITS] != name:
            name = key[:RANGE_DIGITS]
            ranks = Counter(plan.before[name])
            rows = _first_rows_of_range(plan, ranks)
        in_validation = given == TRAIN and ranks[given, label] < plan.validation[label]
        split = VALIDATION if in_validation else given
        yield Placed(split, rows[split], label, id_, terms)
        ranks[given, label] += 1
        rows[split] += 1


def _first_rows_of_range(plan: Plan, ranks: Counter[Group]) -> Counter[str]:
    """Return the row of each split with which a range begins, from the reviews before it."""
    rows: Counter[str] = Counter()
    for (given, label), rank in ranks.items():
        validated = min(rank, plan.validation[label]) if given == TRAIN else 0
        rows.update({VALIDATION: validated, given: rank - validated})
    return rows
