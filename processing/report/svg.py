"""Charts as inline SVG that takes its colours and fonts from the page."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

WIDTH = 400
"""Width of a chart in SVG units. Text is 13 units high, and a phone shows it slightly smaller."""

INK, MUTED, GRID, FIRST, SECOND, THIRD, FOURTH, PAPER = (f"#0{n}0b0c" for n in range(8))
"""Placeholder colours to draw with. `Chart.svg` replaces each by a variable of the style sheet."""

_VARIABLES = {
    INK: "var(--ink)",
    MUTED: "var(--muted)",
    GRID: "var(--grid)",
    FIRST: "var(--first)",
    SECOND: "var(--second)",
    THIRD: "var(--third)",
    FOURTH: "var(--fourth)",
    PAPER: "var(--paper)",
}

_STYLE = {
    "axes.axisbelow": True,
    "axes.edgecolor": GRID,
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.labelcolor": MUTED,
    "axes.labelpad": 6,
    "axes.linewidth": 1,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.facecolor": "none",
    "font.size": 13,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "legend.frameon": False,
    "lines.linewidth": 2.2,
    "path.simplify": True,
    "savefig.facecolor": "none",
    "svg.fonttype": "none",
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": GRID,
    "xtick.labelcolor": MUTED,
    "xtick.major.size": 0,
    "ytick.color": GRID,
    "ytick.labelcolor": MUTED,
    "ytick.major.size": 0,
}

# Parts of matplotlib's output that inline SVG must not have, or that would repeat in one page.
_PROLOGUE = re.compile(r".*?<svg [^>]*>", re.DOTALL)
_NOISE = re.compile(
    r"<metadata>.*?</metadata>|<!--.*?-->|<defs>\s*<style[^>]*>.*?</style>\s*</defs>", re.DOTALL
)
_GROUP = re.compile(r'<g id="[^"]*"')
_FONT = re.compile(r"font: ([\d.]+px) [^;\"]*|font-family: [^;\"]*;? ?")
_TAG = re.compile(r"<[^>]*>")
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_SPACE = re.compile(r"\s*\n\s*")


class Chart:
    """A figure of `WIDTH` times ``height`` SVG units, with one of `axes` for each of ``rows``.

    name: unique in a page. left: width of the margin for labels. rows: the relative heights.
    """

    def __init__(self, name: str, height: int, *, left: int = 54, rows: tuple[int, ...] = (1,)):
        self._name, self._height = name, height
        # matplotlib measures in inches of 72 units.
        self._figure = Figure(figsize=(WIDTH / 72, height / 72))
        FigureCanvasSVG(self._figure)
        self.axes: list[Axes] = self._figure.subplots(
            len(rows), 1, height_ratios=rows, sharex=True, squeeze=False
        )[:, 0].tolist()
        self._figure.subplots_adjust(
            left=left / WIDTH,
            right=1 - 14 / WIDTH,
            top=1 - 12 / height,
            bottom=46 / height,
            hspace=0.08,
        )

    def align_labels(self) -> None:
        """Align the y labels of all axes."""
        self._figure.align_ylabels()

    def svg(self, alternative: str) -> str:
        """Return the chart as SVG; ``alternative`` is the text for screen readers."""
        written = io.StringIO()
        # The salt keeps the ids of clip paths and markers unique among the charts of a page.
        with mpl.rc_context({"svg.hashsalt": self._name}):
            self._figure.savefig(written, format="svg", metadata={"Date": None})
        text = _NOISE.sub("", _PROLOGUE.sub("", written.getvalue(), count=1))
        text = _GROUP.sub("<g", text).replace("xlink:href", "href")
        text = _FONT.sub(lambda found: f"font-size: {found[1]}" if found[1] else "", text)
        text = _TAG.sub(lambda tag: _LONG_NUMBER.sub(_rounded, tag[0]), text)
        for colour, variable in _VARIABLES.items():
            text = text.replace(colour, variable)
        label = escape(alternative)
        head = f'<svg viewBox="0 0 {WIDTH} {self._height}" role="img" aria-label="{label}">'
        return head + _SPACE.sub("\n", text).strip()


def percent_tick(value: float, _: int) -> str:
    """Format the label of a tick, with no more digits than it needs.

    >>> percent_tick(0.85, 0), percent_tick(0.8525, 0)
    ('85%', '85.25%')
    """
    return f"{round(100 * value, 2):g}%"


def _rounded(number: re.Match[str]) -> str:
    return f"{float(number[0]):.2f}"


@contextmanager
def chart_style() -> Iterator[None]:
    """Draw charts in the page's style within this context, whatever matplotlib's configuration."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE)
        yield
