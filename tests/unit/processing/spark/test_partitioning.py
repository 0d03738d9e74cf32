"""A partitioning by ranges is that of one machine that sorts all reviews."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processing.dataset.hashing import sort_key
from processing.errors import DataError
from processing.features.splits import split
from processing.features.writer import unlabelled_part_count
from processing.spark.partitioning import (
    RANGE_DIGITS,
    Census,
    Placed,
    Plan,
    place,
)
from tests.support.archives import named_corpus

Row = tuple[str, str, int]

# Short hashes of few digits, so that ranges hold several reviews, or none.
KEYS = st.integers(0, 16**4 - 1).map(lambda number: f"{number:04x}")
SIZES = st.sampled_from((4, 6)).flatmap(lambda groups: st.tuples(*[st.integers(2, 12)] * groups))


def census_of(rows: Sequence[Row]) -> Census:
    ranges: dict[str, Counter[tuple[str, int]]] = {}
    for key, given_split, label in rows:
        ranges.setdefault(key[:RANGE_DIGITS], Counter())[given_split, label] += 1
    return Census(ranges)


def placed(plan: Plan, rows: Sequence[Row], tasks: int) -> list[Placed]:
    """The reviews with their places, found by several tasks with some ranges each, in any order."""
    shares: list[list[Row]] = [[] for _ in range(tasks)]
    for row in sorted(rows):
        shares[int(row[0][:RANGE_DIGITS], 16) % tasks].append(row)
    return [
        review
        for share in reversed(shares)
        for review in place(plan, [(*row, f"id of {row[0]}", "") for row in share])
    ]


def by_sorting(
    rows: Sequence[Row], plan: Plan, parts: dict[str, int]
) -> dict[str, tuple[str, int, int]]:
    """The split, the file and the row of each id, by sorting all rows and counting."""
    taken: Counter[int] = Counter()
    splits: dict[str, list[str]] = {"train": [], "validation": [], "test": []}
    for key, given_split, label in sorted(rows):
        in_validation = given_split == "train" and taken[label] < plan.validation[label]
        taken[label] += in_validation
        splits["validation" if in_validation else given_split].append(key)
    return {
        f"id of {key}": (name, number, keys.index(key))
        for name, keys in splits.items()
        for number, part in enumerate(np.array_split(keys, min(parts[name], len(keys))))
        for key in part.tolist()
    }


@given(data=st.data(), sizes=SIZES, parts=st.integers(1, 9), tasks=st.integers(1, 5))
def test_every_review_goes_where_sorting_all_reviews_puts_it(
    data: st.DataObject, sizes: tuple[int, ...], parts: int, tasks: int
) -> None:
    count = sum(sizes)
    keys = data.draw(st.lists(KEYS, unique=True, min_size=count, max_size=count))
    splits = ["train", "test", "validation"] if len(sizes) == 6 else ["train", "test"]
    groups = [(split, label) for split in splits for label in (1, 0)]
    of_row = [pair for pair, size in zip(groups, sizes, strict=True) for _ in range(size)]
    rows = [(key, *pair) for key, pair in zip(keys, of_row, strict=True)]
    plan = Plan.of(census_of(rows), 0.4, parts)
    found = placed(plan, rows, tasks)
    expected = by_sorting(rows, plan, {"train": parts, "validation": parts, "test": 1})
    assert expected == {
        review.id: (*plan.split(plan.file(review.split, review.row)), review.row)
        for review in found
    }
    assert {review.id: review.label for review in found} == {
        f"id of {key}": label for key, _, label in rows
    }


@pytest.mark.parametrize("seed", [0, 7])
@pytest.mark.parametrize("given_splits", [("train", "test"), ("train", "validation", "test")])
def test_splits_are_those_of_one_machine(
    tmp_path: Path, seed: int, given_splits: Sequence[str]
) -> None:
    sizes = {"train": 700, "validation": 300, "test": 1_200}
    names = [
        f"{subset}/{folder}/{number}.txt"
        for subset in given_splits
        for folder in ("pos", "neg")
        for number in range(sizes[subset])
    ]
    random.Random(seed).shuffle(names)
    corpus = named_corpus(tmp_path, names)
    rows = [
        (sort_key(name, seed).hex(), name.split("/")[0], int("/pos/" in name)) for name in names
    ]
    plan = Plan.of(census_of(rows), 0.3, 2)
    of_key = {key: name for (key, *_), name in zip(rows, names, strict=True)}
    found: dict[tuple[str, int], list[str]] = {}
    for review in sorted(placed(plan, rows, 3), key=lambda review: review.row):
        file = plan.split(plan.file(review.split, review.row))
        found.setdefault(file, []).append(of_key[review.id.removeprefix("id of ")])
    assert found == {
        (split_name, number): [names[row] for row in part.tolist()]
        for split_name, all_rows in split(corpus, 0.3, seed).named().items()
        for number, part in enumerate(
            np.array_split(all_rows, unlabelled_part_count(2_400) if split_name == "test" else 2)
        )
    }


def test_files_are_counted_through_all_splits() -> None:
    plan = Plan({}, {}, {"train": [0, 7], "validation": [0], "test": [0]}, {})
    assert plan.files == 4
    assert [plan.split(number) for number in range(4)] == [
        *(("train", 0), ("train", 1), ("validation", 0), ("test", 0)),
    ]
    assert [plan.file("train", row) for row in (0, 6, 7)] == [0, 0, 1]
    with pytest.raises(IndexError):
        plan.split(4)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            [("0001", "train", 1), ("0002", "train", 0), ("0003", "test", 1), ("0004", "test", 0)],
            "2 training reviews with a validation fraction of 0.4 leave validation empty or",
        ),
    ],
    ids=["one of each"],
)
def test_reviews_that_cannot_be_split_are_refused(rows: list[Row], message: str) -> None:
    with pytest.raises(DataError, match=message):
        Plan.of(census_of(rows), 0.4, 1)
