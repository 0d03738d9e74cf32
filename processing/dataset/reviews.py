"""Reviews as stored, and what can be used of them.

Of an archive laid out as the Large Movie Review Dataset is, a review's path tells half and label:

    <any folder>/{train,test}/{pos,neg}/<id>_<rating>.txt
"""

from __future__ import annotations

from dataclasses import dataclass

from processing.errors import printable

LAYOUT = "<any folder>/{train,test}/{pos,neg}/<name>.txt"

Stored = bytes | str | None
"""A text as a file holds it: bytes, or decoded already, or none at all."""


@dataclass(frozen=True)
class Batch:
    """Some reviews as stored, a few megabytes of them; four lists of one length.

    names: what tells reviews apart, such as ``train/pos/0_9.txt``, or an id.
    labels: as the data has them; "" where it has none.
    in_train: whether they are of the training half.
    """

    names: list[str]
    texts: list[Stored]
    labels: list[str]
    in_train: list[bool]


@dataclass(frozen=True)
class Skipped:
    """A review that could not be used, its name as it can be printed, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class Unusable:
    """Why there is no text, or nothing to learn from it."""

    reason: str


def usable_text(stored: Stored) -> str | Unusable:
    r"""The text, or why it can't be used.

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
    stored.encode("utf-8")  # JSON can tell half of a character
    return stored


def labelled_text(stored: Stored, label: str) -> str | Unusable:
    """The text of a review to learn from, or why it can't be used.

    >>> labelled_text("Fine.", "pos"), labelled_text("Fine.", "")
    ('Fine.', Unusable(reason='no label'))
    """
    text = usable_text(stored)
    return text if label or isinstance(text, Unusable) else Unusable("no label")


def skipped(name: str, unusable: Unusable) -> Skipped:
    """What is told of a review that can't be used."""
    return Skipped(printable(name), unusable.reason)
