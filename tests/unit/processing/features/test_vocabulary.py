"""Corpus and vocabulary beside scikit-learn's CountVectorizer."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer

from processing.corpus import tokenizer as indexing_module
from processing.corpus.corpus import Corpus, read_corpus
from processing.dataset.reviews import Skipped
from processing.errors import DataError
from processing.feature_sets import RECIPES
from processing.features.vocabulary import (
    UNKNOWN,
    Vocabulary,
    as_json,
    columns_of,
    fit,
)
from processing.text.normalize import PREPROCESSING_VERSION, tokens
from processing.worker_pool import WorkerPool
from tests.support.archives import batch, batches_of, corpus_of

# From Python 3.12 on, forking where libraries have threads is warned of; a job has none.
pytestmark = pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")

WORDS = """film films filming movie movies great greatly greatest bad worse plot plots actor actors
acting the and of is was not <br /> 10 1999 don't dying died skies sky boring bored""".split()


def some_texts(count: int, seed: int = 0) -> dict[str, str]:
    rng = random.Random(seed)
    return {
        f"{rng.choice(('train', 'test'))}/{rng.choice(('pos', 'neg'))}/{number}.txt": " ".join(
            ["...", *rng.choices(WORDS, weights=range(1, len(WORDS) + 1), k=rng.randint(0, 30))]
        )
        for number in range(count)
    }


def train_only(*texts: str) -> dict[str, str]:
    return {f"train/pos/{number}.txt": text for number, text in enumerate(texts)}


def counted_by_sklearn(texts: dict[str, str]) -> dict[str, int]:
    vectorizer = CountVectorizer(tokenizer=tokens, lowercase=False, token_pattern=None)
    counts = vectorizer.fit_transform(
        [text for name, text in texts.items() if name.startswith("train/")]
    )
    stems = vectorizer.get_feature_names_out().tolist()
    return dict(zip(stems, counts.sum(axis=0).A1.tolist(), strict=True))


def as_counts(vocabulary: Vocabulary) -> dict[str, int]:
    return dict(zip(vocabulary.terms, vocabulary.term_counts.tolist(), strict=True))


def words_of(corpus: Corpus, row: int) -> list[int]:
    return corpus.runs.of(np.array([row])).read().tolist()


def texts_of(corpus: Corpus) -> list[list[str]]:
    return [
        [corpus.terms[corpus.term_of_word[word]] for word in words_of(corpus, row)]
        for row in range(len(corpus.names))
    ]


def test_every_review_is_kept_as_the_ids_of_its_tokens(tmp_path: Path) -> None:
    texts = some_texts(60)
    corpus = corpus_of(tmp_path, texts)
    assert list(corpus.names) == list(texts)
    assert texts_of(corpus) == [tokens(text) for text in texts.values()]
    assert corpus.labels.tolist() == [int("/pos/" in name) for name in texts]
    assert corpus.in_train_half.tolist() == [name.startswith("train/") for name in texts]


def test_words_with_one_stem_share_it_and_stop_words_have_no_id(tmp_path: Path) -> None:
    corpus = corpus_of(tmp_path, train_only("movie the movies The MOVIE"))
    assert words_of(corpus, 0) == [0, 1, 0]
    assert corpus.term_of_word.tolist() == [0, 0]
    assert corpus.terms == ["movi"]
    assert corpus.training_counts.tolist() == [3]


def test_a_review_without_words_keeps_its_row(tmp_path: Path) -> None:
    corpus = corpus_of(tmp_path, train_only("!!!", "film", "<br />"))
    assert [words_of(corpus, row) for row in range(3)] == [[], [0], []]


