"""N-gram scores are those of a slow computation, one review and one n-gram at a time."""

from __future__ import annotations

import hashlib
import json
import math
import random
from collections import Counter
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
from processing.features.ngram_scores import (
    NgramScorer,
    NgramScores,
    learn_weights,
    read_weights,
    weighted_ngrams,
    write_weights,
)
from processing.features.ngrams import (
    BUCKETS,
    distinct_ngrams,
    hashes_of,
    ngrams,
)
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

# From Python 3.12 on, forking a process with threads is warned about; a job has none.
pytestmark = pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")

NGRAMS = FEATURE_SETS["ngrams"]
WORDS = "not very good bad film films plot the a of is was boring never 10".split()
ROWS = 83

Table = list[dict[int, int]]  # for each size, the weights of buckets


def some_texts(count: int = ROWS, seed: int = 0) -> dict[str, str]:
    chance = random.Random(seed)
    texts = {
        f"train/{chance.choice(('pos', 'neg'))}/{number}.txt": " ".join(
            ["...", *chance.choices(WORDS, k=chance.choice((0, 1, 2, 3, 9, 30)))]
        )
        for number in range(count)
    }
    return texts | {
        "test/pos/1.txt": "A <b>never</b> seen film is a GOOD film",
        "test/neg/1.txt": "!!!",
        "test/neg/2.txt": "not",
    }


def corpus_of(folder: Path, texts: dict[str, str]) -> Corpus:
    return read_corpus(batches_of(texts), WorkerPool(1), folder / "ids", NGRAMS)


def bucket_of(words: list[str]) -> int:
    def word_hash(word: str) -> int:
        return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little")

    value = word_hash(words[0])
    for word in words[1:]:
        value = (value * 0x9E3779B97F4A7C15 + word_hash(word)) % 2**64
        value = (value ^ (value >> 31)) * 0xBF58476D1CE4E5B9 % 2**64
        value ^= value >> 29
    return value >> 44


def buckets_of(text: str, size: int) -> set[int]:
    words = split_words(text)
    return {bucket_of(words[at : at + size]) for at in range(len(words) - size + 1)}


def slow_table(rows: list[tuple[str, int]]) -> Table:
    """The weights that these texts with their labels give."""
    reviews = Counter(label for _, label in rows)
    table: Table = []
    for size in (1, 2, 3):
        counts: tuple[Counter[int], Counter[int]] = Counter(), Counter()
        for text, label in rows:
            counts[label].update(buckets_of(text, size))
        table.append({})
        for bucket in counts[0] | counts[1]:
            negative, positive = counts[0][bucket], counts[1][bucket]
            odds = math.log((positive + 1) / (reviews[1] + 2))
            odds -= math.log((negative + 1) / (reviews[0] + 2))
            enough = positive + negative >= 2
            table[-1][bucket] = max(-127, min(127, round(16 * odds))) if enough else 0
    return table


def slow_scores(text: str, table: Table) -> list[float]:
    found = []
    for size, weights in enumerate(table, start=1):
        chosen = [weights.get(bucket, 0) for bucket in buckets_of(text, size)]
        chosen = [weight for weight in chosen if weight]
        number = max(1, len(chosen))
        for value in (sum(chosen) / 16 / math.sqrt(number), sum(chosen) / 16 / number):
            found.append(round(value * 10_000) / 10_000)
    return found


@pytest.fixture
def texts() -> dict[str, str]:
    return some_texts()


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


def scores_of(corpus: Corpus, rows: Rows, encoder: Encoder) -> list[list[float]]:
    bag, _ = encoder.encode(corpus.tokens.select(rows))
    scores: list[list[float]] = scores_in(bag).tolist()
    return scores


def scores_in(bag: BagOfWords) -> NgramScores:
    assert bag.ngram_scores is not None
    return bag.ngram_scores


