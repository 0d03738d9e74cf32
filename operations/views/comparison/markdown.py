"""Comparisons of executions as Markdown for a pull request, without the text of reviews."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from operations.views.comparison.table import Line, Table, content
from pipeline_diff.render.markdown_syntax import code, plain


def comparison_markdown(document: Mapping[str, Any]) -> str:
    """Return a comparison as Markdown."""
    blocks = (_line(item) if isinstance(item, Line) else _table(item) for item in content(document))
    return "\n\n".join(blocks) + "\n"


def _line(line: Line) -> str:
    return f"{plain(line.text)}{code(line.data)}" if line.data else plain(line.text)


def _table(table: Table) -> str:
    """Return a table whose columns of data are code, which nothing in them can end."""
    shown = [column for column in table.columns if column != table.texts]
    header = f"| {' | '.join(map(plain, shown))} |"
    marks = ("---:" if column in table.numbers else "---" for column in shown)
    return "\n".join([header, f"|{'|'.join(marks)}|", *_rows(table)])


def _rows(table: Table) -> Iterator[str]:
    for row in table.rows:
        cells = [
            code(cell) if column in table.data and cell != "-" else plain(cell)
            for column, cell in zip(table.columns, row, strict=True)
            if column != table.texts
        ]
        yield f"| {' | '.join(cells)} |"
