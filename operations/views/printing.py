"""Printing of tables, lines and JSON on stdout."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

_PIPE_WIDTH = 200
_NAME_WIDTH = 12  # at least, so that most outputs are aligned alike


def print_json(document: Mapping[str, Any]) -> None:
    """Print one JSON object with sorted keys."""
    print(json.dumps(document, indent=1, sort_keys=True), flush=True)


def print_line(text: str) -> None:
    """Print a line; markup in it is escaped."""
    console().print(text, markup=False, soft_wrap=True)


def print_pairs(pairs: Iterable[tuple[str, str]]) -> None:
    """Print a line for each (name, value), values aligned."""
    listed = list(pairs)
    width = max([_NAME_WIDTH, *(len(name) for name, _ in listed)])
    for name, value in listed:
        print_line(f"{name:<{width}} {value}")


def print_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    numbers: Sequence[str] = (),
    one_line: Sequence[str] = (),
) -> None:
    """Print a table; the columns in ``numbers`` are right-aligned.

    one_line: columns that are cut to the width of the console instead of wrapped.
    """
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        right = column in numbers
        table.add_column(column, justify="right" if right else "left", no_wrap=right)
    for row in rows:
        table.add_row(
            *(
                Text(cell, no_wrap=column in one_line or None, overflow="ellipsis")
                for column, cell in zip(columns, row, strict=True)
            )
        )
    console().print(table)


def print_warning(text: str) -> None:
    """Print a warning on stderr, also with --json."""
    print(f"warning: {text}", file=sys.stderr)


def print_error(text: str) -> None:
    """Print an error on stderr that doesn't end the command, also with --json."""
    print(f"error: {text}", file=sys.stderr)


def utc(time: datetime) -> str:
    """Return a time as text, such as 2026-11-22 20:15:03 UTC."""
    return f"{time:%Y-%m-%d %H:%M:%S} UTC"


def duration(seconds: float) -> str:
    """Return a duration as text.

    >>> duration(7.25), duration(185), duration(3725)
    ('7.2 s', '3 min 5 s', '1 h 2 min')
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def size(count: int) -> str:
    """Return a number of bytes as text.

    >>> size(999), size(66_100_000), size(2_345_000_000)
    ('999 bytes', '66.1 MB', '2.3 GB')
    """
    if count < 100_000:
        return f"{count:,} bytes"
    return f"{count / 1e6:.1f} MB" if count < 1e9 else f"{count / 1e9:.1f} GB"


def age(then: datetime, now: datetime) -> str:
    """Return how long ago a time was.

    >>> from datetime import timedelta
    >>> now = datetime(2026, 11, 22)
    >>> [age(now - timedelta(minutes=minutes), now) for minutes in (0, 5, 119, 2 * 24 * 60)]
    ['just now', '5 min ago', '1 h ago', '2 days ago']
    """
    minutes = int((now - then).total_seconds()) // 60
    hours, days = minutes // 60, minutes // (24 * 60)
    if minutes < 1:
        return "just now"
    if hours < 1:
        return f"{minutes} min ago"
    return f"{hours} h ago" if days < 2 else f"{days} days ago"


def location(path: str) -> str:
    """Return a path relative to the current folder if it is inside it; other URIs unchanged."""
    here = Path.cwd()
    return str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else path


def console() -> Console:
    """Return the console for stdout; lines of a pipe aren't wrapped."""
    width = None if sys.stdout.isatty() else _PIPE_WIDTH
    return Console(highlight=False, width=width)
