"""Scorer: many texts at once, and what it remembers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from processing.corpus import tokenizer
from processing.corpus.token_index import TokenIndex
from processing.dataset.reviews import Unusable
from processing.names import MODEL_FILE
from processing.serving import scorer as scorer_module
from processing.serving.scorer import Scorer
from processing.text.normalize import TermFunction
from tests.support.scoring_samples import FEATURE_SETS, reviews


def scorer_of(package: Path) -> Scorer:
    return Scorer.of(package, (package / MODEL_FILE).read_bytes(), 0.5)


@pytest.mark.parametrize("feature_format", ["text/libsvm", "text/csv"])
@pytest.mark.parametrize("features", FEATURE_SETS)
def test_scores_depend_neither_on_the_other_texts_nor_on_earlier_calls(
    package: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    features: str,
    feature_format: str,
) -> None:
    texts = [*reviews().values(), None, " ", "\U0001f600", "zebra"]
    scorer = scorer_of(package(features, feature_format))
    together = scorer.probabilities(texts)
    assert [scorer.probabilities([text])[0] for text in texts] == together
    monkeypatch.setattr(scorer_module, "_LETTERS_AT_A_TIME", 200)
    assert scorer.probabilities(texts) == together
    assert together[-4:-2] == [Unusable("no text"), Unusable("empty")]
    assert together[-2] == scorer.probabilities(["the" if features == "stems" else "!"])[0]


def test_label_is_positive_above_the_decision_threshold_only(
    package: Callable[..., Path],
) -> None:
    folder = package()
    text = next(iter(reviews().values()))
    [probability] = scorer_of(folder).probabilities([text])
    assert isinstance(probability, float)
    model = (folder / MODEL_FILE).read_bytes()
    for threshold, label in ((probability - 1e-9, "pos"), (probability, "neg")):
        scorer = Scorer.of(folder, model, threshold)
        explained = scorer.explain(text)
        assert scorer.label(probability) == explained["label"] == label
        assert explained["threshold"] == threshold


def test_no_texts_have_no_scores(package: Callable[..., Path]) -> None:
    assert scorer_of(package()).probabilities([]) == []


def test_long_words_are_forgotten(
    package: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[TokenIndex] = []

    def counted(term: TermFunction) -> TokenIndex:
        made.append(index := TokenIndex(term))
        return index

    monkeypatch.setattr(tokenizer, "TokenIndex", counted)
    scorer = scorer_of(package())
    for number in range(6):
        scorer.probabilities([f"{number}" + "a" * 1_000_000])
    assert len(made) == 2
