"""The article's own code, as its notebook does it, a part at a time.

    read     the archive unpacked by tar, every file opened and read
    words    BeautifulSoup, re, NLTK's stop words and stemmer, on every n-th review
    csv      CountVectorizer, dense arrays, pandas' CSV files

``words`` goes on for hours on the whole archive, so its cost is that of a sample, times the words
of all reviews by the words of the sample. What it leaves out: the notebook calls NLTK's downloader
for every review.
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

from benchmarks.archive import reviews as archive_reviews
from benchmarks.baselines import reviews
from benchmarks.parts import Parts
from benchmarks.rows import AS_WRITTEN, ONCE_A_REVIEW


def words_as_written(review: str) -> list[str]:
    """The notebook's words of a review: NLTK's list is read again for every word of it."""
    text = re.sub(r"[^a-zA-Z0-9]", " ", BeautifulSoup(review, "html.parser").get_text().lower())
    kept = [word for word in text.split() if word not in stopwords.words("english")]
    return [PorterStemmer().stem(word) for word in kept]


def words_with_one_list(review: str) -> list[str]:
    """The same words, the list read once for the review."""
    text = re.sub(r"[^a-zA-Z0-9]", " ", BeautifulSoup(review, "html.parser").get_text().lower())
    stop_words = stopwords.words("english")
    kept = [word for word in text.split() if word not in stop_words]
    return [PorterStemmer().stem(word) for word in kept]


VARIANTS = {AS_WRITTEN: words_as_written, ONCE_A_REVIEW: words_with_one_list}


def read(archive: Path, folder: Path) -> None:
    """Unpacks the archive into ``folder`` and reads all its reviews."""
    parts = Parts()
    with parts.part("unpack and read"):
        subprocess.run(["tar", "-xzf", archive, "-C", folder], check=True)
        for path in folder.glob("*/*/*/*.txt"):
            with path.open() as file:
                file.read()
    parts.tell()


def words(archive: Path, every: int, variant: str) -> None:
    """Makes words of every n-th review."""
    texts = [review.text for review in archive_reviews(archive)]
    sample = texts[::every]
    scale = reviews.count_words(texts) / reviews.count_words(sample)
    words_of = VARIANTS[variant]
    words_of("NLTK reads its list of files when it is first asked")
    parts = Parts()
    with parts.part(variant, scale):
        for text in sample:
            words_of(text)
    parts.tell()


def csv(words_file: Path, folder: Path) -> None:
    """Counts the words and writes the notebook's three CSV files."""
    with words_file.open("rb") as file:
        halves: dict[str, reviews.Half] = pickle.load(file)
    words, labels = halves["train"]
    parts = Parts()
    with parts.part("CountVectorizer, toarray"):
        vectorizer = CountVectorizer(
            max_features=5_000,
            preprocessor=lambda text: text,
            tokenizer=lambda text: text,
            token_pattern=None,
        )
        train = vectorizer.fit_transform(words).toarray()
        test = vectorizer.transform(halves["test"][0]).toarray()
    with parts.part("CSV files"):
        for name, rows in reviews.splits(len(labels)).items():
            table = pd.concat([pd.DataFrame(labels[rows]), pd.DataFrame(train[rows])], axis=1)
            _write(table, folder / name)
        _write(pd.DataFrame(test), folder / "test")
    parts.tell()


def _write(table: pd.DataFrame, folder: Path) -> None:
    folder.mkdir(parents=True)
    table.to_csv(folder / f"{folder.name}.csv", header=False, index=False)


def main(part: str, *given: str) -> None:
    """Does one part, given as the program's first argument."""
    if part == "read":
        read(Path(given[0]), Path(given[1]))
    elif part == "words":
        words(Path(given[0]), int(given[1]), given[2])
    else:
        csv(Path(given[0]), Path(given[1]))


if __name__ == "__main__":
    main(*sys.argv[1:])