@pytest.mark.parametrize("size", [1, 7, 59])
@pytest.mark.parametrize("workers", [1, 2, 5])
def test_neither_the_border_of_a_batch_nor_the_team_changes_a_corpus(
    tmp_path: Path, size: int, workers: int
) -> None:
    texts = some_texts(60)
    whole = corpus_of(tmp_path, texts)
    with WorkerPool(workers) as pool:
        pieces = read_corpus(batches_of(texts, size), pool, tmp_path / "small")
    assert pieces.runs.of(np.arange(60)).read().tolist() == whole.runs.read().tolist()
    assert pieces.runs.lengths.tolist() == whole.runs.lengths.tolist()
    assert list(pieces.names) == list(whole.names)
    assert pieces.terms == whole.terms
    assert pieces.term_of_word.tolist() == whole.term_of_word.tolist()
    assert pieces.training_counts.tolist() == whole.training_counts.tolist()
    assert pieces.digests.tolist() == whole.digests.tolist()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_member_that_forgets_its_words_changes_no_corpus(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    texts = some_texts(60)
    whole = corpus_of(tmp_path, texts)
    monkeypatch.setattr(indexing_module, "_MOST_WORDS", 9)
    with WorkerPool(workers) as pool:
        pieces = read_corpus(batches_of(texts, 3), pool, tmp_path / "small")
    assert pieces.runs.read().tolist() == whole.runs.read().tolist()
    assert pieces.terms == whole.terms
    assert pieces.training_counts.tolist() == whole.training_counts.tolist()


def test_equal_texts_have_equal_digests_and_others_do_not(tmp_path: Path) -> None:
    corpus = corpus_of(tmp_path, train_only("A film", "A film", "A  film"))
    first, second, third = corpus.digests.tolist()
    assert first == second
    assert first != third


def test_skipped_reviews_are_kept_apart_in_order_of_name(tmp_path: Path) -> None:
    texts = {"train/pos/2.txt": b"", "train/pos/1.txt": b"film", "test/neg/9.txt": b"caf\xe9"}
    corpus = read_corpus([batch([*texts], [*texts.values()])], WorkerPool(1), tmp_path / "ids")
    assert corpus.skipped == [
        Skipped("test/neg/9.txt", "not UTF-8 at byte 3"),
        Skipped("train/pos/2.txt", "empty"),
    ]
    assert list(corpus.names) == ["train/pos/1.txt"]


def test_an_archive_without_reviews_gives_an_empty_corpus(tmp_path: Path) -> None:
    corpus = corpus_of(tmp_path, {})
    assert list(corpus.names) == corpus.terms == corpus.runs.read().tolist() == []
    assert corpus.runs.lengths.shape == corpus.labels.shape == corpus.in_train_half.shape == (0,)


@pytest.mark.parametrize("seed", range(5))
def test_counts_are_those_of_sklearn(tmp_path: Path, seed: int) -> None:
    texts = some_texts(80, seed)
    assert as_counts(fit(corpus_of(tmp_path, texts), size=10_000)) == counted_by_sklearn(texts)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("size", [1, 3, 8, 15])
def test_the_most_frequent_stems_are_chosen_and_ties_go_to_the_first_by_alphabet(
    tmp_path: Path, seed: int, size: int
) -> None:
    texts = some_texts(80, seed)
    counts = counted_by_sklearn(texts)
    expected = sorted(sorted(counts), key=lambda stem: -counts[stem])[:size]
    vocabulary = fit(corpus_of(tmp_path, texts), size)
    assert vocabulary.terms == sorted(expected)
    assert as_counts(vocabulary) == {stem: counts[stem] for stem in expected}


def test_a_tie_at_the_cut_does_not_depend_on_who_is_read_first(tmp_path: Path) -> None:
    corpus = corpus_of(tmp_path, train_only("zebra zebra delta charlie", "bravo alpha"))
    assert fit(corpus, 3).terms == ["alpha", "bravo", "zebra"]


def test_ranks_are_by_occurrences_and_not_by_reviews(tmp_path: Path) -> None:
    corpus = corpus_of(tmp_path, train_only("often often often", "rare", "rare"))
    assert fit(corpus, 1).terms == ["often"]


def test_the_test_half_has_no_say(tmp_path: Path) -> None:
    texts = {
        "test/pos/1.txt": "secret secret secret film",
        "train/pos/1.txt": "film",
        "test/neg/1.txt": "secret",
        "train/neg/1.txt": "plot",
        "test/neg/2.txt": "secret film film",
    }
    assert as_counts(fit(corpus_of(tmp_path, texts), 10)) == {"film": 1, "plot": 1}


def test_batches_of_both_halves_are_counted_to_the_last_word(tmp_path: Path) -> None:
    texts = train_only("film " * 70_000, "plot " * 50_000) | {"test/pos/0.txt": "film " * 9}
    texts |= {"train/pos/last.txt": "plot film"}
    assert as_counts(fit(corpus_of(tmp_path, texts), 10)) == {"film": 70_001, "plot": 50_001}


def test_fewer_stems_than_asked_for_are_all_chosen(tmp_path: Path) -> None:
    vocabulary = fit(corpus_of(tmp_path, train_only("plot film plot")), 5_000)
    assert as_counts(vocabulary) == {"film": 1, "plot": 2}
    assert len(vocabulary) == 2


def test_columns_lead_from_words_to_stems_and_leave_out_the_rest(tmp_path: Path) -> None:
    corpus = corpus_of(tmp_path, train_only("zoo zoos film films the plot"))
    assert fit(corpus, 2).columns.tolist() == [1, 1, 0, 0, UNKNOWN]


def test_a_fitted_vocabulary_has_the_same_columns_for_new_text(tmp_path: Path) -> None:
    fitted = corpus_of(tmp_path, train_only("zoo zoos film films the plot"))
    vocabulary = fit(fitted, 2)
    assert columns_of(fitted, vocabulary.terms).tolist() == vocabulary.columns.tolist()
    (tmp_path / "new").mkdir()
    new = corpus_of(tmp_path / "new", train_only("plots and zoos at the filming of films"))
    assert columns_of(new, vocabulary.terms).tolist() == [UNKNOWN, 1, 0, 0]
    assert columns_of(corpus_of(tmp_path / "new", {}), vocabulary.terms).tolist() == []


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param(train_only("the of and", "!!!"), id="only stop words"),
        pytest.param(train_only("???"), id="no words"),
        pytest.param({"test/pos/1.txt": "film", "train/pos/1.txt": "the"}, id="only in test"),
        pytest.param({}, id="no reviews"),
    ],
)
def test_a_training_half_without_words_is_refused(tmp_path: Path, texts: dict[str, str]) -> None:
    corpus = corpus_of(tmp_path, texts)
    with pytest.raises(DataError, match=r"^the training reviews hold no word but stop words;"):
        fit(corpus, 10)


def test_the_archives_order_changes_no_column(tmp_path: Path) -> None:
    texts = some_texts(60)
    names = sorted(texts, key=lambda name: name[::-1])
    (tmp_path / "other").mkdir()
    one = fit(corpus_of(tmp_path, texts), 10)
    other = fit(corpus_of(tmp_path / "other", {name: texts[name] for name in names}), 10)
    assert as_counts(one) == as_counts(other)


def test_the_json_holds_all_that_scoring_needs(tmp_path: Path) -> None:
    vocabulary = fit(corpus_of(tmp_path, train_only("plot film plot")), 10)
    counts = vocabulary.term_counts.tolist()
    written = as_json(
        RECIPES["stems"],
        feature_format="text/csv",
        labels=("bad", "good"),
        terms=vocabulary.terms,
        term_counts=counts,
        document_counts=[1, 1],
        documents=1,
    )
    assert written == {
        "document_counts": [1, 1],
        "documents": 1,
        "feature_format": "text/csv",
        "features": "stems",
        "labels": ["bad", "good"],
        "preprocessing_version": PREPROCESSING_VERSION,
        "term_counts": [1, 2],
        "terms": ["film", "plot"],
    }
