"""Predict: one text through a model, and the words that decided. Runs where XGBoost is installed.

    text -> the row that Prepare would write -> label, probability, contributions of words

A word's contribution is what the model added to the log-odds of the positive class because of it
(SHAP values of its trees, as XGBoost computes them). ``rest`` holds what the bias and the words
that aren't there added; with it, the contributions add up to the log-odds of the probability.
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
from processing.features.bag_of_words import bag_of, scoring_encoding
from processing.features.ngram_scores import Weights
from processing.features.preprocessing import Preprocessing, read_preprocessing, read_weights
from processing.features.writer import FORMATS
from processing.model.archive import read_model
from processing.model.booster import Model
from processing.model.explain import deciding_words, unknown_words
from processing.text.normalize import letters_and_digits, strip_html
from processing.worker_pool import WorkerPool

_DIGITS = 6


def parser() -> argparse.ArgumentParser:
    """The command line of the Predict job."""
    parser = ArgumentParser(prog="predict", description=__doc__, allow_abbrev=False)
    parser.add_argument(
        "--vocabulary", type=Path, required=True, help="folder of vocabulary.json, of the training"
    )
    parser.add_argument("--model", type=Path, required=True, help="the model's archive")
    parser.add_argument("--text", required=True, help="the text, or - for what is on stdin")
    return parser


def run(options: argparse.Namespace) -> None:
    """Does the job; prints JSON.

    Raises UsageError if there is no text, DataError if vocabulary and model are no pair.
    """
    text = _text(sys.stdin.buffer.read() if options.text == "-" else os.fsencode(options.text))
    preprocessing = read_preprocessing(options.vocabulary)
    weights = read_weights(options.vocabulary, preprocessing.recipe)
    prediction = predict(text, preprocessing, weights, Model(read_model(options.model)))
    print(json.dumps(prediction, indent=1, sort_keys=True), flush=True)


def predict(
    text: str, preprocessing: Preprocessing, weights: Weights | None, model: Model
) -> dict[str, Any]:
    """The text's label and probability, the words that decided, and those that aren't known.

    Raises DataError if the vocabulary makes other features than the model was trained with.
    """
    _check_pair(preprocessing, model)
    row = row_of(text, preprocessing, weights)
    probability = model.probability(row, preprocessing.feature_format)
    *contributions, bias = model.contributions(row, preprocessing.feature_format).tolist()
    words = letters_and_digits(strip_html(text)).split()
    shares = deciding_words(words, preprocessing, weights, contributions)
    rest = sum(contributions) + bias - sum(share for _, share in shares)
    rounded = [(word, round(share, _DIGITS)) for word, share in shares]
    return {
        "label": preprocessing.labels[probability > 0.5],
        "probability": probability,
        "rest": round(rest, _DIGITS),
        "unknown": unknown_words(words, preprocessing),
        "words": [{"contribution": share, "word": word} for word, share in rounded if share],
    }


def _check_pair(preprocessing: Preprocessing, model: Model) -> None:
    if preprocessing.width != model.width:
        raise DataError(
            f"the model has {model.width:,} features, and the vocabulary makes "
            f"{preprocessing.width:,}; take both from one run"
        )


def row_of(text: str, preprocessing: Preprocessing, weights: Weights | None) -> bytes:
    """The line that Prepare writes for the text."""
    recipe = preprocessing.recipe
    with tempfile.TemporaryDirectory() as scratch:
        batch = Batch(names=[""], texts=[text.encode()], labels=[""], in_training_set=[False])
        corpus = read_corpus([batch], WorkerPool(1), Path(scratch) / "ids", recipe, positive=None)
        encoding = scoring_encoding(corpus, recipe, preprocessing.terms, weights)
        bag, _ = bag_of(corpus.runs, encoding)
    return FORMATS[preprocessing.feature_format].lines(bag, None)


def _text(data: bytes) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"the text isn't UTF-8 at byte {error.start}; give it in UTF-8") from None
    if not text.strip():
        raise UsageError("the text is empty; give some, or - and the text on stdin")
    return text
