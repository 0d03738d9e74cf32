"""The report's charts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from processing.evaluation.calibration import CalibrationCurve
from processing.evaluation.significance import wilson
from processing.report.format import percent
from processing.report.svg import (
    FIRST,
    GRID,
    INK,
    MUTED,
    PAPER,
    SECOND,
    Chart,
    percent_tick,
)

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Mark:
    """An accuracy in the interval plot; without an interval, low and high equal the value."""

    name: str
    value: float
    low: float
    high: float


def interval_plot(marks: Sequence[Mark], alternative: str) -> str:
    """Draw accuracies with their intervals, one per row; the first is the evaluated model's.

    A band across the rows shows which accuracies are within the first interval.
    """
    chart = Chart("interval-plot", 50 * len(marks) + 56, left=24)
    (axes,) = chart.axes
    own = marks[0]
    lowest, highest = min(mark.low for mark in marks), max(mark.high for mark in marks)
    room = max(0.12 * (highest - lowest), 0.001)
    axes.axvspan(own.low, own.high, color=FIRST, alpha=0.12, linewidth=0)
    for row, mark in enumerate(marks):
        _draw_mark(axes, row, mark)
    axes.set(ylim=(len(marks) - 0.55, -0.75), xlim=(lowest - room, highest + room), yticks=[])
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.set_xlabel("accuracy")
    axes.xaxis.set_major_formatter(FuncFormatter(percent_tick))
    axes.grid(visible=False, axis="y")
    axes.spines["left"].set_visible(False)
    return chart.svg(alternative)


def roc(
    false_rates: Numbers,
    true_rates: Numbers,
    point: tuple[float, float],
    name: str,
    alternative: str,
) -> str:
    """Draw the ROC curve, the diagonal of a random classifier, and a point with its name."""
    chart = Chart("roc", 320)
    (axes,) = chart.axes
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=1.2, linestyle=(0, (4, 4)))
    axes.fill_between(false_rates, true_rates, color=FIRST, alpha=0.1, linewidth=0)
    axes.plot(false_rates, true_rates, color=FIRST)
    _operating_point(axes, point, name)
    axes.annotate("random", (0.62, 0.62), xytext=(8, -10), textcoords="offset points", color=MUTED)
    unit_square(axes, "false positive rate", "true positive rate")
    return chart.svg(alternative)


def precision_recall(
    recall: Numbers,
    precision: Numbers,
    point: tuple[float, float],
    name: str,
    share: float,
    alternative: str,
) -> str:
    """Draw the precision-recall curve and a point with its name.

    share: the share of positive reviews, which is a random classifier's precision.
    """
    chart = Chart("precision-recall", 320)
    (axes,) = chart.axes
    axes.plot([0, 1], [share, share], color=MUTED, linewidth=1.2, linestyle=(0, (4, 4)))
    axes.fill_between(recall, precision, color=FIRST, alpha=0.1, linewidth=0)
    axes.plot(recall, precision, color=FIRST)
    _operating_point(axes, point, name)
    above = share < 0.9
    axes.annotate(
        "random",
        (0.04, share),
        xytext=(0, 6 if above else -14),
        textcoords="offset points",
        color=MUTED,
    )
    unit_square(axes, "recall", "precision")
    return chart.svg(alternative)


def calibration(curve: CalibrationCurve, alternative: str) -> str:
    """Draw the calibration curve above a histogram of scores."""
    chart = Chart("calibration", 360, rows=(3, 1))
    above, below = chart.axes
    positives = np.rint(curve.positive_shares * curve.reviews).astype(int)
    bounds = np.array(
        [wilson(*counts) for counts in zip(positives.tolist(), curve.reviews.tolist())]
    )
    above.plot([0, 1], [0, 1], color=MUTED, linewidth=1.2, linestyle=(0, (4, 4)))
    above.vlines(curve.scores, bounds[:, 0], bounds[:, 1], color=FIRST, linewidth=1.6)
    above.plot(curve.scores, curve.positive_shares, "-o", color=FIRST, markersize=6)
    above.annotate(
        "ideal",
        (0.3, 0.3),
        xytext=(-6, 8),
        textcoords="offset points",
        color=MUTED,
        ha="right",
    )
    unit_square(above, "", "fraction of positives")
    heights = curve.reviews / curve.reviews.sum()
    below.bar(curve.scores, heights, width=0.06, color=FIRST, alpha=0.55)
    below.set(xlabel="score", ylabel="reviews")
    below.yaxis.set_major_locator(MaxNLocator(2))
    below.yaxis.set_major_formatter(FuncFormatter(percent_tick))
    chart.align_labels()
    return chart.svg(alternative)


def learning_curve(
    rounds: Sequence[int],
    train: Sequence[float],
    validation: Sequence[float],
    *,
    name: str,
    metric: str,
    is_share: bool,
    alternative: str,
) -> str:
    """Draw a metric on training and validation rows by boosting round, each curve labelled."""
    chart = Chart(name, 260)
    (axes,) = chart.axes
    axes.plot(rounds, train, "--s", color=MUTED, markersize=4, linewidth=1.8)
    axes.plot(rounds, validation, "-o", color=FIRST, markersize=5)
    for values, label, colour, above in (
        (train, "training", MUTED, train[-1] > validation[-1]),
        (validation, "validation", FIRST, train[-1] <= validation[-1]),
    ):
        axes.annotate(
            label,
            (rounds[-1], values[-1]),
            xytext=(0, 9 if above else -18),
            textcoords="offset points",
            ha="right",
            color=colour,
        )
    axes.set(xlabel="boosting rounds", ylabel=metric)
    axes.set_ylim(bottom=0)
    axes.set_xlim(left=0)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_formatter(FuncFormatter(percent_tick if is_share else _plain))
    return chart.svg(alternative)


def accuracy_by_length(
    names: Sequence[str],
    shares: Sequence[float],
    bounds: Sequence[tuple[float, float]],
    overall: float,
    alternative: str,
) -> str:
    """Draw the accuracy of each group of reviews of similar length, and the overall accuracy."""
    chart = Chart("length", 320, left=102)
    (axes,) = chart.axes
    rows = range(len(names))
    axes.axvline(overall, color=MUTED, linewidth=1.2, linestyle=(0, (4, 4)))
    lows, highs = zip(*bounds)
    axes.hlines(rows, lows, highs, color=FIRST, linewidth=2)
    axes.plot(shares, rows, "o", color=FIRST, markersize=7)
    axes.annotate(
        f"overall {percent(overall)}",
        (overall, -0.62),
        xytext=(6, 0),
        textcoords="offset points",
        color=MUTED,
        va="center",
    )
    axes.set_yticks(rows, names)
    axes.set_ylim(len(names) - 0.4, -1)
    axes.set(xlabel="accuracy", ylabel="words")
    axes.margins(x=0.12)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter(FuncFormatter(percent_tick))
    axes.grid(visible=False, axis="y")
    axes.spines["left"].set_visible(False)
    return chart.svg(alternative)


def unit_square(axes: Axes, x: str, y: str) -> None:
    """Frame axes of shares from 0 to 1."""
    axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.02), xlabel=x, ylabel=y)
    ticks = [0, 0.25, 0.5, 0.75, 1]
    axes.set_xticks(ticks, ["0", "0.25", "0.5", "0.75", "1"])
    axes.set_yticks(ticks, ["0", "0.25", "0.5", "0.75", "1"])
    axes.spines["left"].set_color(GRID)


def points_tick(value: float, _: int) -> str:
    """Format a tick's difference of two shares in percentage points.

    >>> points_tick(0.015, 0), points_tick(0.0, 0)
    ('+1.5', '0')
    """
    points = round(100 * value, 2)
    return f"{points:+g}".replace("-", "\N{MINUS SIGN}") if points else "0"


def _draw_mark(axes: Axes, row: int, mark: Mark) -> None:
    own = row == 0
    colour = FIRST if own else MUTED
    has_interval = mark.low < mark.high
    label = f"{mark.name}: {percent(mark.value)}"
    if has_interval:
        label += f" ({'95% CI: ' if own else ''}{percent(mark.low)} to {percent(mark.high)})"
        axes.plot([mark.low, mark.high], [row, row], color=colour, linewidth=5 if own else 3)
        ends = [mark.low, mark.high]
        axes.plot(ends, [row, row], "|", color=colour, markersize=16, markeredgewidth=2.5)
    axes.plot(
        mark.value,
        row,
        "o",
        color=PAPER,
        markeredgecolor=colour,
        markeredgewidth=3 if own else 2,
        markersize=12 if own else 9,
    )
    axes.annotate(
        label,
        (0, row),
        xycoords=axes.get_yaxis_transform(),
        xytext=(0, 13),
        textcoords="offset points",
        color=INK if own else MUTED,
    )


def _operating_point(axes: Axes, point: tuple[float, float], name: str) -> None:
    axes.plot(*point, "o", color=PAPER, markeredgecolor=SECOND, markeredgewidth=2.4, markersize=9)
    is_left, is_low = point[0] < 0.5, point[1] < 0.15
    axes.annotate(
        name,
        point,
        xytext=(10 if is_left else -10, 8 if is_low else -16),
        textcoords="offset points",
        color=SECOND,
        ha="left" if is_left else "right",
    )


def _plain(value: float, _: int) -> str:
    return f"{value:g}"
