"""A prediction and the words that it is based on."""

from __future__ import annotations

from typing import Any

from rich.table import Table
from rich.text import Text

from operations.local.predict import Prediction
from operations.views.printing import console, print_json, print_line

_MAX_WORDS = 12
_BAR_WIDTH = 20


def print_prediction(prediction: Prediction, *, as_json: bool) -> None:
    """Print a prediction."""
    document = prediction.document
    if as_json:
        print_json({**document, "model_package_arn": prediction.version.arn})
        return
    probability = document["probability"]
    print_line(f"{document['label']} (probability of the positive class: {probability:.3f})")
    _print_words(document)
    print_line(f"\nmodel {prediction.version}, {prediction.reason}")


def _print_words(document: Any) -> None:
    """The words with the largest contributions, and words that the model doesn't know."""
    words = document["words"][:_MAX_WORDS]
    if not words:
        print_line("the model knows none of its words")
        return
    largest = max(abs(word["contribution"]) for word in words) or 1.0
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("word", no_wrap=True)
    table.add_column("log-odds", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for word in words:
        contribution = word["contribution"]
        bar = "\u2588" * max(1, round(_BAR_WIDTH * abs(contribution) / largest))
        style = "green" if contribution > 0 else "red"
        table.add_row(Text(word["word"]), f"{contribution:+.3f}", Text(bar, style))
    console().print(table)
    if unknown := document.get("unknown"):
        print_line(f"unknown words: {', '.join(unknown[:_MAX_WORDS])}")
