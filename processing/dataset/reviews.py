"""Reviews as stored, and the texts in them that can be used.

In an archive with the layout of the Large Movie Review Dataset, a review's path holds its split and
label:

    <any folder>/{train,test}/{pos,neg}/<id>_<rating>.txt
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LAYOUT = "<any folder>/{train,test}/{pos,neg}/<name>.txt"

_MAX_PRINTED = 20

StoredText = bytes | str | None
"""A text as stored in a file: bytes, text, or nothing."""


@dataclass(frozen=True)
class Batch:
    """Some reviews as stored: four lists of the same length.

    names: unique ids, such as ``train/pos/0_9.txt``.
    labels: as stored; "" where there is none.
    splits: of `processing.dataset.given_splits.SPLITS`.
    """

    names: list[str]
    texts: list[StoredText]
    labels: list[str]
    splits: list[str]


@dataclass(frozen=True)
class Skipped:
    """A review that can't be used: its name, made printable, and the reason."""

    name: str
    reason: str


@dataclass(frozen=True)
class Unusable:
    """The reason why a text can't be used."""

    reason: str


def usable_text(stored: StoredText) -> str | Unusable:
    r"""Return the text, or why it can't be used.

    >>> usable_text(b"Fine."), usable_text("Fine.")
    ('Fine.', 'Fine.')
    >>> usable_text(b"caf\xe9"), usable_text(" "), usable_text(None)
    (Unusable(reason='not UTF-8 at byte 3'), Unusable(reason='empty'), Unusable(reason='no text'))
    """
    if stored is None:
        return Unusable("no text")
    try:
        text = _text(stored)
    except UnicodeDecodeError as error:
        return Unusable(f"not UTF-8 at byte {error.start}")
    except UnicodeEncodeError as error:
        return Unusable(f"not Unicode at character {error.start}")
    if not text.strip():
        return Unusable("empty")
    return text


def _text(stored: str | bytes) -> str:
    if isinstance(stored, bytes):
        return stored.decode("utf-8")
    stored.encode("utf-8")  # JSON can hold a lone surrogate
    return stored


def labelled_text(stored: StoredText, label: str) -> str | Unusable:
    """Return the text of a review to train on, or why it can't be used.

    >>> labelled_text("Fine.", "pos"), labelled_text("Fine.", "")
    ('Fine.', Unusable(reason='no label'))
    """
    text = usable_text(stored)
    return text if label or isinstance(text, Unusable) else Unusable("no label")


class UnusableReviews:
    """The first reviews that can't be used, and the number of all."""

    def __init__(self, reviews: Sequence[Skipped] = ()) -> None:
        self._count = 0
        self._first: list[Skipped] = []
        self.add(reviews)

    def add(self, reviews: Sequence[Skipped]) -> None:
        """Add reviews."""
        self._count += len(reviews)
        self._first += reviews[: _MAX_PRINTED - len(self._first)]

    def print(self, outcome: str, remark: str) -> None:
        """Print the first ones; if there are more, their number and a remark."""
        for review in self._first:
            print(f"{outcome} {review.name}: {review.reason}", flush=True)
        if self._count > len(self._first):
            print(f"{outcome} {self._count:,} in all; {remark}", flush=True)
