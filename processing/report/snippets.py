"""The beginnings of some reviews, read from the raw data."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from processing.dataset.read import RawReviews
from processing.dataset.reviews import Stored
from processing.dataset.tables import Columns, Rules
from processing.text.html import strip_html

_LENGTH = 300


def read_snippets(raw: Path, columns: Columns, ids: Collection[str]) -> dict[str, str]:
    """Return the beginnings of the reviews with these ids, without ids that the data don't have.

    Raise DataError for raw data that can't be read.
    """
    wanted, found = set(ids), {}
    for batch in RawReviews(raw, Rules(columns)).read():
        for name, stored in zip(batch.names, batch.texts):
            # As in the part files of rows, where a name may hold bytes that aren't UTF-8.
            identity = name.encode("utf-8", "backslashreplace").decode("utf-8")
            if identity in wanted:
                found[identity] = beginning(_text(stored))
    return found


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


def _text(stored: Stored) -> str:
    return stored.decode("utf-8", "replace") if isinstance(stored, bytes) else stored or ""
