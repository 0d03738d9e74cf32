"""Render a report's JSON as Markdown and SVG: ``python -m benchmarks.harness.render FILE``."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from benchmarks.harness.report import Cell, Chart, Report, Table

_PAPER, _INK, _ACCENT, _OTHER = "#ffffff", "#24292f", "#2f6da8", "#7a8ca3"
_DARK = {_PAPER: "#0d1117", _INK: "#e6edf3", _ACCENT: "#58a6ff", _OTHER: "#8b9bb0"}
_LINES = ("solid", "dashed", "dotted", "dashdot")

mpl.rcParams.update(
    {
        "axes.edgecolor": _INK,
        "axes.labelcolor": _INK,
        "axes.spines.right": False,
        "axes.spines.top": False,
        "font.size": 11,
        "svg.fonttype": "none",
        "svg.hashsalt": "equal numbers give equal charts",
        "text.color": _INK,
        "xtick.color": _INK,
        "ytick.color": _INK,
    }
)


def write_page(source: Path) -> Path:
    """Write the page and the chart beside the JSON file; return the page's path."""
    report = Report.load(source)
    page, image = source.with_suffix(".md"), source.with_suffix(".svg")
    if report.content.charts:
        image.write_text(svg(report.content.charts), encoding="utf-8")
    page.write_text(markdown(report, image.name), encoding="utf-8")
    return page


def markdown(report: Report, image: str) -> str:
    """Return the page; ``image`` is the file name of the chart beside it."""
    content = report.content
    return "".join(
        [
            f"# {content.title}, measured on {report.date}\n\n{content.introduction}\n\n",
            *_machine(report.machine),
            f"\n![{content.caption}]({image})\n" if content.charts else "",
            *map(_table, content.tables),
        ]
    )


def number(value: float) -> str:
    """Return a number with three significant digits.

    >>> number(3921.4), number(18.094), number(0.0757)
    ('3,920', '18.1', '0.0757')
    """
    rounded = float(f"{value:.3g}")
    return f"{rounded:,.0f}" if rounded >= 100 else f"{rounded:g}"


def svg(charts: list[Chart] | Any) -> str:
    """Return the charts, one below the other, as an SVG that follows the reader's theme."""
    figure = Figure(figsize=(9, 2.8 * len(charts)), layout="constrained", facecolor=_PAPER)
    for axes, chart in zip(figure.subplots(len(charts), squeeze=False).flat, charts, strict=True):
        axes.set_facecolor(_PAPER)
        axes.set_xlabel(chart.x)
        axes.set_ylabel(chart.y)
        {"bars": _bars, "lines": _lines, "points": _points}[chart.kind](axes, chart)
        if chart.log_x:
            axes.set_xscale("log")
    written = io.StringIO()
    figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None})
    rules = "".join(
        f'[style*="{what}: {light}"]{{{what}:{dark} !important}}'
        for light, dark in _DARK.items()
        for what in ("fill", "stroke")
    )
    style = f"<style>@media (prefers-color-scheme: dark){{{rules}}}</style>"
    text = re.sub(r"(<svg [^>]*>)", rf"\1{style}", written.getvalue(), count=1)
    return re.sub(r"[ \t]+$", "", text, flags=re.MULTILINE)  # matplotlib's trailing blanks


def _machine(machine: Any) -> Iterator[str]:
    packages = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
    before, after = machine["load"]
    yield f"* {machine['cores']} cores ({machine['processor']}), {machine['memory_gb']} GB, "
    yield f"{machine['system']}\n* Python {machine['python']}; {packages}\n"
    yield f"* load average {before} before and {after} after: CPU times and ratios are more "
    yield "reliable than wall times\n"


def _table(table: Table) -> str:
    lines = [table.columns, ["---"] * len(table.columns), *(map(_cell, row) for row in table.rows)]
    rows = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    return f"\n## {table.title}\n\n{rows}" + (f"\n{table.note}\n" if table.note else "")


def _cell(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return f"{value:,}" if isinstance(value, int) else number(value)


def _colour(chart: Chart, name: str) -> str:
    return _ACCENT if name in chart.highlight else _OTHER


def _bars(axes: Any, chart: Chart) -> None:
    values = [points[0][0] for points in chart.series.values()]
    bars = axes.barh(list(chart.series), values, color=[_colour(chart, n) for n in chart.series])
    axes.bar_label(bars, [number(value) for value in values], color=_INK, padding=4)
    axes.invert_yaxis()
    axes.margins(x=0.12)


def _lines(axes: Any, chart: Chart) -> None:
    for (name, points), style in zip(chart.series.items(), _LINES, strict=False):
        x, y = zip(*points, strict=True)
        axes.plot(x, y, marker="o", color=_colour(chart, name), linestyle=style)
        axes.annotate(name, (x[-1], y[-1]), (8, -4), textcoords="offset points")
    axes.set_xlim(left=0, right=max(axes.get_xlim()) * 1.15)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.set_ylim(bottom=0)


def _points(axes: Any, chart: Chart) -> None:
    for name, points in chart.series.items():
        x, y = zip(*points, strict=True)
        axes.plot(x, y, "o", color=_colour(chart, name))
        axes.annotate(name, (max(x), max(y)), (8, -4), textcoords="offset points")
    axes.margins(x=0.5, y=0.2)
    axes.set_xlim(left=0)


if __name__ == "__main__":
    print(write_page(Path(sys.argv[1])).read_text(encoding="utf-8"))
