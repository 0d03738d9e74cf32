"""The beginnings of some reviews, read from the raw data."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from processing.dataset.columns import ColumnNames
from processing.dataset.reviews import StoredText
from processing.dataset.texts import read_texts
from processing.text.html import strip_html

_LENGTH = 300


def read_snippets(raw: Path, columns: ColumnNames, ids: Collection[str]) -> dict[str, str]:
    """Return the beginnings of the reviews with these ids, without ids that the data don't have.

    Raise DataError for raw data that can't be read.
    """
    return {name: beginning(_text(stored)) for name, stored in read_texts(raw, columns, ids)}


def beginning(text: str) -> str:
    """Return about `_LENGTH` characters of a text, without markup, on one line.

    >>> beginning("A <b>fine</b><br/>film.")
    'A fine film.'
    >>> len(beginning("word " * 100))
    300
    """
    # A tag such as <br/> separates words.
    line = " ".join(strip_html(text.replace("<", " <")).split())
    return line if len(line) <= _LENGTH else line[:_LENGTH].rstrip() + "…"


def _text(stored: StoredText) -> str:
    return stored.decode("utf-8", "replace") if isinstance(stored, bytes) else stored or ""
