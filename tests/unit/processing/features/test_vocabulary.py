"""The vocabulary is that of scikit-learn's CountVectorizer."""

from __future__ import annotations

from pathlib import Path

import pytest
from sklearn.feature_extraction.text import CountVectorizer

from processing.errors import DataError
from processing.feature_sets import FEATURE_SETS
from processing.features.vocabulary import (
    NO_COLUMN,
    Vocabulary,
    columns_of,
    fit,
    vocabulary_json,
)
from processing.text.normalize import tokens
from tests.support.archives import corpus_of
from tests.support.vocabulary_samples import some_texts, train_only


def counted_by_sklearn(texts: dict[str, str]) -> dict[str, int]:
    vectorizer = CountVectorizer(tokenizer=tokens, lowercase=False, token_pattern=None)
    counts = vectorizer.fit_transform(
        [text for name, text in texts.items() if name.startswith("train/")]
    )
    stems = vectorizer.get_feature_names_out().tolist()
    return dict(zip(stems, counts.sum(axis=0).A1.tolist(), strict=True))


def as_counts(vocabulary: Vocabulary) -> dict[str, int]:
    return dict(zip(vocabulary.terms, vocabulary.term_counts.tolist(), strict=True))


@pytest.mark.parametrize("seed", range(5))
def test_counts_are_those_of_sklearn(tmp_path: Path, seed: int) -> None:
    texts = some_texts(80, seed)
    assert as_counts(fit(corpus_of(tmp_path, texts), size=10_000)) == counted_by_sklearn(texts)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("size", [1, 3, 8, 15])
def test_the_most_frequent_stems_are_chosen_and_of_ties_the_alphabetically_first(
    tmp_path: Path, seed: int, size: int
) -> None:
    texts = some_texts(80, seed)
    counts = counted_by_sklearn(texts)
    expected = sorted(sorted(counts), key=lambda stem: -counts[stem])[:size]
    vocabulary = fit(corpus_of(tmp_path, texts), size)
    assert vocabulary.terms == sorted(expected)
    assert as_counts(vocabulary) == {stem: counts[stem] for stem in expected}


def test_the_order_of_reading_does_not_decide_a_tie_at_the_cut(tmp_path: Path) -> None:
    corpus = corpus_of(tmp_path, train_only("zebra zebra delta charlie", "bravo alpha"))
    assert fit(corpus, 3).terms == ["alpha", "bravo", "zebra"]


def test_terms_are_ranked_by_occurrences_and_not_by_reviews(tmp_path: Path) -> None:
    corpus = corpus_of(tmp_path, train_only("often often often", "rare", "rare"))
    assert fit(corpus, 1).terms == ["often"]


def test_the_test_set_does_not_affect_the_vocabulary(tmp_path: Path) -> None:
    texts = {
        "test/pos/1.txt": "secret secret secret film",
        "train/pos/1.txt": "film",
        "test/neg/1.txt": "secret",
        "train/neg/1.txt": "plot",
        "test/neg/2.txt": "secret film film",
    }
    assert as_counts(fit(corpus_of(tmp_path, texts), 10)) == {"film": 1, "plot": 1}


def test_very_long_reviews_are_counted_completely(tmp_path: Path) -> None:
    texts = train_only("film " * 70_000, "plot " * 50_000) | {"test/pos/0.txt": "film " * 9}
    texts |= {"train/pos/last.txt": "plot film"}
    assert as_counts(fit(corpus_of(tmp_path, texts), 10)) == {"film": 70_001, "plot": 50_001}


def test_fewer_stems_than_asked_for_are_all_chosen(tmp_path: Path) -> None:
    vocabulary = fit(corpus_of(tmp_path, train_only("plot film plot")), 5_000)
    assert as_counts(vocabulary) == {"film": 1, "plot": 2}
    assert len(vocabulary) == 2


def test_terms_outside_the_vocabulary_have_no_column(tmp_path: Path) -> None:
    corpus = corpus_of(tmp_path, train_only("zoo zoos film films the plot"))
    columns = dict(zip(corpus.terms, fit(corpus, 2).columns.tolist(), strict=True))
    assert columns == {"film": 0, "plot": NO_COLUMN, "zoo": 1}


def test_a_fitted_vocabulary_has_the_same_columns_for_new_text(tmp_path: Path) -> None:
    fitted = corpus_of(tmp_path, train_only("zoo zoos film films the plot"))
    vocabulary = fit(fitted, 2)
    numbers = {term: number for number, term in enumerate(vocabulary.terms)}
    assert columns_of(fitted.terms, numbers).tolist() == vocabulary.columns.tolist()
    (tmp_path / "new").mkdir()
    new = corpus_of(tmp_path / "new", train_only("plots and zoos at the filming of films"))
    columns = columns_of(new.terms, numbers).tolist()
    assert dict(zip(new.terms, columns, strict=True)) == {"film": 0, "plot": NO_COLUMN, "zoo": 1}
    assert columns_of([], numbers).tolist() == []


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param(train_only("the of and", "!!!"), id="only stop words"),
        pytest.param(train_only("???"), id="no words"),
        pytest.param({"test/pos/1.txt": "film", "train/pos/1.txt": "the"}, id="only in test"),
        pytest.param({}, id="no reviews"),
    ],
)
def test_a_training_set_without_words_is_refused(tmp_path: Path, texts: dict[str, str]) -> None:
    corpus = corpus_of(tmp_path, texts)
    with pytest.raises(DataError, match=r"^the training reviews hold no word but stop words;"):
        fit(corpus, 10)


def test_the_order_of_the_archive_changes_no_column(tmp_path: Path) -> None:
    texts = some_texts(60)
    names = sorted(texts, key=lambda name: name[::-1])
    (tmp_path / "other").mkdir()
    one = fit(corpus_of(tmp_path, texts), 10)
    other = fit(corpus_of(tmp_path / "other", {name: texts[name] for name in names}), 10)
    assert as_counts(one) == as_counts(other)


def test_the_json_holds_all_that_scoring_needs(tmp_path: Path) -> None:
    vocabulary = fit(corpus_of(tmp_path, train_only("plot film plot")), 10)
    counts = vocabulary.term_counts.tolist()
    written = vocabulary_json(
        FEATURE_SETS["stems"],
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
        "preprocessing_version": "1",
        "term_counts": [1, 2],
        "terms": ["film", "plot"],
    }