def test_rows_of_train_are_scored_without_their_own_fold(
    corpus: Corpus, texts: dict[str, str], train: Rows, encoders: TrainingEncoders
) -> None:
    stored = list(texts.values())
    rows = [(stored[row], int(corpus.labels[row])) for row in train]
    tables = [
        slow_table([pair for number, pair in enumerate(rows) if number % FOLDS != fold])
        for fold in range(FOLDS)
    ]
    expected = [slow_scores(text, tables[number % FOLDS]) for number, (text, _) in enumerate(rows)]
    assert scores_of(corpus, train, encoders.train) == expected
    assert len({tuple(row) for row in expected}) > 40


def test_all_other_rows_are_scored_with_all_of_train(
    corpus: Corpus, texts: dict[str, str], train: Rows, encoders: TrainingEncoders
) -> None:
    stored = list(texts.values())
    table = slow_table([(stored[row], int(corpus.labels[row])) for row in train])
    others = np.setdiff1d(np.arange(len(texts)), train)
    expected = [slow_scores(stored[row], table) for row in others]
    assert scores_of(corpus, others, encoders.others) == expected


def test_no_label_affects_the_scores_of_its_own_row(
    corpus: Corpus, train: Rows, encoders: TrainingEncoders
) -> None:
    hashes = hashes_of(corpus.terms)
    reviews, labels = corpus.tokens.select(train), corpus.labels[train]
    labels[7] = 1 - labels[7]
    weights = learn_weights(pooled_blocks(reviews, labels, hashes, WorkerPool(1)))
    changed = NgramScorer(hashes, weights[:FOLDS]).scores(reviews.read(), reviews.lengths)
    before = np.array(scores_of(corpus, train, encoders.train))
    others = np.arange(len(train)) % FOLDS != 7 % FOLDS
    assert changed[~others].tolist() == before[~others].tolist()
    assert (changed != before)[others].any()


@pytest.mark.parametrize("feature_format", [LIBSVM, CSV])
@pytest.mark.parametrize("block", [1, 4, 59])
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
        assert encoders.weights.tobytes() == weights[FOLDS].tobytes()
        written.append([path.read_bytes() for path in sorted(folder.iterdir())])
    assert written[0] == written[1]


def test_scores_follow_the_vocabulary_in_every_line(
    tmp_path: Path, corpus: Corpus, encoders: TrainingEncoders
) -> None:
    rows = np.arange(len(corpus.labels))
    expected = [
        [f"{value:.4f}" for value in row] for row in scores_of(corpus, rows, encoders.others)
    ]
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
    ends = [line.split(" ")[-7:-1] for line in lines]
    assert ends == [
        [f"{index}:{value}" for index, value in enumerate(row, start=10)] for row in expected
    ]
    cells = [
        line.split(",") for line in (tmp_path / "out" / "part-00000.csv").read_text().splitlines()
    ]
    assert [row[9:] for row in cells] == expected
    for line, row in zip(lines, cells, strict=True):
        known = [entry.split(":") for entry in line.split(" ")[2:-7]]
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


def test_the_weights_of_the_ngrams_explain_the_scores(
    corpus: Corpus, texts: dict[str, str], encoders: TrainingEncoders
) -> None:
    assert encoders.weights is not None
    for row, text in enumerate(texts.values()):
        found = weighted_ngrams(split_words(text), encoders.weights)
        (columns,) = scores_of(corpus, np.array([row]), encoders.others)
        for size in (1, 2, 3):
            weights = [ngram.weight for ngram in found if ngram.size == size]
            number = max(1, len(weights))
            assert columns[2 * size - 2] == pytest.approx(sum(weights) / number**0.5, abs=6e-5)
            assert columns[2 * size - 1] == pytest.approx(sum(weights) / number, abs=6e-5)


