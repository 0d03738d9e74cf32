"""Corpus and vocabulary beside scikit-learn's CountVectorizer."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from processing_archives import corpus_of, review
from sklearn.feature_extraction.text import CountVectorizer

from processing import corpus as corpus_module
from processing import vocabulary as vocabulary_module
from processing.corpus import STOP_WORD, Corpus, read_corpus
from processing.errors import DataError
from processing.reviews import Skipped
from processing.text import tokens
from processing.vocabulary import UNKNOWN, Vocabulary, as_json, fit

WORDS = """film films filming movie movies great greatly greatest bad worse plot plots actor actors
acting the and of is was not <br /> 10 1999 don't dying died skies sky boring bored""".split()


def some_texts(count: int, seed: int = 0) -> dict[str, str]:
    rng = random.Random(seed)
    return {
        f"{rng.choice(('train', 'test'))}/{rng.choice(('pos', 'neg'))}/{number}.txt": " ".join(
            rng.choices(WORDS, weights=range(1, len(WORDS) + 1), k=rng.randint(0, 30))
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
    return dict(zip(vocabulary.stems, vocabulary.term_counts.tolist(), strict=True))


def texts_of(corpus: Corpus) -> list[list[str]]:
    return [
        [corpus.stems[identity] for identity in corpus.run(row) if identity != STOP_WORD]
        for row in range(len(corpus.names))
    ]


def test_every_review_is_kept_as_the_ids_of_its_tokens(tmp_path: Path) -> None:
    texts = some_texts(60)
    corpus = corpus_of(tmp_path, texts)
    assert corpus.names == list(texts)
    assert texts_of(corpus) == [tokens(text) for text in texts.values()]
    assert corpus.labels.tolist() == [int("/pos/" in name) for name in texts]
    assert corpus.in_train_half.tolist() == [name.startswith("train/") for name in texts]


def test_words_with_one_stem_share_an_id_and_stop_words_have_none(tmp_path: Path) -> None:
    corpus = corpus_of(tmp_path, train_only("movie the movies The MOVIE"))
    assert corpus.run(0).tolist() == [1, STOP_WORD, 1, STOP_WORD, 1]
    assert corpus.stems == ["", "movi"]


def test_a_review_without_words_keeps_its_row(tmp_path: Path) -> None:
    corpus = corpus_of(tmp_path, train_only("!!!", "film", "<br />"))
    assert [corpus.run(row).tolist() for row in range(3)] == [[], [1], []]


def test_the_border_of_a_chunk_shifts_no_review(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = some_texts(60)
    whole = corpus_of(tmp_path, texts)
    (tmp_path / "small").mkdir()
    monkeypatch.setattr(corpus_module, "_CHUNK", 7)
    pieces = corpus_of(tmp_path / "small", texts)
    assert pieces.ids.tolist() == whole.ids.tolist()
    assert pieces.ends.tolist() == whole.ends.tolist()


def test_equal_texts_have_equal_digests_and_others_do_not(tmp_path: Path) -> None:
    corpus = corpus_of(tmp_path, train_only("A film", "A film", "A  film"))
    first, second, third = corpus.digests.tolist()
    assert first == second
    assert first != third


def test_skipped_reviews_are_kept_apart_in_order_of_name(tmp_path: Path) -> None:
    corpus = read_corpus(
        [
            Skipped("train/pos/2.txt", "empty"),
            review("train/pos/1.txt", "film"),
            Skipped("test/neg/9.txt", "empty"),
        ],
        tmp_path / "ids",
    )
    assert [skip.name for skip in corpus.skipped] == ["test/neg/9.txt", "train/pos/2.txt"]
    assert corpus.names == ["train/pos/1.txt"]


def test_an_archive_without_reviews_gives_an_empty_corpus(tmp_path: Path) -> None:
    corpus = read_corpus([], tmp_path / "ids")
    assert corpus.names == []
    assert corpus.ids.tolist() == []
    assert corpus.ends.shape == corpus.labels.shape == corpus.in_train_half.shape == (0,)


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
    assert vocabulary.stems == sorted(expected)
    assert as_counts(vocabulary) == {stem: counts[stem] for stem in expected}


def test_a_tie_at_the_cut_does_not_depend_on_who_is_read_first(tmp_path: Path) -> None:
    corpus = corpus_of(tmp_path, train_only("zebra zebra delta charlie", "bravo alpha"))
    assert fit(corpus, 3).stems == ["alpha", "bravo", "zebra"]


def test_ranks_are_by_occurrences_and_not_by_reviews(tmp_path: Path) -> None:
    corpus = corpus_of(tmp_path, train_only("often often often", "rare", "rare"))
    assert fit(corpus, 1).stems == ["often"]


def test_the_test_half_has_no_say(tmp_path: Path) -> None:
    texts = {
        "test/pos/1.txt": "secret secret secret film",
        "train/pos/1.txt": "film",
        "test/neg/1.txt": "secret",
        "train/neg/1.txt": "plot",
        "test/neg/2.txt": "secret film film",
    }
    assert as_counts(fit(corpus_of(tmp_path, texts), 10)) == {"film": 1, "plot": 1}


def test_blocks_of_ids_are_counted_to_the_last(tmp_path: Path) -> None:
    texts = train_only("film " * 700_000, "plot " * 500_000) | {"test/pos/0.txt": "film " * 9}
    corpus = corpus_of(tmp_path, texts)
    assert as_counts(fit(corpus, 10)) == {"film": 700_000, "plot": 500_000}


def test_fewer_stems_than_asked_for_are_all_chosen(tmp_path: Path) -> None:
    vocabulary = fit(corpus_of(tmp_path, train_only("plot film plot")), 5_000)
    assert as_counts(vocabulary) == {"film": 1, "plot": 2}
    assert len(vocabulary) == 2


def test_columns_lead_from_ids_to_stems_and_leave_out_the_rest(tmp_path: Path) -> None:
    corpus = corpus_of(tmp_path, train_only("zoo zoo film film the plot"))
    vocabulary = fit(corpus, 2)
    columns = dict(zip(corpus.stems, vocabulary.columns.tolist(), strict=True))
    assert columns == {"": UNKNOWN, "film": 0, "zoo": 1, "plot": UNKNOWN}


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
    assert as_json(vocabulary, np.array([1, 1]), documents=1) == {
        "document_counts": [1, 1],
        "documents": 1,
        "preprocessing_version": vocabulary_module.PREPROCESSING_VERSION,
        "stems": ["film", "plot"],
        "term_counts": [1, 2],
    }
