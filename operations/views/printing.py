"""How tables, lines and JSON are printed."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

_PIPE_WIDTH = 200


def print_json(document: Mapping[str, Any]) -> None:
    """One JSON object on stdout, its keys sorted."""
    print(json.dumps(document, indent=1, sort_keys=True))


def print_line(text: str) -> None:
    """A line on stdout, as it is written."""
    _console().print(text, markup=False, soft_wrap=True)


def print_pairs(pairs: Iterable[tuple[str, str]]) -> None:
    """A line for each pair, the values below each other."""
    for name, value in pairs:
        print_line(f"{name:<12} {value}")


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[str]], numbers: Sequence[str] = ()
) -> None:
    """A table on stdout; the columns in ``numbers`` are aligned to the right."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        right = column in numbers
        table.add_column(column, justify="right" if right else "left", no_wrap=right)
    for row in rows:
        table.add_row(*map(escape, row))
    _console().print(table)


def moment(time: datetime) -> str:
    """A time for people, such as 2026-11-22 20:15:03 UTC."""
    return f"{time:%Y-%m-%d %H:%M:%S} UTC"


def _console() -> Console:
    width = None if sys.stdout.isatty() else _PIPE_WIDTH
    return Console(highlight=False, width=width)
