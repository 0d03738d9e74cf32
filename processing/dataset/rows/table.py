"""A table while it is read."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from processing.dataset.columns import Columns

TableRow = Mapping[str, Any]
"""A row's cells by column name. A row of JSON has only the keys of its object."""


@dataclass(frozen=True)
class Table:
    """The columns that are read of a table, and its rows, front to back."""

    columns: Columns
    rows: Iterator[TableRow]

    def close(self) -> None:
        """Close the file, if not all rows were read."""
        if isinstance(self.rows, Generator):
            self.rows.close()
