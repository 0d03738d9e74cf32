"""The reviews for the baselines; what is done here is in no baseline's account.

``python -m benchmarks.baselines.reviews ARCHIVE TARGET`` leaves every review's words, for those
baselines that begin where words have been made.
"""

from __future__ import annotations

import pickle
import random
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from benchmarks.archive import reviews
from processing.text.normalize import letters_and_digits, stem, strip_html
from processing.text.stop_words import ENGLISH

Half = tuple[list[list[str]], list[int]]
"""The reviews of one half, in random order: words and labels, row by row."""

VALIDATION_SHARE = 0.4


def count_words(texts: Iterable[str]) -> int:
    """How many words the texts hold, stop words included."""
    return sum(len(letters_and_digits(strip_html(text)).split()) for text in texts)


def halves(archive: Path) -> dict[str, Half]:
    """The words of every review, by half, shuffled as the article does."""
    quick_stem = cache(stem)
    found: dict[str, Half] = {"train": ([], []), "test": ([], [])}
    all_reviews = list(reviews(archive))
    random.Random(0).shuffle(all_reviews)
    for review in all_reviews:
        rows, labels = found[review.half]
        words = letters_and_digits(strip_html(review.text)).split()
        rows.append([quick_stem(word) for word in words if word not in ENGLISH])
        labels.append(review.label)
    return found


def splits(rows: int) -> dict[str, slice]:
    """Which rows of the training half are for validation, and which for training."""
    validation = int(rows * VALIDATION_SHARE)
    return {"validation": slice(0, validation), "train": slice(validation, rows)}


if __name__ == "__main__":
    with Path(sys.argv[2]).open("wb") as file:
        pickle.dump(halves(Path(sys.argv[1])), file)
