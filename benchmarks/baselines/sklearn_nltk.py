"""The same work with scikit-learn and NLTK, as an experienced user writes it.

``python -m benchmarks.baselines.sklearn_nltk ARCHIVE FOLDER``: tarfile, BeautifulSoup, each
distinct word stemmed once, sparse counts, libsvm files, XGBoost on the sparse matrix.
"""

from __future__ import annotations

import random
import re
import sys
import tarfile
import warnings
from functools import cache
from pathlib import Path

import numpy as np
import xgboost
from bs4 import BeautifulSoup
from nltk.corpus import stopwords
from nltk.stem.porter import PorterStemmer
from sklearn.datasets import dump_svmlight_file
from sklearn.feature_extraction.text import CountVectorizer

from benchmarks.baselines.reviews import splits
from benchmarks.harness.stages import StageTimer
from benchmarks.harness.xgboost_jobs import ROUNDS, STOPPING_ROUNDS, booster_parameters

_REVIEW = re.compile(r".*/(train|test)/(pos|neg)/[^/]*\.txt")


def read(archive: Path) -> dict[str, list[tuple[str, int]]]:
    """Return (text, label) of every review, shuffled, by train and test."""
    found: dict[str, list[tuple[str, int]]] = {"train": [], "test": []}
    with tarfile.open(archive, "r:gz") as members:
        for member in members:
            if (match := _REVIEW.fullmatch(member.name)) and (file := members.extractfile(member)):
                found[match[1]].append((file.read().decode(), int(match[2] == "pos")))
    for rows in found.values():
        random.Random(0).shuffle(rows)
    return found


class Words:
    """Tokenizer that reads the stop words once and stems each distinct word once."""

    def __init__(self) -> None:
        self._stop_words = frozenset(stopwords.words("english"))
        self._stem = cache(PorterStemmer().stem)

    def __call__(self, review: str) -> list[str]:
        text = BeautifulSoup(review, "html.parser").get_text().lower()
        words = re.sub(r"[^a-z0-9]", " ", text).split()
        return [self._stem(word) for word in words if word not in self._stop_words]


def main(archive: Path, folder: Path) -> None:
    """Run the stages."""
    warnings.simplefilter("ignore")
    words_of = Words()
    timer = StageTimer()
    with timer.stage("read"):
        splits_read = read(archive)
    with timer.stage("words"):
        train, test = (
            [words_of(text) for text, _ in splits_read[name]] for name in ("train", "test")
        )
    with timer.stage("CountVectorizer, sparse"):
        vectorizer = CountVectorizer(max_features=5_000, analyzer=lambda words: words)
        counts, scored = vectorizer.fit_transform(train), vectorizer.transform(test)
    labels = np.array([label for _, label in splits_read["train"]])
    rows = splits(len(labels))
    with timer.stage("libsvm files"):
        for name, chosen in rows.items():
            dump_svmlight_file(counts[chosen], labels[chosen], str(folder / f"{name}.libsvm"))
        dump_svmlight_file(scored, np.zeros(len(test)), str(folder / "test.libsvm"))
    with timer.stage("XGBoost"):
        data = {name: xgboost.DMatrix(counts[of], labels[of]) for name, of in rows.items()}
        booster = xgboost.train(
            booster_parameters(),
            data["train"],
            ROUNDS,
            evals=[(data[name], name) for name in ("train", "validation")],
            early_stopping_rounds=STOPPING_ROUNDS,
            verbose_eval=False,
        )
    with timer.stage("predict"):
        booster.predict(xgboost.DMatrix(scored))
    timer.print()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
