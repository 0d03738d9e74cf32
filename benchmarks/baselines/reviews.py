"""Prepare reviews for the baselines, outside of what is measured.

``python -m benchmarks.baselines.reviews ARCHIVE TARGET`` writes every review's words, for the
stages that start from words.
"""

from __future__ import annotations

import pickle
import random
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from benchmarks.harness.archive import reviews
from processing.text.normalize import split_words, stem_unless_stop_word, tokens

Split = tuple[list[list[str]], list[int]]
"""Words and labels of the training set or the test set, row by row."""

VALIDATION_SHARE = 0.4


def count_words(texts: Iterable[str]) -> int:
    """Count the words of the texts, stop words included."""
    return sum(len(split_words(text)) for text in texts)


def words_by_split(archive: Path) -> dict[str, Split]:
    """Return the words of every review, shuffled as in the article, by train and test."""
    term = cache(stem_unless_stop_word)
    found: dict[str, Split] = {"train": ([], []), "test": ([], [])}
    all_reviews = list(reviews(archive))
    random.Random(0).shuffle(all_reviews)
    for review in all_reviews:
        rows, labels = found[review.split]
        rows.append(tokens(review.text, term))
        labels.append(review.label)
    return found


def splits(rows: int) -> dict[str, slice]:
    """Return which rows of the training set are for validation, and which for training."""
    validation = int(rows * VALIDATION_SHARE)
    return {"validation": slice(0, validation), "train": slice(validation, rows)}


if __name__ == "__main__":
    with Path(sys.argv[2]).open("wb") as file:
        pickle.dump(words_by_split(Path(sys.argv[1])), file)
