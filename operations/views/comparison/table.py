"""Comparisons of executions: their content as lines and tables, and printed on stdout."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from operations.views.printing import print_json, print_line, print_table
from processing import names
from processing.names import Compared

_EXAMPLES = 5
"""Of each side; the JSON document has more."""

_HASH = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SHORT = 10


@dataclass(frozen=True)
class Line:
    """A sentence. data: text of the user's at its end, such as a failure reason."""

    text: str
    data: str = ""


@dataclass(frozen=True)
class Table:
    """A table. numbers: columns that are right-aligned. data: columns with text of the user's.

    texts: a column with the text of reviews, which is cut to one line; "" without one.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: Sequence[str] = ()
    data: Sequence[str] = ()
    texts: str = ""


def print_comparison(document: Mapping[str, Any], *, as_json: bool) -> None:
    """Print a comparison. Tables and sentences are separated by blank lines."""
    if as_json:
        print_json(document)
        return
    for number, item in enumerate(content(document)):
        if number:
            print_line("")
        if isinstance(item, Line):
            print_line(f"{item.text}{item.data}")
        else:
            texts = [item.texts] if item.texts else []
            print_table(item.columns, item.rows, numbers=item.numbers, one_line=texts)


def print_unchanged(base: str, *, as_json: bool) -> None:
    """Print that this checkout's pipeline is that of a git revision."""
    if as_json:
        keys = (Compared.COMPARISONS, Compared.EXECUTIONS)
        print_json({**{key: [] for key in keys}, Compared.DIFFERENCES: {}})
        return
    print_line(
        f"The model is the same: the definition and the jobs' code don't differ from {base}."
    )


def content(document: Mapping[str, Any]) -> Iterator[Line | Table]:
    """Yield what differs between the executions, then each one compared with the baseline."""
    executions = document[Compared.EXECUTIONS]
    yield _differences(document[Compared.DIFFERENCES], [it[Compared.NAME] for it in executions])
    for execution in executions:
        if execution[Compared.REASON]:
            yield Line(
                f"{execution[Compared.NAME]} has no evaluation: ", execution[Compared.REASON]
            )
    for compared, execution in zip(document[Compared.COMPARISONS], executions[1:], strict=True):
        yield from _compared(compared, execution, executions[0])


def _differences(found: Mapping[str, Any], executions: Sequence[str]) -> Line | Table:
    rows = [
        (Compared.KINDS[group], name, *map(_value, values))
        for group in Compared.KINDS
        for name, values in found.get(group, {}).items()
    ]
    if not rows:
        return Line("No parameter, code, data or setting differs.")
    columns = _distinct(executions)
    return Table(("differs", "name", *columns), rows, data=("name", *columns))


def _distinct(executions: Sequence[str]) -> list[str]:
    """Return the names of columns; an execution may be compared with itself."""
    return [
        f"{name} ({n})" if name in executions[: n - 1] else name
        for n, name in enumerate(executions, 1)
    ]


def _value(value: str | None) -> str:
    """Return a value as text; of a hash, the first digits.

    >>> _value(None), _value("28634772f1d10df0e6ccd4f8bf3d31592cfedd4d")
    ('-', '28634772f1')
    """
    if value is None:
        return "-"
    return value[:_SHORT] if _HASH.fullmatch(value) else value


def _compared(
    compared: Mapping[str, Any], execution: Mapping[str, Any], baseline: Mapping[str, Any]
) -> Iterator[Line | Table]:
    this, other = compared[Compared.NAME], compared[Compared.BASELINE]
    if Compared.is_same(compared):
        yield Line(f"{this} has the same model as {other}, and the same metrics.")
        return
    metrics, test = compared[Compared.METRICS], compared[Compared.TEST]
    if test:
        yield Line(_verdict(compared, execution, baseline))
        yield Line(_significance(compared))
    columns = _distinct([other, this])
    if not metrics and not (execution[Compared.REASON] or baseline[Compared.REASON]):
        yield Line(f"The evaluations of {other} and {this} have no metric in common.")
    if metrics:
        yield Table(
            ("metric", *columns, "difference", "95% CI"),
            list(_metric_rows(metrics, baseline, execution)),
            numbers=(*columns, "difference", "95% CI"),
        )
    if test:
        numbers = (*(f"errors of {name}" for name in columns), "difference", "95% CI")
        yield Table(
            ("class", *numbers),
            list(_class_rows(compared[Compared.CLASSES], baseline, execution)),
            numbers=numbers,
            data=("class",),
        )
    for side, reviews in (compared[Compared.CHANGED] or {}).items():
        yield from _examples(Compared.SIDES[side], reviews, columns)


