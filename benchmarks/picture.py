"""The result as a picture: an SVG that follows the reader's light or dark theme."""

from __future__ import annotations

import io
import re
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from benchmarks.report import number, totals
from benchmarks.result import Result
from benchmarks.rows import OURS, WHOLE

PAPER = "#ffffff"
_INK, _BAR, _OWN, _THIRD = "#24292f", "#7a8ca3", "#2f6da8", "#b35900"
COLOURS = (_OWN, _THIRD, _BAR)
_DARK = {
    PAPER: "#0d1117",
    _INK: "#e6edf3",
    _BAR: "#8b9bb0",
    _OWN: "#58a6ff",
    _THIRD: "#f0883e",
}

mpl.rcParams.update(
    {
        "axes.edgecolor": _INK,
        "axes.labelcolor": _INK,
        "axes.spines.right": False,
        "axes.spines.top": False,
        "font.size": 11,
        "svg.fonttype": "none",
        "svg.hashsalt": "equal numbers give equal pictures",
        "text.color": _INK,
        "xtick.color": _INK,
        "ytick.color": _INK,
    }
)


def draw(result: Result, target: Path) -> None:
    """Draws who takes how much CPU, and below it where the pipeline's own goes."""
    figure = Figure(figsize=(9, 5.2), layout="constrained", facecolor=PAPER)
    above, below = figure.subplots(2, 1, height_ratios=[5, 4])
    compared = {who: usage.cpu_seconds for who, usage in totals(result.rows).items()}
    _bars(above, compared, own="this pipeline")
    above.set_xscale("log")
    above.set_xlabel("CPU seconds for the whole archive (logarithmic)")
    own = {
        row.what: row.usage.cpu_seconds
        for row in result.rows
        if row.who == OURS and row.what != WHOLE
    }
    _bars(below, own, own="")
    below.set_xlabel("CPU seconds of the pipeline's jobs")
    save(figure, target)


def _bars(axes: mpl.axes.Axes, values: dict[str, float], own: str) -> None:
    names = list(values)
    colours = [_OWN if name == own or not own else _BAR for name in names]
    bars = axes.barh(names, list(values.values()), color=colours)
    axes.bar_label(bars, [f" {number(value)}" for value in values.values()], color=_INK)
    axes.invert_yaxis()
    axes.set_facecolor(PAPER)
    axes.margins(x=0.12)


def save(figure: Figure, target: Path) -> None:
    """Writes the figure with the dark theme's colours beside the light one's."""
    written = io.StringIO()
    figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None})
    rules = "".join(
        f'[style*="{what}: {light}"]{{{what}:{dark} !important}}'
        for light, dark in _DARK.items()
        for what in ("fill", "stroke")
    )
    style = f"<style>@media (prefers-color-scheme: dark){{{rules}}}</style>"
    text = re.sub(r"(<svg [^>]*>)", rf"\1{style}", written.getvalue(), count=1)
    # Trailing spaces of matplotlib's, which a diff would show.
    target.write_text(re.sub(r"[ \t]+$", "", text, flags=re.MULTILINE), encoding="utf-8")
