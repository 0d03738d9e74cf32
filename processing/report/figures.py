"""The report's pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from processing.evaluation.calibration import Reliability
from processing.evaluation.significance import wilson
from processing.report.format import percent
from processing.report.svg import (
    FIRST,
    GRID,
    INK,
    MUTED,
    PAPER,
    SECOND,
    Picture,
)

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Mark:
    """An accuracy on the ruler, with its interval if it has one."""

    name: str
    value: float
    low: float
    high: float


def ruler(marks: Sequence[Mark], says: str) -> str:
    """Accuracies one below the other; the first one is the model's own."""
    picture = Picture("ruler", 34 * len(marks) + 62, left=14)
    (axes,) = picture.axes
    lowest, highest = min(mark.low for mark in marks), max(mark.high for mark in marks)
    middle, room = (lowest + highest) / 2, max(0.6 * (highest - lowest), 0.01)
    for row, mark in enumerate(marks):
        own = row == 0
        colour = FIRST if own else MUTED
        axes.plot([mark.low, mark.high], [row, row], color=colour, linewidth=3 if own else 2)
        axes.plot(
            mark.value,
            row,
            "o",
            color=colour if own else PAPER,
            markeredgecolor=colour,
            markeredgewidth=2,
            markersize=9 if own else 7,
        )
        left = mark.value > middle
        axes.annotate(
            f"{mark.name} {percent(mark.value, 2)}",
            ((mark.low if left else mark.high), row),
            xytext=(-9 if left else 9, 0),
            textcoords="offset points",
            ha="right" if left else "left",
            va="center_baseline",
            color=INK if own else MUTED,
        )
    axes.set(ylim=(len(marks) - 0.5, -0.6), xlim=(lowest - room, highest + room), yticks=[])
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.set_xlabel("accuracy")
    axes.xaxis.set_major_formatter(FuncFormatter(_percent))
    axes.grid(visible=False, axis="y")
    axes.spines["left"].set_visible(False)
    return picture.svg(says)


def roc(false_rates: Numbers, true_rates: Numbers, point: tuple[float, float], says: str) -> str:
    """The ROC curve, chance, and where a score of 0.5 stands."""
    picture = Picture("roc", 320)
    (axes,) = picture.axes
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=1.2, linestyle=(0, (4, 4)))
    axes.fill_between(false_rates, true_rates, color=FIRST, alpha=0.1, linewidth=0)
    axes.plot(false_rates, true_rates, color=FIRST)
    _operating_point(axes, point, "score 0.5")
    axes.annotate("chance", (0.62, 0.62), xytext=(8, -10), textcoords="offset points", color=MUTED)
    _unit_square(axes, "false positive rate", "true positive rate")
    return picture.svg(says)


def precision_recall(
    recall: Numbers, precision: Numbers, point: tuple[float, float], share: float, says: str
) -> str:
    """Precision over recall, chance (the share of positives), and where a score of 0.5 stands."""
    picture = Picture("precision-recall", 320)
    (axes,) = picture.axes
    axes.plot([0, 1], [share, share], color=MUTED, linewidth=1.2, linestyle=(0, (4, 4)))
    axes.fill_between(recall, precision, color=FIRST, alpha=0.1, linewidth=0)
    axes.plot(recall, precision, color=FIRST)
    _operating_point(axes, point, "score 0.5")
    above = share < 0.9
    axes.annotate(
        "chance",
        (0.04, share),
        xytext=(0, 6 if above else -14),
        textcoords="offset points",
        color=MUTED,
    )
    _unit_square(axes, "recall", "precision")
    return picture.svg(says)


