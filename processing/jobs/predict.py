"""Predict: score one text with a model, and explain the score; runs where XGBoost is installed.

    text -> the row that Prepare would write -> label, probability, contributions of words

A word's contribution is the part of the log-odds of the positive class that it accounts for (SHAP
values of the model's trees, as XGBoost computes them). The base value, the contributions of the
words, and that of the words that the text doesn't have add up to the log-odds of the probability.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from processing.arguments import ArgumentParser
from processing.corpus.corpus import read_corpus
from processing.dataset.reviews import Batch
from processing.errors import DataError, UsageError
from processing.features.bag_of_words import scoring_encoder
from processing.features.ngram_scores import Weights
from processing.features.preprocessing import (
    Preprocessing,
    ngram_weights_in,
    read_preprocessing,
)
from processing.features.writer import FORMATS
from processing.model.archive import read_model
from processing.model.booster import Model
from processing.model.explain import ignored_words, word_contributions
from processing.names import TEST
from processing.text.normalize import split_words
from processing.worker_pool import WorkerPool

_DIGITS = 6


def parser() -> argparse.ArgumentParser:
    """Return the command line of the Predict job."""
    parser = ArgumentParser(prog="predict", description=__doc__, allow_abbrev=False)
    parser.add_argument(
        "--vocabulary", type=Path, required=True, help="folder of vocabulary.json, of the training"
    )
    parser.add_argument("--model", type=Path, required=True, help="the model's archive")
    parser.add_argument("--text", required=True, help="the text, or - to read it from stdin")
    return parser


def run(options: argparse.Namespace) -> None:
    """Run the job and print JSON.

    Raise UsageError for an empty text, DataError if vocabulary and model don't match.
    """
    text = _text(sys.stdin.buffer.read() if options.text == "-" else os.fsencode(options.text))
    preprocessing = read_preprocessing(options.vocabulary)
    weights = ngram_weights_in(options.vocabulary, preprocessing.feature_set)
    prediction = predict(text, preprocessing, weights, Model(read_model(options.model)))
    print(json.dumps(prediction, indent=1, sort_keys=True), flush=True)


def predict(
    text: str, preprocessing: Preprocessing, weights: Weights | None, model: Model
) -> dict[str, Any]:
    """Return the text's label and probability, its words, and their contributions.

    ``base_value`` + the contributions of ``words`` + ``absent_words`` = ``log_odds``, to the last
    digit. ``ignored_words`` have no contribution. Raise DataError if the vocabulary makes other
    features than the model was trained with.
    """
    _require_match(preprocessing, model)
    row = row_of(text, preprocessing, weights)
    probability = model.probability(row, preprocessing.feature_format)
    *contributions, bias = model.contributions(row, preprocessing.feature_format).tolist()
    shares = {
        word: rounded
        for word, share in word_contributions(
            split_words(text), preprocessing, weights, contributions
        )
        if (rounded := round(share, _DIGITS))
    }
    base_value, log_odds = round(bias, _DIGITS), round(sum(contributions) + bias, _DIGITS)
    return {
        "absent_words": round(log_odds - base_value - sum(shares.values()), _DIGITS),
        "base_value": base_value,
        "ignored_words": [
            {"reason": reason, "word": word}
            for word, reason in ignored_words(text, preprocessing, shares)
        ],
        "label": preprocessing.labels[probability > 0.5],
        "log_odds": log_odds,
        "probability": probability,
        "words": [{"contribution": share, "word": word} for word, share in shares.items()],
    }


def _require_match(preprocessing: Preprocessing, model: Model) -> None:
    if preprocessing.width != model.width:
        raise DataError(
            f"the model has {model.width:,} features, and the vocabulary makes "
            f"{preprocessing.width:,}; take both from one run"
        )


def row_of(text: str, preprocessing: Preprocessing, weights: Weights | None) -> bytes:
    """Return the line that Prepare writes for a text."""
    feature_set = preprocessing.feature_set
    with tempfile.TemporaryDirectory() as scratch:
        batch = Batch(names=[""], texts=[text.encode()], labels=[""], splits=[TEST])
        corpus = read_corpus(
            [batch], WorkerPool(1), Path(scratch) / "ids", feature_set, positive=None
        )
        encoder = scoring_encoder(corpus, feature_set, preprocessing.terms, weights)
        bag, _ = encoder.encode(corpus.tokens)
    return FORMATS[preprocessing.feature_format].lines(bag, None)


def _text(data: bytes) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"the text isn't UTF-8 at byte {error.start}; give it in UTF-8") from None
    if not text.strip():
        raise UsageError("the text is empty; give some, or - and the text on stdin")
    return text
