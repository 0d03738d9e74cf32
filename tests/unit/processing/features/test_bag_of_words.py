"""Words are 0 or 1 with `Features=ngrams`, and n-gram scores follow them, in training and later."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest

from processing.corpus.corpus import Corpus, read_corpus
from processing.errors import DataError
from processing.feature_sets import FEATURE_SETS, feature_set_of_version
from processing.features.bag_of_words import (
    BagOfWords,
    Encoder,
    TextEncoders,
    TrainingEncoders,
    training_encoders,
)
from processing.features.ngram_learning import learn_weights
from processing.features.ngram_scores import NgramScores
from processing.features.ngram_weights import NgramWeights, read_weights, write_weights
from processing.features.ngrams import hashes_of
from processing.features.splits import Rows
from processing.features.train_rows import FOLDS, pooled_blocks
from processing.features.vocabulary import fit
from processing.features.writer import FORMATS, write_features
from processing.jobs import preprocess
from processing.names import CSV, LIBSVM
from processing.text.normalize import split_words
from processing.worker_pool import WorkerPool
from tests.support.archives import batches_of, write_tar
from tests.support.files import contents
from tests.support.ngram_reference import WORDS, ngrams_of, scores_of, some_texts, table_of

# From Python 3.12 on, forking a process with threads is warned about; a job has none.
pytestmark = pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")

NGRAMS = FEATURE_SETS["ngrams"]
ROWS = 83


def corpus_of(folder: Path, texts: dict[str, str]) -> Corpus:
    return read_corpus(batches_of(texts), WorkerPool(1), folder / "ids", NGRAMS)


@pytest.fixture
def texts() -> dict[str, str]:
    return some_texts(ROWS)


@pytest.fixture
def corpus(tmp_path: Path, texts: dict[str, str]) -> Corpus:
    return corpus_of(tmp_path, texts)


@pytest.fixture
def train() -> Rows:
    """The train split: some rows of the training set, in random order."""
    return np.array(random.Random(1).sample(range(ROWS), 60), np.int64)


@pytest.fixture
def encoders(corpus: Corpus, train: Rows) -> TrainingEncoders:
    return training_encoders(corpus, fit(corpus, 9), NGRAMS, train, WorkerPool(1))


def encoded(corpus: Corpus, rows: Rows, encoder: Encoder) -> list[list[float]]:
    bag, _ = encoder.encode(corpus.tokens.select(rows))
    scores: list[list[float]] = scores_in(bag).tolist()
    return scores


def same(one: NgramWeights, other: NgramWeights) -> bool:
    return all(
        np.array_equal(getattr(one, name), getattr(other, name))
        for name in ("ngrams", "ratios", "linear")
    )


def scores_in(bag: BagOfWords) -> NgramScores:
    assert bag.ngram_scores is not None
    return bag.ngram_scores


def test_rows_of_train_are_scored_without_their_own_fold(
    corpus: Corpus, texts: dict[str, str], train: Rows, encoders: TrainingEncoders
) -> None:
    stored = list(texts.values())
    rows = [(ngrams_of(stored[row]), int(corpus.labels[row])) for row in train]
    tables = [
        table_of([pair for number, pair in enumerate(rows) if number % FOLDS != fold])
        for fold in range(FOLDS)
    ]
    expected = [scores_of(stored[row], tables[number % FOLDS]) for number, row in enumerate(train)]
    assert encoded(corpus, train, encoders.train) == expected
    assert len({tuple(row) for row in expected}) > 40


def test_all_other_rows_are_scored_with_all_of_train(
    corpus: Corpus, texts: dict[str, str], train: Rows, encoders: TrainingEncoders
) -> None:
    stored = list(texts.values())
    table = table_of([(ngrams_of(stored[row]), int(corpus.labels[row])) for row in train])
    others = np.setdiff1d(np.arange(len(texts)), train)
    expected = [scores_of(stored[row], table) for row in others]
    assert encoded(corpus, others, encoders.others) == expected


def test_no_label_affects_the_scores_of_its_own_row(
    corpus: Corpus, train: Rows, encoders: TrainingEncoders
) -> None:
    before = np.array(encoded(corpus, train, encoders.train))
    corpus.labels[train[7]] = 1 - corpus.labels[train[7]]
    others = training_encoders(corpus, fit(corpus, 9), NGRAMS, train, WorkerPool(1))
    after = np.array(encoded(corpus, train, others.train))
    is_other_fold = np.arange(len(train)) % FOLDS != 7 % FOLDS
    assert after[~is_other_fold].tolist() == before[~is_other_fold].tolist()
    assert (after != before)[is_other_fold].any()


@pytest.mark.parametrize(("feature_format", "block"), [(LIBSVM, 1), (CSV, 4), (LIBSVM, 59)])
def test_neither_blocks_nor_workers_change_a_byte(
    tmp_path: Path, corpus: Corpus, train: Rows, feature_format: str, block: int
) -> None:
    vocabulary = fit(corpus, 9)
    written = []
    for workers, rows in ((1, 1_000), (3, block)):
        folder = tmp_path / f"{workers} workers"
        with WorkerPool(workers) as pool:
            encoders = training_encoders(corpus, vocabulary, NGRAMS, train, pool)
            reviews, labels = corpus.tokens.select(train), corpus.labels[train]
            weights = learn_weights(
                pooled_blocks(reviews, labels, hashes_of(corpus.terms), pool, rows)
            )
            write_features(
                reviews,
                encoders.train,
                folder,
                pool=pool,
                row_format=FORMATS[feature_format],
                parts=2,
                rows_at_a_time=rows,
            )
        assert encoders.weights is not None
        assert same(encoders.weights, weights.of_all)
        written.append([path.read_bytes() for path in sorted(folder.iterdir())])
    assert written[0] == written[1]


def test_scores_follow_the_vocabulary_in_every_line(
    tmp_path: Path, corpus: Corpus, encoders: TrainingEncoders
) -> None:
    rows = np.arange(len(corpus.labels))
    expected = [[f"{value:.4f}" for value in row] for row in encoded(corpus, rows, encoders.others)]
    for feature_format in (LIBSVM, CSV):
        write_features(
            corpus.tokens,
            encoders.others,
            tmp_path / "out",
            pool=WorkerPool(1),
            row_format=FORMATS[feature_format],
            parts=1,
        )
    lines = (tmp_path / "out" / "part-00000.libsvm").read_text().splitlines()
    ends = [line.split(" ")[-9:-1] for line in lines]
    assert ends == [
        [f"{index}:{value}" for index, value in enumerate(row, start=10)] for row in expected
    ]
    cells = [
        line.split(",") for line in (tmp_path / "out" / "part-00000.csv").read_text().splitlines()
    ]
    assert [row[9:] for row in cells] == expected
    for line, row in zip(lines, cells, strict=True):
        known = [entry.split(":") for entry in line.split(" ")[2:-9]]
        assert {count for _, count in known} <= {"1"}
        assert [int(index) - 1 for index, _ in known] == [at for at in range(9) if row[at] == "1"]


def test_new_text_is_scored_as_in_training(
    tmp_path: Path, corpus: Corpus, texts: dict[str, str], encoders: TrainingEncoders
) -> None:
    new = {name: text for name, text in texts.items() if name.startswith("test")}
    assert encoders.weights is not None
    write_weights(tmp_path / "scores.npy", encoders.weights)
    (tmp_path / "new").mkdir()
    corpus_of_new = corpus_of(tmp_path / "new", new)
    weights = read_weights(tmp_path / "scores.npy")
    encoder = TextEncoders(NGRAMS, fit(corpus, 9).terms, weights).of(corpus_of_new.terms)
    got, known = encoder.encode(corpus_of_new.tokens)
    old = corpus.tokens.select(np.arange(ROWS, ROWS + 3))
    expected, known_before = encoders.others.encode(old)
    assert got.columns.tolist() == expected.columns.tolist()
    assert got.offsets.tolist() == expected.offsets.tolist()
    assert scores_in(got).tolist() == scores_in(expected).tolist()
    assert known.tolist() == known_before.tolist()


def test_words_and_known_words_are_counted_for_each_row(
    tmp_path: Path, corpus: Corpus, texts: dict[str, str], encoders: TrainingEncoders
) -> None:
    terms = set(fit(corpus, 9).terms)
    rows = np.array(random.Random(2).sample(range(len(texts)), len(texts)), np.int64)
    written = write_features(
        corpus.tokens.select(rows),
        encoders.others,
        tmp_path / "out",
        pool=WorkerPool(1),
        row_format=FORMATS[LIBSVM],
        parts=3,
    )
    words = [split_words(list(texts.values())[row]) for row in rows]
    assert written.words.tolist() == [len(of_row) for of_row in words]
    assert written.known.tolist() == [sum(word in terms for word in of_row) for of_row in words]


def test_the_vocabulary_has_unchanged_words(corpus: Corpus) -> None:
    assert fit(corpus, 100).terms == sorted(WORDS)


def test_an_unknown_preprocessing_version_is_refused_by_name() -> None:
    with pytest.raises(DataError, match=r"^preprocessing version '7' .* \(1, ngrams-2\)"):
        feature_set_of_version("7")


@pytest.mark.parametrize("workers", ["2", "7"])
def test_the_job_writes_the_same_weights_with_any_number_of_workers(
    tmp_path: Path, workers: str
) -> None:
    texts = some_texts(300)
    entries = {f"aclImdb/{name}": text.encode() for name, text in texts.items()}
    (tmp_path / "raw").mkdir()
    write_tar(tmp_path / "raw" / "reviews.tar", entries)
    given = ["--raw", str(tmp_path / "raw"), "--features", "ngrams", "--vocabulary-size", "9"]
    outputs = []
    for number in ("1", workers):
        output = tmp_path / f"output of {number}"
        options = ["--output", str(output), "--workers", number]
        preprocess.run(preprocess.parser().parse_args([*given, *options]))
        outputs.append(contents(output))
    assert outputs[0] == outputs[1]
    assert read_weights(output / "vocabulary" / "ngram-scores.npy").linear.any()
    vocabulary = json.loads((output / "vocabulary" / "vocabulary.json").read_text())
    assert vocabulary["features"] == "ngrams"
    assert vocabulary["preprocessing_version"] == NGRAMS.version
    assert {
        line.split(" ")[-1]
        for line in (output / "train" / "part-00000.libsvm").read_text().splitlines()
    } == {"18:1"}
