"""The charts of a comparison. The baseline is grey, and each other execution has a colour.

Executions are given by their numbers in the comparison; the baseline is 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from processing import names
from processing.names import Compared
from processing.report.figures import Mark, points_tick, unit_square
from processing.report.format import percent
from processing.report.svg import (
    FIRST,
    FOURTH,
    GRID,
    INK,
    MUTED,
    SECOND,
    THIRD,
    Chart,
    percent_tick,
)

_COLOURS = (FIRST, SECOND, THIRD, FOURTH)
_LINES = ("-", (0, (5, 2)), (0, (1, 1.5)))
_MARKERS = "oD^sv"
_ROW = 44


def colour_of(number: int) -> str:
    """Return the colour of an execution by its number; 0 is the baseline."""
    return MUTED if number == 0 else _COLOURS[(number - 1) % len(_COLOURS)]


def difference_plot(marks: Sequence[tuple[Mark, str]], alternative: str) -> str:
    """Draw differences with their intervals, one per row, each with a label, and a line at 0."""
    chart = Chart("difference-plot", _ROW * len(marks) + 62, left=24)
    (axes,) = chart.axes
    axes.axvline(0, color=MUTED, linewidth=1.2, linestyle=(0, (4, 4)))
    for row, (mark, label) in enumerate(marks):
        verdict = FIRST if mark.low > 0 else SECOND if mark.high < 0 else INK
        _draw(axes, row, mark, verdict, label)
    bounds = [0.0, *(mark.low for mark, _ in marks), *(mark.high for mark, _ in marks)]
    _frame(axes, len(marks), bounds)
    axes.xaxis.set_major_formatter(FuncFormatter(points_tick))
    axes.set_xlabel("difference of the accuracies (percentage points)")
    return chart.svg(alternative)


def accuracy_plot(executions: Mapping[int, Mapping[str, Any]], alternative: str) -> str:
    """Draw the accuracies with their intervals, a row for each execution."""
    marks = {}
    for number, execution in executions.items():
        found = execution[Compared.METRICS][names.ACCURACY]
        mark = Mark(
            execution[Compared.NAME], found[names.VALUE], found[Compared.LOW], found[Compared.HIGH]
        )
        interval = f"{percent(mark.low)} to {percent(mark.high)}"
        marks[number] = mark, f"{mark.name}: {percent(mark.value)} (95% CI: {interval})"
    return _share_plot("accuracies", marks, "accuracy", alternative)


def error_plot(executions: Mapping[int, Mapping[str, Any]], key: str, alternative: str) -> str:
    """Draw the error rates of a class with their intervals, a row for each execution."""
    marks = {}
    for number, execution in executions.items():
        found = execution[Compared.CLASSES][key]
        name, share = execution[Compared.NAME], found[Compared.SHARE]
        mark = Mark(name, share, found[Compared.LOW], found[Compared.HIGH])
        marks[number] = mark, f"{name}: {percent(share, 2)}"
    return _share_plot(f"errors-{key}", marks, "misclassified reviews of the class", alternative)


def _share_plot(
    name: str, marks: Mapping[int, tuple[Mark, str]], x_label: str, alternative: str
) -> str:
    """Draw shares with their intervals and labels, a row for each execution by its number."""
    chart = Chart(name, _ROW * len(marks) + 62, left=24)
    (axes,) = chart.axes
    for row, (number, (mark, label)) in enumerate(marks.items()):
        _draw(axes, row, mark, colour_of(number), label)
    bounds = [bound for mark, _ in marks.values() for bound in (mark.low, mark.high)]
    _frame(axes, len(marks), bounds)
    axes.xaxis.set_major_formatter(FuncFormatter(percent_tick))
    axes.set_xlabel(x_label)
    return chart.svg(alternative)


def calibration_overlay(executions: Mapping[int, Mapping[str, Any]], alternative: str) -> str:
    """Draw calibration curves over each other, each with its execution's name in the legend."""
    chart = Chart("calibration", 360)
    (axes,) = chart.axes
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=1.2, linestyle=(0, (4, 4)))
    for number, execution in executions.items():
        curve = execution[Compared.CURVE]
        turn = max(number - 1, 0) // len(_COLOURS)
        axes.plot(
            curve["scores"],
            curve["positive_shares"],
            color=colour_of(number),
            linestyle=_LINES[turn % len(_LINES)],
            marker=_MARKERS[number % len(_MARKERS)],
            markersize=6,
            label=execution[Compared.NAME],
        )
    unit_square(axes, "score", "fraction of positives")
    axes.legend(loc="upper left")
    return chart.svg(alternative)


def _draw(axes: Axes, row: int, mark: Mark, colour: str, label: str) -> None:
    axes.plot([mark.low, mark.high], [row, row], color=colour, linewidth=3)
    axes.plot(
        [mark.low, mark.high], [row, row], "|", color=colour, markersize=14, markeredgewidth=2
    )
    axes.plot(mark.value, row, "o", color=colour, markersize=9)
    axes.annotate(
        label,
        (0, row),
        xycoords=axes.get_yaxis_transform(),
        xytext=(0, 10),
        textcoords="offset points",
        color=INK,
    )


def _frame(axes: Axes, rows: int, bounds: Sequence[float]) -> None:
    room = max(0.08 * (max(bounds) - min(bounds)), 0.0005)
    axes.set(ylim=(rows - 0.5, -0.75), xlim=(min(bounds) - room, max(bounds) + room), yticks=[])
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.grid(visible=False, axis="y")
    axes.spines["left"].set_visible(False)
    axes.spines["bottom"].set_color(GRID)
