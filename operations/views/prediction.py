"""A prediction and the words that it is based on; the server that predicts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from operations.models.prediction import Prediction
from operations.views.printing import (
    console,
    print_json,
    print_line,
    print_pairs,
    print_warning,
)
from processing.names import DecisionThreshold

if TYPE_CHECKING:  # importing it takes as long as everything else here
    from operations.local.scoring.serve import Serving

_MAX_WORDS = 12
_BAR_WIDTH = 20
_DIGITS = 3


def print_prediction(prediction: Prediction, *, as_json: bool) -> None:
    """Print a prediction."""
    document = prediction.document
    if prediction.warning:
        print_warning(prediction.warning)
    if as_json:
        print_json({**document, **prediction.details})
        return
    print_line(f"{_headline(document)}\n")
    _print_sum(document)
    _print_ignored(document["ignored_words"])
    print_line(f"\n{prediction.model}")


def print_answer(prediction: Prediction, *, as_json: bool) -> None:
    """Print a prediction without its words."""
    if as_json:
        print_json({**prediction.document, **prediction.details})
        return
    print_line(f"{_headline(prediction.document)}\n")
    print_line(prediction.model)


def print_serving(serving: Serving, *, as_json: bool) -> None:
    """Print where a server that is ready can be reached."""
    choice = serving.choice
    if choice.warning:
        print_warning(choice.warning)
    if as_json:
        print_json({**choice.details, "url": serving.url})
        return
    print_line(f"{choice}\n")
    print_pairs((("page", serving.url), ("requests", f"POST {serving.url}/invocations")))
    print_line("\nCtrl-C stops the server.")


def _headline(document: Mapping[str, Any]) -> str:
    probability = document["probability"]
    threshold = document.get("threshold", DecisionThreshold.DEFAULT)
    note = "" if threshold == DecisionThreshold.DEFAULT else f", threshold {threshold}"
    return f"{document['label']} (probability of the positive class: {probability:.3f}{note})"


def _print_sum(document: Any) -> None:
    """Print the base value and the contributions, which add up to the log-odds as printed."""
    words = document["words"]
    largest = max((abs(word["contribution"]) for word in words), default=1.0)
    shown, others = words[:_MAX_WORDS], words[_MAX_WORDS:]
    rows = [
        ("(base value)", _rounded(document["base_value"]), Text("mean over the training reviews"))
    ]
    rows += [
        (word["word"], _rounded(word["contribution"]), _bar(word["contribution"], largest))
        for word in shown
    ]
    if others:
        total = sum(word["contribution"] for word in others)
        rows.append((f"({len(others)} other words)", _rounded(total), Text()))
    log_odds = _rounded(document["log_odds"])
    # What is lost by rounding is part of this row.
    absent = _rounded(log_odds - sum(value for _, value, _ in rows))
    rows.append(("(absent words)", absent, Text("words that the text doesn't have")))
    result = Text(f"= log-odds of the probability {document['probability']:.3f}")
    rows.append(("sum", log_odds, result))
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("word", no_wrap=True)
    table.add_column("log-odds", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for name, value, note in rows:
        table.add_row(Text(name), f"{value:+.3f}", note)
    console().print(table)


def _rounded(value: float) -> float:
    return round(value, _DIGITS) + 0.0  # turns -0.0 into 0.0


def _bar(contribution: float, largest: float) -> Text:
    length = max(1, round(_BAR_WIDTH * abs(contribution) / largest))
    return Text("\u2588" * length, "green" if contribution > 0 else "red")


def _print_ignored(ignored: Iterable[Mapping[str, str]]) -> None:
    """Print the words without a contribution, by reason."""
    by_reason: defaultdict[str, list[str]] = defaultdict(list)
    for item in ignored:
        by_reason[item["reason"]].append(item["word"])
    if by_reason:
        print_line("\nwords without a contribution:")
    for reason, words in by_reason.items():
        more = f" and {len(words) - _MAX_WORDS} more" if len(words) > _MAX_WORDS else ""
        print_line(f"  {reason}: {', '.join(words[:_MAX_WORDS])}{more}")
