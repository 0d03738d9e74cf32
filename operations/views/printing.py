"""Printing of tables, lines and JSON on stdout."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

_PIPE_WIDTH = 200


def print_json(document: Mapping[str, Any]) -> None:
    """Print one JSON object with sorted keys."""
    print(json.dumps(document, indent=1, sort_keys=True))


def print_line(text: str) -> None:
    """Print a line; markup in it is escaped."""
    console().print(text, markup=False, soft_wrap=True)


def print_pairs(pairs: Iterable[tuple[str, str]]) -> None:
    """Print a line for each (name, value), values aligned."""
    for name, value in pairs:
        print_line(f"{name:<12} {value}")


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[str]], numbers: Sequence[str] = ()
) -> None:
    """Print a table; the columns in ``numbers`` are right-aligned."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        right = column in numbers
        table.add_column(column, justify="right" if right else "left", no_wrap=right)
    for row in rows:
        table.add_row(*map(escape, row))
    console().print(table)


def utc(time: datetime) -> str:
    """Return a time as text, such as 2026-11-22 20:15:03 UTC."""
    return f"{time:%Y-%m-%d %H:%M:%S} UTC"


def location(path: str) -> str:
    """Return a path relative to the current folder if it is inside it; other URIs unchanged."""
    here = Path.cwd()
    return str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else path


def console() -> Console:
    """Return the console for stdout; lines of a pipe aren't wrapped."""
    width = None if sys.stdout.isatty() else _PIPE_WIDTH
    return Console(highlight=False, width=width)
