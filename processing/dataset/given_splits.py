"""Splits that are given with the data: by names of files and folders, or by a column of a table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from processing.errors import DataError
from processing.names import TEST, TRAIN, VALIDATION

UNLABELED = "unlabeled"
"""Reviews without labels, as the Large Movie Review Dataset has 50,000: they aren't read."""

TRAIN_OR_TEST = "train or test"
"""A review of train that a hash chooses for the test set if no test set is given."""

SPLITS = (TRAIN, VALIDATION, TEST, TRAIN_OR_TEST)
"""The values of `processing.dataset.reviews.Batch.splits`."""

BY_PATH = "path"
BY_COLUMN = "column split"
BY_HASH = "hash of ids"
BY_FRACTION = "fraction of train"
"""Where splits come from, as the log, the manifest and the report state it."""

_SPLIT_OF_WORD = {
    **dict.fromkeys(("train", "training"), TRAIN),
    **dict.fromkeys(("validation", "valid", "val", "dev"), VALIDATION),
    **dict.fromkeys(("test", "testing"), TEST),
    **dict.fromkeys(("unlabeled", "unlabelled", "unsupervised", "unsup"), UNLABELED),
}
_WORD = re.compile(r"[^\W\d_]+")


def split_of_value(value: object) -> str:
    """Return the split that a cell of a column ``split`` names; "" if it names none.

    >>> split_of_value("train"), split_of_value(" Dev "), split_of_value("unsupervised")
    ('train', 'validation', 'unlabeled')
    >>> split_of_value("train set"), split_of_value(None)
    ('', '')
    """
    return _SPLIT_OF_WORD.get(value.strip().lower(), "") if isinstance(value, str) else ""


def split_of_path(path: str) -> str:
    """Return the split that a path names; "" if it names none.

    A name of a file or folder names a split with a whole word: letters between other characters,
    in any case. The file's own name decides, else the innermost folder that names a split. A name
    with the words of two splits names neither.

    >>> [split_of_path(path) for path in ("train.csv", "data/test-00000-of-00001.parquet")]
    ['train', 'test']
    >>> [split_of_path(path) for path in ("my_train_data.csv", "Val/2026.jsonl.gz", "unsup/1.csv")]
    ['train', 'validation', 'unlabeled']
    >>> [split_of_path(path) for path in ("contest.csv", "latest.csv", "testdata.csv")]
    ['', '', '']
    >>> [split_of_path(path) for path in ("test_train/reviews.csv", "test_train/train.csv")]
    ['', 'train']
    >>> split_of_path("train/dev.csv")
    'validation'
    """
    for name in reversed(path.lower().split("/")):
        if "=" in name:  # a column and its value (`processing.dataset.path_columns`)
            continue
        found = {_SPLIT_OF_WORD[word] for word in _WORD.findall(name) if word in _SPLIT_OF_WORD}
        if len(found) == 1:
            return found.pop()
    return ""


def splits_of_paths(paths: Iterable[str]) -> dict[str, str]:
    """Return the split of each table by its path in the dataset; "" where none is given.

    Where all labeled files name one split, and not train, nothing is divided: the names say what
    the data once were part of. Raise DataError if train is missing beside two others.

    >>> splits_of_paths(["train.csv", "test.csv"])
    {'train.csv': 'train', 'test.csv': 'test'}
    >>> splits_of_paths(["test.csv"]), splits_of_paths(["dev/1.csv", "dev/2.csv"])
    ({'test.csv': ''}, {'dev/1.csv': '', 'dev/2.csv': ''})
    """
    found = {path: split_of_path(path) for path in paths}
    labeled = {path: split for path, split in found.items() if split != UNLABELED}
    if found and not labeled:
        raise DataError(f"{next(iter(found))}: unlabeled, by its name; give reviews with labels")
    named = {split: path for path, split in labeled.items()}
    if len(named) == 1 and TRAIN not in named:
        return {path: split if split == UNLABELED else "" for path, split in found.items()}
    if "" not in named and TRAIN not in named and named:
        listed = ", ".join(f"{path} ({split})" for split, path in named.items())
        raise DataError(f"no training set: {listed}; name a file or folder train")
    return found


def require_all_given(sources: Mapping[str, str]) -> None:
    """Raise DataError if the splits of some tables are given, and of others chosen by a hash.

    sources: where the split of each table comes from, by the table's path.
    """
    chosen = [path for path, source in sources.items() if source == BY_HASH]
    given = [path for path, source in sources.items() if source != BY_HASH]
    if chosen and given:
        raise DataError(
            f"{given[0]} gives its split ({sources[given[0]]}), {chosen[0]} doesn't; name every "
            "file or its folder train, validation or test, or none"
        )


def sources_of_splits(
    found: Iterable[tuple[str, str]], *, validation_is_given: bool, test_is_chosen: bool
) -> dict[str, str]:
    """Return where each split comes from.

    found: all pairs of a split, of `SPLITS`, and a source of some of its reviews.

    >>> found = [("train", "path"), ("train or test", "path")]
    >>> sources_of_splits(found, validation_is_given=False, test_is_chosen=True)
    {'train': 'path', 'validation': 'fraction of train', 'test': 'hash of ids'}
    """
    sources: dict[str, set[str]] = {TRAIN: set(), VALIDATION: set(), TEST: set()}
    for split, source in found:
        sources[TRAIN if split == TRAIN_OR_TEST else split].add(source)
    if not validation_is_given:
        sources[VALIDATION] = {BY_FRACTION}
    if test_is_chosen:
        sources[TEST] = {BY_HASH}
    return {split: " and ".join(sorted(of_split)) for split, of_split in sources.items()}


def print_sources(sources: Mapping[str, str]) -> None:
    """Log where each split comes from."""
    listed = ", ".join(f"{split} ({source})" for split, source in sources.items())
    print(f"splits: {listed}", flush=True)
