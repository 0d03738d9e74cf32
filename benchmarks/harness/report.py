"""A report as plain data, in the JSON file beside its page: tables, charts and facts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

Cell = str | int | float | None
Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Table:
    """A table; floats are shown with three significant digits. note: the text below it."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    note: str = ""


@dataclass(frozen=True)
class Chart:
    """A chart of named series of (x, y). Bars are series of one point, whose y is not used.

    highlight: the series in the accent colour.
    """

    kind: Literal["bars", "lines", "points"]
    series: Mapping[str, Points]
    x: str
    y: str = ""
    log_x: bool = False
    highlight: Sequence[str] = field(default_factory=list)


@dataclass(frozen=True)
class Content:
    """The results of a suite. introduction: Markdown below the title."""

    title: str
    introduction: str
    tables: Sequence[Table]
    charts: Sequence[Chart] = field(default_factory=list)
    caption: str = ""


@dataclass(frozen=True)
class Report:
    """A suite's content with its date and the machine it was measured on."""

    suite: str
    date: str
    machine: Mapping[str, Any]
    content: Content

    def save(self, path: Path) -> None:
        """Write JSON with five significant digits."""
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(_rounded(asdict(self)), indent=1)
        path.write_text(text + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Report:
        """Return the report that `save` wrote."""
        stored = json.loads(path.read_text(encoding="utf-8"))
        content = stored.pop("content")
        tables = [Table(**table) for table in content.pop("tables")]
        charts = [Chart(**chart) for chart in content.pop("charts")]
        return cls(content=Content(tables=tables, charts=charts, **content), **stored)


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return float(f"{value:.5g}") if isinstance(value, float) else value