def calibration(bins: Reliability, says: str) -> str:
    """How often a score is right, above how many reviews have it."""
    picture = Picture("calibration", 360, rows=(3, 1))
    above, below = picture.axes
    shares = bins.positives / bins.reviews
    bounds = np.array(
        [wilson(*counts) for counts in zip(bins.positives.tolist(), bins.reviews.tolist())]
    )
    above.plot([0, 1], [0, 1], color=MUTED, linewidth=1.2, linestyle=(0, (4, 4)))
    above.vlines(bins.scores, bounds[:, 0], bounds[:, 1], color=FIRST, linewidth=1.6)
    above.plot(bins.scores, shares, "-o", color=FIRST, markersize=6)
    above.annotate(
        "perfect", (0.3, 0.3), xytext=(-6, 8), textcoords="offset points", color=MUTED, ha="right"
    )
    _unit_square(above, "", "share that is positive")
    below.bar(bins.scores, bins.reviews / bins.reviews.sum(), width=0.06, color=FIRST, alpha=0.55)
    below.set(xlabel="score", ylabel="reviews")
    below.yaxis.set_major_locator(MaxNLocator(2))
    below.yaxis.set_major_formatter(FuncFormatter(_percent))
    picture.align()
    return picture.svg(says)


def rounds(
    done: Sequence[int],
    train: Sequence[float],
    validation: Sequence[float],
    *,
    name: str,
    what: str,
    says: str,
) -> str:
    """A measure on both samples, round by round, each line with its name at its end."""
    picture = Picture(name, 260)
    (axes,) = picture.axes
    axes.plot(done, train, "--s", color=MUTED, markersize=4, linewidth=1.8)
    axes.plot(done, validation, "-o", color=FIRST, markersize=5)
    for values, label, colour, above in (
        (train, "train", MUTED, train[-1] > validation[-1]),
        (validation, "validation", FIRST, train[-1] <= validation[-1]),
    ):
        axes.annotate(
            label,
            (done[-1], values[-1]),
            xytext=(0, 9 if above else -18),
            textcoords="offset points",
            ha="right",
            color=colour,
        )
    axes.set(xlabel="rounds", ylabel=what)
    axes.set_ylim(bottom=0)
    axes.set_xlim(left=0)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_formatter(FuncFormatter(_plain))
    if what != "log loss":
        axes.yaxis.set_major_formatter(FuncFormatter(_percent))
    return picture.svg(says)


def by_length(
    names: Sequence[str],
    shares: Sequence[float],
    bounds: Sequence[tuple[float, float]],
    overall: float,
    says: str,
) -> str:
    """The accuracy of reviews of similar length, beside that of all."""
    picture = Picture("length", 320, left=76)
    (axes,) = picture.axes
    places = range(len(names))
    axes.axvline(overall, color=MUTED, linewidth=1.2, linestyle=(0, (4, 4)))
    lows, highs = zip(*bounds)
    axes.hlines(places, lows, highs, color=FIRST, linewidth=2)
    axes.plot(shares, places, "o", color=FIRST, markersize=7)
    axes.annotate(
        f"all {percent(overall)}",
        (overall, -0.62),
        xytext=(6, 0),
        textcoords="offset points",
        color=MUTED,
        va="center",
    )
    axes.set_yticks(places, names)
    axes.set_ylim(len(names) - 0.4, -1)
    axes.set(xlabel="accuracy")
    axes.margins(x=0.12)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter(FuncFormatter(_percent))
    axes.grid(visible=False, axis="y")
    axes.spines["left"].set_visible(False)
    return picture.svg(says)


def _operating_point(axes: Axes, point: tuple[float, float], name: str) -> None:
    axes.plot(*point, "o", color=PAPER, markeredgecolor=SECOND, markeredgewidth=2.4, markersize=9)
    axes.annotate(
        name,
        point,
        xytext=(10, -16) if point[0] < 0.5 else (-10, -16),
        textcoords="offset points",
        color=SECOND,
        ha="left" if point[0] < 0.5 else "right",
    )


def _unit_square(axes: Axes, x: str, y: str) -> None:
    axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.02), xlabel=x, ylabel=y)
    ticks = [0, 0.25, 0.5, 0.75, 1]
    axes.set_xticks(ticks, ["0", "0.25", "0.5", "0.75", "1"])
    axes.set_yticks(ticks, ["0", "0.25", "0.5", "0.75", "1"])
    axes.spines["left"].set_color(GRID)


def _plain(value: float, _: int) -> str:
    return f"{value:g}"


def _percent(value: float, _: int) -> str:
    """A share as a tick is labelled; no more digits than it needs.

    >>> _percent(0.85, 0), _percent(0.855, 0)
    ('85 %', '85.5 %')
    """
    return f"{round(100 * value, 1):g} %"
