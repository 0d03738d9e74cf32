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
from pathlib import Path

from processing.arguments import ArgumentParser, fraction
from processing.errors import UsageError
from processing.model.archive import read_model
from processing.names import DecisionThreshold
from processing.serving.scorer import Scorer


def parser() -> argparse.ArgumentParser:
    """Return the command line of the Predict job."""
    parser = ArgumentParser(prog="predict", description=__doc__, allow_abbrev=False)
    parser.add_argument(
        "--vocabulary", type=Path, required=True, help="folder of vocabulary.json, of the training"
    )
    parser.add_argument("--model", type=Path, required=True, help="the model's archive")
    parser.add_argument(
        "--threshold",
        type=fraction,
        default=DecisionThreshold.DEFAULT,
        help="score above which a text is positive",
    )
    parser.add_argument("--text", required=True, help="the text, or - to read it from stdin")
    return parser


def run(options: argparse.Namespace) -> None:
    """Run the job and print JSON.

    Raise UsageError for an empty text, DataError if vocabulary and model don't match.
    """
    text = _text(sys.stdin.buffer.read() if options.text == "-" else os.fsencode(options.text))
    scorer = Scorer.of(options.vocabulary, read_model(options.model), options.threshold)
    print(json.dumps(scorer.explain(text), indent=1, sort_keys=True), flush=True)


def _text(data: bytes) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"the text isn't UTF-8 at byte {error.start}; give it in UTF-8") from None
    if not text.strip():
        raise UsageError("the text is empty; give some, or - and the text on stdin")
    return text