def _verdict(
    compared: Mapping[str, Any], execution: Mapping[str, Any], baseline: Mapping[str, Any]
) -> str:
    this, other = compared[Compared.NAME], compared[Compared.BASELINE]
    verdict = {
        Compared.BETTER: f"{this} has a significantly higher accuracy than {other}",
        Compared.WORSE: f"{this} has a significantly lower accuracy than {other}",
        Compared.NOT_SIGNIFICANT: f"The accuracies of {other} and {this} don't differ "
        "significantly",
    }[compared[Compared.VERDICT]]
    before, after = (
        it[Compared.METRICS][names.ACCURACY][names.VALUE] for it in (baseline, execution)
    )
    test = compared[Compared.TEST]
    interval = f"{_points(test[Compared.LOW])} to {_points(test[Compared.HIGH])}"
    return (
        f"{verdict}: {before:.5f} -> {after:.5f}, {_points(test[Compared.DIFFERENCE])} "
        f"percentage points (95% CI {interval})."
    )


def _significance(compared: Mapping[str, Any]) -> str:
    test, reason = compared[Compared.TEST], compared[Compared.UNPAIRED_REASON]
    p_value = test[Compared.P_VALUE]
    p = "p < 0.0001" if p_value < 0.0001 else f"p = {p_value:.2g}"
    if test[Compared.KIND] == Compared.UNPAIRED:
        return f"Unpaired test of two proportions: {p}. There is no paired test: {reason}."
    sentence = (
        f"McNemar's exact test: {p}; reviews classified correctly only by "
        f"{compared[Compared.NAME]}: {test[Compared.ONLY_THIS]:,}, only by "
        f"{compared[Compared.BASELINE]}: {test[Compared.ONLY_BASELINE]:,}."
    )
    return f"{sentence} The other intervals are unpaired: {reason}." if reason else sentence


def _metric_rows(
    metrics: Mapping[str, Any], baseline: Mapping[str, Any], execution: Mapping[str, Any]
) -> Iterator[tuple[str, ...]]:
    for name, label in Compared.metric_labels(metrics).items():
        difference = metrics[name]
        values = (it[Compared.METRICS][name][names.VALUE] for it in (baseline, execution))
        interval = ""
        if difference[Compared.LOW] is not None:
            interval = f"{difference[Compared.LOW]:+.5f} to {difference[Compared.HIGH]:+.5f}"
        change = f"{difference[Compared.DIFFERENCE]:+.5f}"
        yield label, *(f"{value:.5f}" for value in values), change, interval


def _class_rows(
    classes: Mapping[str, Any], baseline: Mapping[str, Any], execution: Mapping[str, Any]
) -> Iterator[tuple[str, ...]]:
    for key, difference in classes.items():
        sides = [it[Compared.CLASSES][key] for it in (baseline, execution)]
        interval = f"{_points(difference[Compared.LOW])} to {_points(difference[Compared.HIGH])}"
        yield (
            " / ".join(dict.fromkeys(side[Compared.NAME] for side in sides)),
            *(f"{it[Compared.ERRORS]:,} ({it[Compared.SHARE]:.2%})" for it in sides),
            f"{_points(difference[Compared.DIFFERENCE])} pp",
            interval,
        )


def _examples(
    side: str, reviews: Mapping[str, Any], columns: Sequence[str]
) -> Iterator[Line | Table]:
    """Yield the number of the reviews, and some with their class and the scores of both models."""
    shown = reviews[Compared.EXAMPLES][:_EXAMPLES]
    if not shown:
        return
    count = reviews[Compared.REVIEWS]
    yield Line(f"{side}: {count:,} review{'s' * (count != 1)}; the largest changes of the score:")
    texts = "text" if any(Compared.TEXT in example for example in shown) else ""
    yield Table(
        ("review", "class", *columns, *([texts] if texts else [])),
        [
            (
                example[Compared.ID],
                example[Compared.LABEL],
                *(f"{score:.4f}" for score in example[Compared.SCORES]),
                *([example.get(Compared.TEXT, "")] if texts else []),
            )
            for example in shown
        ],
        numbers=columns,
        data=("review", "class"),
        texts=texts,
    )


def _points(share: float) -> str:
    """Return a difference of two shares in percentage points, with its sign.

    >>> _points(0.0134), _points(-0.00001)
    ('+1.34', '0.00')
    """
    text = f"{100 * share:+.2f}"
    return "0.00" if float(text) == 0 else text
