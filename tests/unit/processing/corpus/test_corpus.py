"""A corpus holds the tokens of `processing.text`, however the work is divided."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from processing.corpus.corpus import Corpus, read_corpus
from processing.dataset.reviews import Skipped
from processing.text.normalize import tokens
from processing.worker_pool import WorkerPool
from tests.support.archives import batch, batches_of, corpus_of
from tests.support.vocabulary_samples import some_texts, train_only

# From Python 3.12 on, forking a process with threads is warned about; a job has none.
pytestmark = pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")


def tokens_of(corpus: Corpus) -> list[list[str]]:
    """The tokens of each review."""
    return [
        [corpus.terms[id_] for id_ in corpus.tokens.select(np.array([row])).read()]
        for row in range(len(corpus.names))
    ]


def counts_of(corpus: Corpus) -> dict[str, int]:
    """Return the number of occurrences of each term in the training set."""
    return dict(zip(corpus.terms, corpus.training_counts.tolist(), strict=True))


def test_every_review_is_kept_as_its_tokens(tmp_path: Path) -> None:
    texts = some_texts(60)
    corpus = corpus_of(tmp_path, texts)
    assert list(corpus.names) == list(texts)
    assert tokens_of(corpus) == [tokens(text) for text in texts.values()]
    assert corpus.labels.tolist() == [int("/pos/" in name) for name in texts]
    assert corpus.in_training_set.tolist() == [name.startswith("train/") for name in texts]


def test_words_of_one_stem_are_one_term_and_stop_words_are_dropped(tmp_path: Path) -> None:
    corpus = corpus_of(tmp_path, train_only("movie the movies The MOVIE"))
    assert tokens_of(corpus) == [["movi", "movi", "movi"]]
    assert counts_of(corpus) == {"movi": 3}


def test_a_review_without_words_keeps_its_row(tmp_path: Path) -> None:
    corpus = corpus_of(tmp_path, train_only("!!!", "film", "<br />"))
    assert tokens_of(corpus) == [[], ["film"], []]


@pytest.mark.parametrize("size", [1, 7, 59])
@pytest.mark.parametrize("workers", [1, 2, 5])
def test_neither_batches_nor_workers_change_a_corpus(
    tmp_path: Path, size: int, workers: int
) -> None:
    texts = some_texts(60)
    whole = corpus_of(tmp_path, texts)
    with WorkerPool(workers) as pool:
        pieces = read_corpus(batches_of(texts, size), pool, tmp_path / "small")
    assert tokens_of(pieces) == tokens_of(whole)
    assert list(pieces.names) == list(whole.names)
    assert counts_of(pieces) == counts_of(whole)
    assert pieces.digests.tolist() == whole.digests.tolist()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_worker_that_forgets_its_words_changes_no_corpus(tmp_path: Path, workers: int) -> None:
    texts = some_texts(60)
    whole = corpus_of(tmp_path, texts)
    with WorkerPool(workers) as pool:
        pieces = read_corpus(batches_of(texts, 3), pool, tmp_path / "small", max_words=9)
    assert tokens_of(pieces) == tokens_of(whole)
    assert counts_of(pieces) == counts_of(whole)


def test_equal_texts_have_equal_digests_and_others_do_not(tmp_path: Path) -> None:
    corpus = corpus_of(tmp_path, train_only("A film", "A film", "A  film"))
    first, second, third = corpus.digests.tolist()
    assert first == second
    assert first != third


def test_skipped_reviews_are_listed_by_name(tmp_path: Path) -> None:
    texts = {"train/pos/2.txt": b"", "train/pos/1.txt": b"film", "test/neg/9.txt": b"caf\xe9"}
    corpus = read_corpus([batch([*texts], [*texts.values()])], WorkerPool(1), tmp_path / "ids")
    assert corpus.skipped == [
        Skipped("test/neg/9.txt", "not UTF-8 at byte 3"),
        Skipped("train/pos/2.txt", "empty"),
    ]
    assert list(corpus.names) == ["train/pos/1.txt"]


def test_a_dataset_without_reviews_gives_an_empty_corpus(tmp_path: Path) -> None:
    corpus = corpus_of(tmp_path, {})
    assert list(corpus.names) == corpus.terms == corpus.tokens.read().tolist() == []
    assert corpus.tokens.lengths.shape == corpus.labels.shape == corpus.in_training_set.shape
    assert corpus.labels.shape == (0,)
