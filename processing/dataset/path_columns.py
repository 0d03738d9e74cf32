"""Columns that a table's path gives, as Spark, Hive and Arrow name folders of partitions."""

from __future__ import annotations

from urllib.parse import unquote

_NULL = "__HIVE_DEFAULT_PARTITION__"


def path_columns(path: str) -> dict[str, str | None]:
    """Return the value of each column that is a folder ``<column>=<value>`` of a path.

    >>> path_columns("label=pos/day=2026-11-29 10%3A00/part-0.parquet")
    {'label': 'pos', 'day': '2026-11-29 10:00'}
    >>> path_columns("label=__HIVE_DEFAULT_PARTITION__/a=b.csv")
    {'label': None}
    """
    columns: dict[str, str | None] = {}
    for folder in path.split("/")[:-1]:
        name, is_column, value = folder.partition("=")
        if is_column and name:
            columns[unquote(name)] = None if value == _NULL else unquote(value)
    return columns