def test_each_ngram_of_a_text_is_listed_once_in_reading_order() -> None:
    weights = np.full((3, BUCKETS), 24, np.int8)
    weights[1, bucket_of(["bad", "not"])] = 0
    found = weighted_ngrams("not bad not bad".split(), weights)
    assert [(ngram.size, ngram.text) for ngram in found] == [
        *[(1, "not"), (1, "bad"), (2, "not bad")],
        *[(3, "not bad not"), (3, "bad not bad")],
    ]
    assert {ngram.weight for ngram in found} == {1.5}
    assert weighted_ngrams([], weights) == []


def test_a_weight_is_limited_to_what_a_byte_can_hold(tmp_path: Path) -> None:
    texts = {f"train/{('neg', 'pos')[n % 2]}/{n}.txt": ("bad", "good")[n % 2] for n in range(9_000)}
    corpus = corpus_of(tmp_path, texts | {"train/pos/rare.txt": "rare"})
    weights = learn_weights(
        pooled_blocks(corpus.tokens, corpus.labels, hashes_of(corpus.terms), WorkerPool(1))
    )
    of_word = {word: weights[FOLDS, 0, bucket_of([word])] for word in ("bad", "good", "rare")}
    assert of_word == {"bad": -127, "good": 127, "rare": 0}


def test_buckets_never_change_because_weights_are_stored_by_them() -> None:
    lengths = np.array([4], np.int32)
    found = [
        buckets.tolist() for _, buckets in ngrams(hashes_of("not a good film".split()), lengths)
    ]
    assert found == [
        [95_358, 193_574, 199_509, 373_451],
        [482_993, 416_516, 410_816],
        [507_562, 203_483],
    ]


@pytest.mark.parametrize("lengths", [[], [0], [1], [2], [0, 1, 0, 2, 3, 0, 7]])
def test_ngrams_dont_cross_the_border_of_a_review(lengths: list[int]) -> None:
    words = [f"word{number % 5}" for number in range(sum(lengths))]
    reviews, at = [], 0
    for length in lengths:
        reviews.append(" ".join(words[at : at + length]))
        at += length
    got = [
        list(zip(rows.tolist(), buckets.tolist(), strict=True))
        for rows, buckets in distinct_ngrams(hashes_of(words), np.array(lengths, np.int32))
    ]
    assert got == [
        [
            (row, bucket)
            for row, text in enumerate(reviews)
            for bucket in sorted(buckets_of(text, size))
        ]
        for size in (1, 2, 3)
    ]


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


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"not numpy's", id="text"),
        pytest.param(b"\x93NUMPY\x01\x00", id="cut"),
    ],
)
def test_a_file_without_weights_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.npy").write_bytes(content)
    with pytest.raises(DataError, match=r"^a\.npy: "):
        read_weights(tmp_path / "a.npy")


def test_weights_of_another_shape_are_refused(tmp_path: Path) -> None:
    write_weights(tmp_path / "a.npy", np.zeros((3, 8), np.int8))
    with pytest.raises(DataError, match=r"^a\.npy: .* shape \(3, 8\)"):
        read_weights(tmp_path / "a.npy")
    np.save(tmp_path / "a.npy", np.zeros((3, BUCKETS)))
    with pytest.raises(DataError, match=r"^a\.npy: "):
        read_weights(tmp_path / "a.npy")


def test_an_unknown_preprocessing_version_is_refused_by_name() -> None:
    with pytest.raises(DataError, match=r"^preprocessing version '7' .* \(1, ngrams-1\)"):
        feature_set_of_version("7")


@pytest.mark.parametrize("workers", ["1", "2", "7"])
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
    assert read_weights(output / "vocabulary" / "ngram-scores.npy").any()
    vocabulary = json.loads((output / "vocabulary" / "vocabulary.json").read_text())
    assert vocabulary["features"] == "ngrams"
    assert vocabulary["preprocessing_version"] == NGRAMS.version
    assert {
        line.split(" ")[-1]
        for line in (output / "train" / "part-00000.libsvm").read_text().splitlines()
    } == {"16:1"}
