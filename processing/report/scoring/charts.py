"""The charts of scored reviews: distributions of one execution, and trends over executions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from processing.evaluation.drift import LARGE_DRIFT, SMALL_DRIFT
from processing.report.svg import FIRST, GRID, MUTED, SECOND, Chart, percent_tick

_MOST_TICKS = 3


@dataclass(frozen=True)
class Point:
    """A value of an execution, with its interval if it has one, and a value to compare it with."""

    name: str
    value: float
    low: float
    high: float
    compared: float | None = None


def distributions(
    name: str,
    labels: Sequence[str],
    reference: Sequence[float],
    current: Sequence[float],
    x_label: str,
    alternative: str,
) -> str:
    """Draw the shares of the reviews in each bin: bars of the new ones, a line of the test set.

    labels: of the bins' lower bounds.
    """
    chart = Chart(name, 280)
    (axes,) = chart.axes
    bins = np.arange(len(labels))
    axes.bar(bins + 0.5, current, width=0.82, color=FIRST, alpha=0.6)
    edges = [*bins, len(labels)]
    axes.stairs(reference, edges, color=SECOND, linewidth=2)
    step = max(1, len(labels) // 6)
    axes.set_xticks(bins[::step], labels[::step])
    axes.set(xlabel=x_label, ylabel="share of reviews", xlim=(0, len(labels)))
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_formatter(FuncFormatter(percent_tick))
    axes.grid(visible=False, axis="x")
    return chart.svg(alternative)


def accuracy_trend(points: Sequence[Point], alternative: str) -> str:
    """Draw accuracies with their intervals in the order of time, and those of the test set."""
    chart = Chart("accuracy-trend", 300)
    (axes,) = chart.axes
    rows = range(len(points))
    compared = [(n, it.compared) for n, it in enumerate(points) if it.compared is not None]
    axes.plot(*_columns(compared), "_", color=MUTED, markersize=14, markeredgewidth=2)
    lows, highs = [it.low for it in points], [it.high for it in points]
    axes.vlines(rows, lows, highs, color=FIRST, linewidth=2)
    axes.plot(rows, [it.value for it in points], "o", color=FIRST, markersize=6)
    shown = [*lows, *highs, *(value for _, value in compared)]
    room = max(0.06 * (max(shown) - min(shown)), 0.005)
    axes.set_ylim(min(shown) - room, max(shown) + room)
    axes.set_ylabel("accuracy")
    axes.yaxis.set_major_formatter(FuncFormatter(percent_tick))
    _frame(axes, points)
    return chart.svg(alternative)


def drift_trend(points: Sequence[Point], alternative: str) -> str:
    """Draw the largest measure of drift in the order of time, and the limits of the rule."""
    chart = Chart("drift-trend", 260)
    (axes,) = chart.axes
    for limit in (SMALL_DRIFT, LARGE_DRIFT):
        axes.axhline(limit, color=MUTED, linewidth=1.2, linestyle=(0, (4, 4)))
    values = [it.value for it in points]
    axes.plot(range(len(points)), values, "-o", color=FIRST, markersize=6)
    axes.set_ylim(0, max(0.3, 1.1 * max(values)))
    axes.set_ylabel("largest measure of drift")
    _frame(axes, points)
    return chart.svg(alternative)


def _columns(pairs: Sequence[tuple[float, float]]) -> tuple[list[float], list[float]]:
    return [x for x, _ in pairs], [y for _, y in pairs]


def _frame(axes: Axes, points: Sequence[Point]) -> None:
    """Name some of the executions on the x axis, the first and the last one included."""
    count = len(points)
    ticks = sorted({round(it) for it in np.linspace(0, count - 1, min(count, _MOST_TICKS))})
    axes.set_xticks(ticks, [points[it].name for it in ticks])
    axes.tick_params("x", pad=8)  # clear of the lowest label of the y axis
    axes.set_xlim(-0.5, count - 0.5)
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.grid(visible=False, axis="x")
    axes.spines["bottom"].set_color(GRID)
