"""The beginnings of some reviews, from the raw data: for who may see them."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from processing.dataset.read import RawReviews
from processing.dataset.reviews import Stored
from processing.dataset.tables import Columns, Rules
from processing.text.html import strip_html

_LENGTH = 300


def snippets(raw: Path, columns: Columns, ids: Collection[str]) -> dict[str, str]:
    """The reviews with these ids, each cut to about `_LENGTH` characters.

    Raises DataError for raw data that can't be read. An id that isn't there is left out.
    """
    wanted, found = set(ids), {}
    for batch in RawReviews(raw, Rules(columns)).read():
        for name, stored in zip(batch.names, batch.texts):
            # As the rows have it, where a name is of bytes that no encoding knows.
            identity = name.encode("utf-8", "backslashreplace").decode("utf-8")
            if identity in wanted:
                found[identity] = beginning(_text(stored))
    return found


def beginning(text: str) -> str:
    """The text's beginning in one line, without its markup.

    >>> beginning("A <b>fine</b><br/>film.")
    'A fine film.'
    >>> len(beginning("word " * 100))
    300
    """
    # Where the markup parts words, so should the line.
    line = " ".join(strip_html(text.replace("<", " <")).split())
    return line if len(line) <= _LENGTH else line[:_LENGTH].rstrip() + "…"


def _text(stored: Stored) -> str:
    return stored.decode("utf-8", "replace") if isinstance(stored, bytes) else stored or ""
