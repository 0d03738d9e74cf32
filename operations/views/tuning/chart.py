"""A search as an SVG chart: the best value so far, and the metric against each parameter."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from local_runner.definition.expressions import as_text
from operations.local.tuning.results import COMPLETE, FAILED, SearchResult, TrialResult
from operations.local.tuning.space import Choices, NumberRange, Range
from operations.local.tuning.tune import Tuned

_WIDTH, _HEIGHT, _GAP, _MARGIN = 300, 170, 64, 64
_COLUMNS = 3
_STYLE = """\
    .bg { fill: #ffffff; } .axis { stroke: #8b98a9; fill: none; } .best { stroke: #2f7d43; fill: none; stroke-width: 2; }
    .complete { fill: #2563b0; } .pruned { fill: none; stroke: #8b98a9; } .winner { fill: #2f7d43; }
    .name { font-size: 14px; font-weight: 600; fill: #1b2430; } .tick { font-size: 11px; fill: #51606f; }
    @media (prefers-color-scheme: dark) {
      .bg { fill: #0d1117; } .best { stroke: #5db373; } .complete { fill: #7db1ec; } .winner { fill: #5db373; }
      .name { fill: #e9eef5; } .tick { fill: #a9b6c6; }
    }
"""  # noqa: E501
_FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif"


@dataclass(frozen=True)
class _Axis:
    """A horizontal axis: its ends' texts, and positions from 0 to 1."""

    low: float
    high: float
    labels: tuple[str, ...]
    is_log: bool = False

    def position(self, value: float) -> float:
        low, high = self.low, self.high
        if self.is_log:
            low, high, value = math.log(low), math.log(high), math.log(value)
        return (value - low) / (high - low) if high > low else 0.5


def search_chart(tuned: Tuned) -> str:
    """Return the chart. Pruned trials are circles, the best trial is green."""
    return "\n".join(_Chart(tuned.result, tuned.ranges).lines()) + "\n"


class _Chart:
    def __init__(self, result: SearchResult, ranges: Sequence[Range]) -> None:
        self._result, self._ranges = result, ranges
        measured = [it for it in result.trials if it.state != FAILED and it.value is not None]
        self._trials = sorted(measured, key=lambda it: it.number)
        values = [it.value for it in self._trials if it.state == COMPLETE and it.value is not None]
        low, high = (min(values), max(values)) if values else (0.0, 1.0)
        self._low, self._high = low, high if high > low else low + 1e-9

    def lines(self) -> Iterator[str]:
        """Yield the lines of the document."""
        panels = 1 + len(self._ranges)
        columns, rows = min(panels, _COLUMNS), math.ceil(panels / _COLUMNS)
        width = 2 * _MARGIN + columns * (_WIDTH + _GAP) - _GAP
        height = 2 * _MARGIN + rows * (_HEIGHT + _GAP) - _GAP
        metric = self._result.objective.metric
        title = f"Search of {len(self._result.trials)} trials by {metric} on the validation set"
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" font-family="{_FONTS}" role="img" '
            'aria-labelledby="title">'
        )
        yield f'  <title id="title">{escape(title)}</title>'
        yield f"  <style>\n{_STYLE}  </style>"
        yield f'  <rect class="bg" width="{width}" height="{height}" rx="10"/>'
        yield f'  <text class="name" x="{_MARGIN}" y="{_MARGIN / 2:.0f}">{escape(title)}</text>'
        last = max((it.number for it in self._result.trials), default=1)
        yield from self._panel(0, "trial", _Axis(1, last, ("1", str(last))), None)
        for number, item in enumerate(self._ranges, start=1):
            yield from self._panel(number, item.name, _axis(item), item)
        yield "</svg>"

    def _panel(self, number: int, name: str, axis: _Axis, item: Range | None) -> Iterator[str]:
        left = _MARGIN + number % _COLUMNS * (_WIDTH + _GAP)
        top = _MARGIN + number // _COLUMNS * (_HEIGHT + _GAP)
        yield f'  <g transform="translate({left} {top})">'
        yield f'    <path class="axis" d="M0 0V{_HEIGHT}H{_WIDTH}"/>'
        yield f'    <text class="name" x="0" y="-12">{escape(name)}</text>'
        for value in (self._low, self._high):
            y = self._y(value)
            yield f'    <text class="tick" x="-6" y="{y:.0f}" text-anchor="end">{value:.4g}</text>'
        for position, label in enumerate(axis.labels):
            x = _WIDTH * position / max(len(axis.labels) - 1, 1)
            text = f'x="{x:.0f}" y="{_HEIGHT + 18}" text-anchor="middle"'
            yield f'    <text class="tick" {text}>{escape(label)}</text>'
        if item is None:
            yield f'    <path class="best" d="{self._best_so_far(axis)}"/>'
        for trial in self._trials:
            x = _WIDTH * axis.position(_value(trial, item))
            yield f"    {self._dot(trial, x)}"
        yield "  </g>"

    def _dot(self, trial: TrialResult, x: float) -> str:
        kind = "winner" if trial == self._result.best else trial.state
        values = ", ".join(f"{name} {as_text(it)}" for name, it in trial.parameters.items())
        text = escape(f"trial {trial.number}: {trial.value:.5f} ({trial.state}); {values}")
        circle = f'cx="{x:.1f}" cy="{self._y(trial.value or 0.0):.1f}" r="4"'
        return f'<circle class="{kind}" {circle}><title>{text}</title></circle>'

    def _best_so_far(self, axis: _Axis) -> str:
        """Return the path of the best value after each trial."""
        path, best = "", None
        for trial in self._trials:
            if trial.state != COMPLETE or trial.value is None:
                continue
            better = max if self._result.objective.is_maximized else min
            best = trial.value if best is None else better(best, trial.value)
            x, y = _WIDTH * axis.position(trial.number), self._y(best)
            path += f"H{x:.1f}V{y:.1f}" if path else f"M{x:.1f} {y:.1f}"
        return f"{path}H{_WIDTH}" if path else ""

    def _y(self, value: float) -> float:
        """Return the height of a value; those of pruned trials may be at the edge."""
        share = (value - self._low) / (self._high - self._low)
        return _HEIGHT * (1 - min(max(share, 0.0), 1.0))


def _axis(item: Range) -> _Axis:
    if isinstance(item, Choices):
        return _Axis(0, len(item.values) - 1, item.values)
    return _Axis(item.low, item.high, (as_text(item.low), as_text(item.high)), item.is_log)


def _value(trial: TrialResult, item: Range | None) -> float:
    if item is None:
        return trial.number
    value = trial.parameters[item.name]
    if isinstance(item, NumberRange):
        return float(value)
    return item.values.index(str(value))
