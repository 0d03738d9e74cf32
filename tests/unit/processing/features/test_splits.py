"""Sizes, classes, seeds and errors of the splits."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from processing.corpus.corpus import Corpus
from processing.errors import DataError
from processing.features.splits import Splits, split
from tests.support.archives import named_corpus


def layout(train_pos: int, train_neg: int, test_pos: int = 1, test_neg: int = 1) -> list[str]:
    sizes = {
        "train/pos": train_pos,
        "train/neg": train_neg,
        "test/pos": test_pos,
        "test/neg": test_neg,
    }
    return [f"{folder}/{n}.txt" for folder, size in sizes.items() for n in range(size)]


def names_of(corpus: Corpus, splits: Splits) -> dict[str, list[str]]:
    names = list(corpus.names)
    return {name: [names[row] for row in rows.tolist()] for name, rows in splits.named().items()}


def split_of(
    folder: Path, names: list[str], fraction: float = 0.4, seed: int = 0
) -> dict[str, list[str]]:
    corpus = named_corpus(folder, names)
    return names_of(corpus, split(corpus, fraction, seed))


def sizes(names: list[str]) -> tuple[int, int]:
    return sum("/pos/" in name for name in names), sum("/neg/" in name for name in names)


# (pos, neg) of the training set, the fraction, (pos, neg) of validation.
SIZES = {
    "the article's shares": (250, 250, 0.4, (100, 100)),
    "odd classes": (7, 5, 0.4, (3, 2)),
    "one row over goes to the larger remainder": (3, 4, 0.4, (1, 2)),
    "between equal remainders to the positives": (3, 3, 0.5, (2, 1)),
    "classes far apart": (2, 100, 0.3, (1, 30)),
    "a class too small for validation": (1, 20, 0.2, (0, 4)),
    "a fraction that floats miss": (100, 100, 0.29, (29, 29)),
    "both classes take one more": (9, 9, 0.1, (1, 1)),
    "a third": (10, 11, 1 / 3, (3, 4)),
    "nearly all": (10, 10, 0.9, (9, 9)),
}


@pytest.mark.parametrize(("pos", "neg", "fraction", "expected"), SIZES.values(), ids=SIZES.keys())
def test_validation_has_its_fraction_of_each_class_to_the_row(
    tmp_path: Path, pos: int, neg: int, fraction: float, expected: tuple[int, int]
) -> None:
    parts = split_of(tmp_path, layout(pos, neg), fraction)
    assert sizes(parts["validation"]) == expected
    assert sizes(parts["train"]) == (pos - expected[0], neg - expected[1])


def test_any_size_is_split_to_half_a_row(tmp_path: Path) -> None:
    rng = random.Random(4)
    for number in range(60):
        pos, neg = rng.randint(2, 40), rng.randint(2, 40)
        fraction = rng.uniform(0.1, 0.9)
        folder = tmp_path / str(number)
        folder.mkdir()
        validation = split_of(folder, layout(pos, neg), fraction)["validation"]
        assert abs(len(validation) - (pos + neg) * fraction) <= 0.5 + 1e-9
        for got, whole in zip(sizes(validation), (pos, neg), strict=True):
            assert abs(got - whole * fraction) < 1


def test_every_review_is_in_one_split_and_the_test_set_is_complete(tmp_path: Path) -> None:
    names = layout(21, 19, 8, 9)
    parts = split_of(tmp_path, names)
    assert sorted(parts["train"] + parts["validation"] + parts["test"]) == sorted(names)
    assert all(name.startswith("test/") for name in parts["test"])
    assert len(parts["test"]) == 17


def test_the_same_seed_gives_the_same_split(tmp_path: Path) -> None:
    corpus = named_corpus(tmp_path, layout(20, 20, 5, 5))
    assert names_of(corpus, split(corpus, 0.4, 7)) == names_of(corpus, split(corpus, 0.4, 7))


def test_another_seed_changes_which_rows_and_their_order(tmp_path: Path) -> None:
    corpus = named_corpus(tmp_path, layout(20, 20, 20, 20))
    zero, one = (names_of(corpus, split(corpus, 0.4, seed)) for seed in (0, 1))
    assert sorted(zero["validation"]) != sorted(one["validation"])
    assert sorted(zero["test"]) == sorted(one["test"])
    assert zero["test"] != one["test"]


def test_the_split_of_a_seed_never_changes(tmp_path: Path) -> None:
    assert split_of(tmp_path, layout(3, 3, 2, 1), seed=42) == {
        "train": ["train/neg/2.txt", "train/neg/0.txt", "train/pos/0.txt", "train/pos/1.txt"],
        "validation": ["train/pos/2.txt", "train/neg/1.txt"],
        "test": ["test/neg/0.txt", "test/pos/0.txt", "test/pos/1.txt"],
    }


def test_names_that_differ_in_bytes_that_are_not_text_keep_their_order(tmp_path: Path) -> None:
    names = [*layout(2, 2), *(f"test/pos/caf{chr(0xDC80 + byte)}.txt" for byte in range(8))]
    (tmp_path / "other").mkdir()
    assert split_of(tmp_path, names) == split_of(tmp_path / "other", names[::-1])


@pytest.mark.parametrize("compared", [0, 1, 2])
def test_hashes_that_begin_alike_are_compared_to_their_end(tmp_path: Path, compared: int) -> None:
    corpus = named_corpus(tmp_path, layout(60, 60, 60, 60))
    expected = names_of(corpus, split(corpus, 0.4, 0))
    assert names_of(corpus, split(corpus, 0.4, 0, compared)) == expected


@pytest.mark.parametrize("compared", [0, 1, 8])
def test_of_several_names_that_occur_twice_the_first_in_the_archive_is_reported(
    tmp_path: Path, compared: int
) -> None:
    names = layout(9, 9)
    corpus = named_corpus(tmp_path, [*names, "train/neg/5.txt", *reversed(names)])
    with pytest.raises(DataError, match=r"^train/neg/5\.txt occurs twice"):
        split(corpus, 0.4, 0, compared)


def test_the_archives_order_does_not_matter(tmp_path: Path) -> None:
    names = layout(20, 21, 7, 6)
    shuffled = random.Random(5).sample(names, len(names))
    (tmp_path / "other").mkdir()
    assert split_of(tmp_path, names) == split_of(tmp_path / "other", shuffled)


def test_rows_of_both_classes_are_mixed(tmp_path: Path) -> None:
    corpus = named_corpus(tmp_path, layout(100, 100, 100, 100))
    for rows in split(corpus, 0.4, 0).named().values():
        runs = np.count_nonzero(np.diff(corpus.labels[rows].astype(int))) + 1
        assert runs > len(rows) / 4


@pytest.mark.parametrize("folder", ["train/pos", "train/neg", "test/pos", "test/neg"])
def test_a_missing_class_is_refused_by_its_folder(tmp_path: Path, folder: str) -> None:
    names = [name for name in layout(5, 5, 5, 5) if not name.startswith(folder)]
    with pytest.raises(DataError) as caught:
        split_of(tmp_path, names)
    assert str(caught.value) == (
        f"no usable review in {folder}; "
        "expected <any folder>/{train,test}/{pos,neg}/<name>.txt, or a table with two labels"
    )


@pytest.mark.parametrize("subset", ["train", "test"])
def test_a_missing_training_or_test_set_is_refused_by_its_folder(
    tmp_path: Path, subset: str
) -> None:
    names = [name for name in layout(5, 5, 5, 5) if not name.startswith(subset)]
    with pytest.raises(DataError, match=rf"^no usable review in {subset}/pos;"):
        split_of(tmp_path, names)


def test_an_archive_without_reviews_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"^no usable review in train/pos;"):
        split_of(tmp_path, [])


def test_a_name_that_occurs_twice_is_refused_by_name(tmp_path: Path) -> None:
    names = [*layout(5, 5), "train/neg/3.txt"]
    with pytest.raises(DataError) as caught:
        split_of(tmp_path, names)
    assert str(caught.value) == (
        "train/neg/3.txt occurs twice; give each review once, or ids of their own"
    )


@pytest.mark.parametrize(
    ("names", "fraction"),
    [
        pytest.param(layout(1, 1), 0.1, id="validation empty"),
        pytest.param(layout(1, 1), 0.9, id="train empty"),
        pytest.param(layout(10, 10), 1e-9, id="fraction next to nothing"),
        pytest.param(layout(10, 10), 1 - 1e-9, id="fraction next to all"),
    ],
)
def test_too_few_reviews_for_both_splits_are_refused(
    tmp_path: Path, names: list[str], fraction: float
) -> None:
    with pytest.raises(
        DataError, match=r"leave validation empty or train without both classes; give more reviews$"
    ):
        split_of(tmp_path, names, fraction)
