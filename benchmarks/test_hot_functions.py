"""The functions that the jobs spend their time in, timed by pytest-benchmark.

The text is invented, but has the length, the words and the markup of reviews.
"""

from __future__ import annotations

import io
import random
import string
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from processing.corpus.corpus import Corpus, read_corpus
from processing.corpus.token_index import TokenIndex
from processing.dataset.files.tar_stream import members
from processing.dataset.reviews import Batch
from processing.features.bag_of_words import BagOfWords, Encoder
from processing.features.vocabulary import fit
from processing.features.writer import csv_lines, libsvm_lines
from processing.jobs import preprocess
from processing.text.html import strip_html
from processing.text.normalize import letters_and_digits, stem, stem_unless_stop_word, tokens
from processing.worker_pool import WorkerPool

_WORDS = 240
_ROWS = np.arange(1_000)
_ENDINGS = ("", "s", "ed", "ing", "ation", "ful", "ly", "ness", "able", "ies")


def _word(chance: random.Random) -> str:
    letters = chance.choices(string.ascii_lowercase, k=chance.randrange(2, 8))
    return "".join(letters) + chance.choice(_ENDINGS)


@pytest.fixture(scope="session")
def words() -> list[str]:
    """5,000 distinct words with the endings that stemming works on."""
    chance = random.Random(0)
    found: dict[str, None] = {}
    while len(found) < 5_000:
        found[_word(chance)] = None
    return list(found)


@pytest.fixture(scope="session")
def review(words: list[str]) -> str:
    """One review as most are: some line breaks, capitals and punctuation."""
    chosen = random.Random(1).choices(words, k=_WORDS)
    sentences = [" ".join(chosen[at : at + 12]).capitalize() for at in range(0, _WORDS, 12)]
    return ". ".join(sentences).replace(". ", ".<br /><br />", 4)


@pytest.fixture(scope="session")
def reviews(words: list[str]) -> dict[str, bytes]:
    """2,000 reviews by name, as many in each set and of each label."""
    chance = random.Random(2)
    # Frequent words are frequent, as in any text.
    weights = [1 / rank for rank in range(1, len(words) + 1)]
    return {
        f"{('train', 'test')[number % 2]}/{('pos', 'neg')[number // 2 % 2]}/{number}_5.txt": (
            " ".join(chance.choices(words, weights, k=_WORDS)).encode()
        )
        for number in range(2_000)
    }


@pytest.fixture(scope="session")
def archive(reviews: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an archive of these reviews."""
    folder = tmp_path_factory.mktemp("raw")
    with tarfile.open(folder / "reviews.tar.gz", "w:gz", compresslevel=1) as target:
        for name, data in reviews.items():
            member = tarfile.TarInfo(f"aclImdb/{name}")
            member.size = len(data)
            target.addfile(member, io.BytesIO(data))
    return folder


@pytest.fixture(scope="session")
def corpus(reviews: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """The same reviews as tokens."""
    names = list(reviews)
    labels = ["pos" if "/pos/" in name else "neg" for name in names]
    splits = [name.split("/")[0] for name in names]
    batch = Batch(names, list(reviews.values()), labels, splits)
    return read_corpus([batch], WorkerPool(1), tmp_path_factory.mktemp("scratch") / "ids")


@pytest.fixture(scope="session")
def bag(corpus: Corpus) -> BagOfWords:
    """The first thousand of them as counts."""
    vocabulary = fit(corpus, 5_000)
    encoder = Encoder(vocabulary.columns, len(vocabulary))
    return encoder.encode(corpus.tokens.select(_ROWS))[0]


def test_strip_html_of_a_review_with_line_breaks_only(benchmark: Any, review: str) -> None:
    assert "<br" not in benchmark(strip_html, review)


def test_strip_html_of_a_review_that_needs_a_parser(benchmark: Any, review: str) -> None:
    marked = review.replace(" ", " <i>really</i> &amp; ", 5)
    assert "really" in benchmark(strip_html, marked)


def test_letters_and_digits_of_a_review(benchmark: Any, review: str) -> None:
    assert benchmark(letters_and_digits, review).islower()


def test_tokens_of_a_review(benchmark: Any, review: str) -> None:
    assert len(benchmark(tokens, review)) > _WORDS / 2


def test_stems_of_5000_distinct_words(benchmark: Any, words: list[str]) -> None:
    stems = benchmark(lambda: [stem(word) for word in words])
    assert len(set(stems)) < len(words)


def test_reading_an_archive_of_2000_reviews(benchmark: Any, archive: Path) -> None:
    packed = (archive / "reviews.tar.gz").read_bytes()

    def read() -> int:
        source: Any = io.BytesIO(packed)
        return sum(1 for _ in members(source, "reviews", wanted=bool))

    assert benchmark(read) == 2_000


def test_tokens_of_2000_reviews(benchmark: Any, reviews: dict[str, bytes]) -> None:
    index, text = TokenIndex(stem_unless_stop_word), b" ".join(reviews.values()).decode()
    index.read(text)  # so that it knows the words, as it soon does in a job
    ids, _ = benchmark(index.read, text)
    assert len(ids) > _WORDS * 1_000


def test_counts_of_1000_reviews(benchmark: Any, corpus: Corpus) -> None:
    vocabulary = fit(corpus, 5_000)
    encoder = Encoder(vocabulary.columns, len(vocabulary))
    bag, _ = benchmark(encoder.encode, corpus.tokens.select(_ROWS))
    assert len(bag) == len(_ROWS)


@pytest.mark.parametrize("lines", [libsvm_lines, csv_lines])
def test_lines_of_1000_reviews(
    benchmark: Any, bag: BagOfWords, lines: Callable[..., bytes]
) -> None:
    assert benchmark(lines, bag, None).count(b"\n") == len(_ROWS)


@pytest.mark.parametrize("form", ["text/libsvm", "text/csv"])
def test_preprocess_of_2000_reviews(
    benchmark: Any, archive: Path, tmp_path: Path, form: str
) -> None:
    given = ["--raw", str(archive), "--output", str(tmp_path), "--feature-format", form]
    options = preprocess.parser().parse_args(given)
    benchmark.pedantic(preprocess.run, args=(options,), rounds=3)
    assert (tmp_path / "manifest" / "manifest.json").is_file()
