"""The chart of precision, recall and F1 by decision threshold."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from processing.report.figures import Numbers, unit_square
from processing.report.svg import FIRST, FOURTH, MUTED, PAPER, SECOND, THIRD, Chart

_STYLES: Mapping[str, tuple[str, object]] = {
    "precision": (FIRST, "-"),
    "recall": (THIRD, (0, (5, 2))),
    "F1": (FOURTH, (0, (1.5, 1.5))),
}


def threshold_chart(
    thresholds: Numbers,
    rates: Mapping[str, Numbers],
    cost: Numbers | None,
    marked: Mapping[float, str],
    alternative: str,
) -> str:
    """Draw rates by threshold, and below them the mean cost of a review if there is one.

    rates: precision, recall and F1; NaN where a rate isn't defined. marked: names of thresholds to
    mark, the chosen one first.
    """
    chart = Chart("threshold", 320 if cost is None else 400, rows=(1,) if cost is None else (3, 1))
    above, *below = chart.axes
    for name, values in rates.items():
        colour, style = _STYLES[name]
        above.plot(thresholds, values, color=colour, linestyle=style, label=name)
    unit_square(above, "" if below else "threshold", "")
    above.set_ylim(-0.01, 1.22)  # with room for the legend
    above.legend(
        loc="upper left", ncol=len(rates), borderaxespad=0, columnspacing=1.2, handlelength=1.8
    )
    if cost is not None:
        [axes] = below
        axes.plot(thresholds, cost, color=FIRST)
        axes.set(xlabel="threshold", ylabel="cost")
        axes.set_ylim(0, 1.1 * float(np.max(cost)) or 1.0)
        axes.yaxis.set_major_locator(MaxNLocator(2))
        chart.align_labels()
    for position, (threshold, name) in enumerate(marked.items()):
        colour, style = (MUTED, (0, (4, 4))) if position else (SECOND, "-")
        for axes in chart.axes:
            top = 0.84 if axes is above else 1.0  # below the legend
            axes.axvline(threshold, 0, top, color=colour, linestyle=style, linewidth=1.4, zorder=1)
        _label(above, threshold, 0.04 + 0.09 * position, name, colour)
    return chart.svg(alternative)


def _label(axes: Axes, threshold: float, height: float, name: str, colour: str) -> None:
    is_left = threshold < 0.5
    axes.annotate(
        name,
        (threshold, height),
        xytext=(6 if is_left else -6, 0),
        textcoords="offset points",
        color=colour,
        ha="left" if is_left else "right",
        va="center",
        bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1.5},
    )
