"""Part files of features: layout, number of rows, content."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_svmlight_file
from sklearn.feature_extraction.text import CountVectorizer

from processing.corpus.corpus import Corpus
from processing.features.bag_of_words import Encoder
from processing.features.vocabulary import Vocabulary, fit
from processing.features.writer import FORMATS, ROWS_AT_A_TIME, write_features, write_labels
from processing.names import CSV, LIBSVM
from processing.text.normalize import tokens
from processing.worker_pool import WorkerPool
from tests.support.archives import corpus_of

WORDS = "alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo the of".split()
LINE = re.compile(r"[01]( (0|[1-9][0-9]*):[1-9][0-9]*)+")

Written = tuple[Corpus, Vocabulary, dict[str, str]]


@pytest.fixture
def reviews(tmp_path: Path) -> Written:
    """40 reviews, some of them without a word, and a vocabulary that leaves words out."""
    rng = random.Random(6)
    texts = {
        f"train/{rng.choice(('pos', 'neg'))}/{number}.txt": " ".join(
            ["...", *rng.choices(WORDS, k=rng.choice((0, 1, 5, 40)))]
        )
        for number in range(40)
    }
    texts["test/pos/nothing known.txt"] = "yankee zulu"
    texts["test/neg/nothing.txt"] = "!!!"
    corpus = corpus_of(tmp_path, texts)
    return corpus, fit(corpus, 8), texts


def dense(written: Written) -> Any:
    _, vocabulary, texts = written
    vectorizer = CountVectorizer(
        tokenizer=tokens, lowercase=False, token_pattern=None, vocabulary=vocabulary.terms
    )
    return vectorizer.transform(texts.values()).toarray()


def write(
    written: Written,
    folder: Path,
    feature_format: str,
    rows: list[int] | None = None,
    parts: int = 1,
    labels: Path | None = None,
    rows_at_a_time: int = ROWS_AT_A_TIME,
) -> tuple[list[list[str]], Any]:
    """The lines of each part file, and the document counts.

    labels: a folder, to which the labels are written instead of with the features.
    """
    corpus, _, texts = written
    chosen = np.array(list(range(len(texts))) if rows is None else rows, dtype=np.int64)
    result = write_features(
        corpus.tokens.select(chosen),
        encoder(written),
        folder,
        pool=WorkerPool(1),
        row_format=FORMATS[feature_format],
        parts=parts,
        labels=None if labels else corpus.labels[chosen],
        rows_at_a_time=rows_at_a_time,
    )
    if labels:
        write_labels(corpus.labels[chosen], labels, parts=parts)
    return lines_of(folder), result.document_counts


def encoder(written: Written) -> Encoder:
    _, vocabulary, _ = written
    return Encoder(vocabulary.columns, len(vocabulary))


def lines_of(folder: Path) -> list[list[str]]:
    contents = [path.read_bytes().decode("ascii") for path in sorted(folder.iterdir())]
    assert all(content.endswith("\n") for content in contents)
    assert not any("\r" in content for content in contents)
    return [content.removesuffix("\n").split("\n") for content in contents]


def test_a_bag_holds_the_counts_of_its_rows_in_their_order(reviews: Written) -> None:
    corpus, vocabulary, _ = reviews
    rows = np.array([7, 0, 41, 3, 7], dtype=np.int64)
    bag, _ = encoder(reviews).encode(corpus.tokens.select(rows))
    offsets = bag.offsets.tolist()
    assert len(bag) == len(rows)
    for row, start, end in zip(rows, offsets[:-1], offsets[1:], strict=True):
        line = np.zeros(len(vocabulary), dtype=np.int64)
        line[bag.columns[start:end]] = bag.counts[start:end]
        assert line.tolist() == dense(reviews)[row].tolist()


def test_every_libsvm_line_is_in_the_layout_that_the_container_reads(
    reviews: Written, tmp_path: Path
) -> None:
    (lines,), _ = write(reviews, tmp_path / "out", LIBSVM)
    assert len(lines) == 42
    for line in lines:
        assert LINE.fullmatch(line), line
        indices = [int(entry.split(":")[0]) for entry in line.split(" ")[1:]]
        assert indices == sorted(set(indices))
        assert line.split(" ")[1] == "0:1"
        assert line.split(" ")[-1] == "9:1"  # 8 stems are at 1 to 8


def test_a_libsvm_row_without_a_known_word_holds_the_two_constants(
    reviews: Written, tmp_path: Path
) -> None:
    (lines,), _ = write(reviews, tmp_path / "out", LIBSVM, rows=[40, 41])
    assert lines == ["1 0:1 9:1", "0 0:1 9:1"]


def test_libsvm_holds_the_dense_counts_between_the_constants(
    reviews: Written, tmp_path: Path
) -> None:
    write(reviews, tmp_path / "out", LIBSVM)
    matrix, labels = load_svmlight_file(
        str(tmp_path / "out" / "part-00000.libsvm"), zero_based=True
    )
    assert matrix.shape == (42, 10)
    assert matrix.toarray()[:, 1:-1].tolist() == dense(reviews).tolist()
    assert matrix.toarray()[:, [0, -1]].tolist() == [[1, 1]] * 42
    assert labels.tolist() == reviews[0].labels.tolist()


def test_csv_holds_the_label_and_the_dense_counts(reviews: Written, tmp_path: Path) -> None:
    (lines,), _ = write(reviews, tmp_path / "out", CSV)
    expected = np.column_stack([reviews[0].labels, dense(reviews)])
    assert lines == [",".join(map(str, row)) for row in expected.tolist()]


def test_csv_without_labels_holds_the_dense_counts_alone(reviews: Written, tmp_path: Path) -> None:
    (lines,), _ = write(reviews, tmp_path / "out", CSV, labels=tmp_path / "labels")
    assert lines == [",".join(map(str, row)) for row in dense(reviews).tolist()]


def test_libsvm_without_labels_differs_only_in_the_label_0(
    reviews: Written, tmp_path: Path
) -> None:
    (with_labels,), _ = write(reviews, tmp_path / "with", LIBSVM)
    (without,), _ = write(reviews, tmp_path / "out", LIBSVM, labels=tmp_path / "labels")
    assert without == [f"0{line[1:]}" for line in with_labels]
    assert {line[0] for line in with_labels} == {"0", "1"}


@pytest.mark.parametrize("feature_format", [LIBSVM, CSV])
@pytest.mark.parametrize("parts", [1, 2, 5, 41, 42])
def test_parts_share_the_rows_equally_and_in_order(
    reviews: Written, tmp_path: Path, feature_format: str, parts: int
) -> None:
    ((*whole,),), _ = write(reviews, tmp_path / "whole", feature_format)
    shared, _ = write(reviews, tmp_path / "parts", feature_format, parts=parts)
    assert [line for part in shared for line in part] == whole
    assert len(shared) == parts
    assert max(map(len, shared)) - min(map(len, shared)) <= 1


def test_there_are_no_more_parts_than_rows(reviews: Written, tmp_path: Path) -> None:
    parts, _ = write(reviews, tmp_path / "out", LIBSVM, rows=[3, 1, 2], parts=10)
    assert [len(part) for part in parts] == [1, 1, 1]


def test_parts_are_named_so_that_name_order_is_row_order(reviews: Written, tmp_path: Path) -> None:
    write(reviews, tmp_path / "out", LIBSVM, parts=11, labels=tmp_path / "labels")
    names = [path.name for path in sorted((tmp_path / "out").iterdir())]
    assert names == [f"part-{number:05}.libsvm" for number in range(11)]
    names = [path.name for path in sorted((tmp_path / "labels").iterdir())]
    assert names == [f"part-{number:05}.csv" for number in range(11)]


@pytest.mark.parametrize("feature_format", [LIBSVM, CSV])
def test_label_files_pair_with_the_feature_files_row_by_row(
    reviews: Written, tmp_path: Path, feature_format: str
) -> None:
    corpus = reviews[0]
    rows = random.Random(7).sample(range(42), 42)
    features, _ = write(
        reviews, tmp_path / "out", feature_format, rows, 4, labels=tmp_path / "labels"
    )
    labels = lines_of(tmp_path / "labels")
    assert [len(part) for part in labels] == [len(part) for part in features]
    assert [int(label) for part in labels for label in part] == corpus.labels[rows].tolist()


@pytest.mark.parametrize("parts", [1, 3])
def test_document_counts_are_the_numbers_of_rows_with_a_stem(
    reviews: Written, tmp_path: Path, parts: int
) -> None:
    rows = [0, 3, 5, 8, 13, 21, 34, 40]
    _, counts = write(reviews, tmp_path / "out", LIBSVM, rows, parts)
    assert counts.tolist() == (dense(reviews)[rows] > 0).sum(axis=0).tolist()


@pytest.mark.parametrize("feature_format", [LIBSVM, CSV])
@pytest.mark.parametrize("block", [1, 4, 41, 42])
def test_the_border_of_a_block_changes_no_byte(
    reviews: Written, tmp_path: Path, feature_format: str, block: int
) -> None:
    expected, expected_counts = write(reviews, tmp_path / "whole", feature_format, parts=3)
    got, counts = write(reviews, tmp_path / "blocks", feature_format, parts=3, rows_at_a_time=block)
    assert got == expected
    assert counts.tolist() == expected_counts.tolist()


def test_a_word_that_occurs_very_often_keeps_its_count(tmp_path: Path) -> None:
    corpus = corpus_of(tmp_path, {"train/pos/1.txt": "alpha " * 70_000 + "bravo"})
    written = corpus, fit(corpus, 2), {"train/pos/1.txt": ""}
    (lines,), _ = write(written, tmp_path / "out", LIBSVM)
    assert lines == ["1 0:1 1:70000 2:1 3:1"]
