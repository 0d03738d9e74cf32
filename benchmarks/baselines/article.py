"""The article's own code, stage by stage.

    read     the archive unpacked by tar, every file opened and read
    words    BeautifulSoup, re, NLTK's stop words and stemmer, on every n-th review
    csv      CountVectorizer, dense arrays, pandas' CSV files

``words`` takes more than an hour on the whole archive, so it runs on a sample, and its cost is
multiplied by the words of all reviews divided by the words of the sample. The notebook also calls
NLTK's downloader for every review; that is left out.
"""

from __future__ import annotations

import pickle
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
from bs4 import BeautifulSoup
from nltk.corpus import stopwords
from nltk.stem.porter import PorterStemmer
from sklearn.feature_extraction.text import CountVectorizer

from benchmarks.baselines import reviews
from benchmarks.harness.archive import reviews as archive_reviews
from benchmarks.harness.stages import StageTimer
from benchmarks.pipeline.rows import AS_WRITTEN, ONE_LIST


def words_as_written(review: str) -> list[str]:
    """Return a review's words as in the notebook, which reads NLTK's list again for every word."""
    text = re.sub(r"[^a-zA-Z0-9]", " ", BeautifulSoup(review, "html.parser").get_text().lower())
    kept = [word for word in text.split() if word not in stopwords.words("english")]
    return [PorterStemmer().stem(word) for word in kept]


def words_with_one_list(review: str) -> list[str]:
    """Return the same words, with the list read once."""
    text = re.sub(r"[^a-zA-Z0-9]", " ", BeautifulSoup(review, "html.parser").get_text().lower())
    stop_words = stopwords.words("english")
    kept = [word for word in text.split() if word not in stop_words]
    return [PorterStemmer().stem(word) for word in kept]


VARIANTS = {AS_WRITTEN: words_as_written, ONE_LIST: words_with_one_list}


def read(archive: Path, folder: Path) -> None:
    """Unpack the archive into ``folder`` and read all its reviews."""
    timer = StageTimer()
    with timer.stage("unpack and read"):
        subprocess.run(["tar", "-xzf", archive, "-C", folder], check=True)
        for path in folder.glob("*/*/*/*.txt"):
            with path.open() as file:
                file.read()
    timer.print()


def words(archive: Path, every: int, variant: str) -> None:
    """Tokenize every n-th review."""
    texts = [review.text for review in archive_reviews(archive)]
    sample = texts[::every]
    scale = reviews.count_words(texts) / reviews.count_words(sample)
    words_of = VARIANTS[variant]
    words_of("NLTK loads its corpus on the first call")
    timer = StageTimer()
    with timer.stage(variant, scale):
        for text in sample:
            words_of(text)
    timer.print()


def csv(words_file: Path, folder: Path) -> None:
    """Count the words and write the notebook's three CSV files."""
    with words_file.open("rb") as file:
        splits: dict[str, reviews.Split] = pickle.load(file)
    words, labels = splits["train"]
    timer = StageTimer()
    with timer.stage("CountVectorizer, toarray"):
        vectorizer = CountVectorizer(
            max_features=5_000,
            preprocessor=lambda text: text,
            tokenizer=lambda text: text,
            token_pattern=None,
        )
        train = vectorizer.fit_transform(words).toarray()
        test = vectorizer.transform(splits["test"][0]).toarray()
    with timer.stage("CSV files"):
        for name, rows in reviews.splits(len(labels)).items():
            table = pd.concat([pd.DataFrame(labels[rows]), pd.DataFrame(train[rows])], axis=1)
            _write(table, folder / name)
        _write(pd.DataFrame(test), folder / "test")
    timer.print()


def _write(table: pd.DataFrame, folder: Path) -> None:
    folder.mkdir(parents=True)
    table.to_csv(folder / f"{folder.name}.csv", header=False, index=False)


def main(part: str, *given: str) -> None:
    """Run one stage, the program's first argument."""
    if part == "read":
        read(Path(given[0]), Path(given[1]))
    elif part == "words":
        words(Path(given[0]), int(given[1]), given[2])
    else:
        csv(Path(given[0]), Path(given[1]))


if __name__ == "__main__":
    main(*sys.argv[1:])
