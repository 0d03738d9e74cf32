"""The labels of the two classes, and which of them is the positive one."""

from __future__ import annotations

from collections.abc import Iterable

from processing.errors import DataError, printable

AUTO = "auto"
"""Instead of a label: find the positive class by its name."""

ARCHIVE_LABELS = ("neg", "pos")

_PAIRS = (
    ARCHIVE_LABELS,
    *(("negative", "positive"), ("0", "1"), ("false", "true"), ("no", "yes"), ("bad", "good")),
)
_MAX_LISTED = 5  # labels in a message
_MAX_QUOTED = 40  # characters of each: the column may hold texts


def classes(found: Iterable[str], positive: str = AUTO) -> tuple[str, str]:
    """Return (negative, positive): the two labels that were found.

    positive: the positive label, or `AUTO`: then the usual pairs are recognised in upper or lower
    case, and of two other labels the later in the alphabet is positive.
    Raise DataError unless there are exactly two, of which ``positive`` is one. Archives have fixed
    labels, also if reviews of a class are missing.

    >>> classes(["pos", "neg"]), classes(["Good", "Bad"]), classes(["ham", "spam"], "ham")
    (('neg', 'pos'), ('Bad', 'Good'), ('spam', 'ham'))
    """
    labels = sorted(set(found))
    if positive == AUTO and set(labels) <= set(ARCHIVE_LABELS):
        return ARCHIVE_LABELS  # a missing class is reported later, with its split
    if len(labels) != 2:
        listed = ", ".join(map(_quoted, labels[:_MAX_LISTED])) or "none"
        more = f" and {len(labels) - _MAX_LISTED} more" if len(labels) > _MAX_LISTED else ""
        raise DataError(f"expected two labels, found {listed}{more}; check the label column")
    first, second = labels
    if positive == AUTO:
        lowered = (first.lower(), second.lower())
        is_backwards = (lowered[1], lowered[0]) in _PAIRS
        return (second, first) if is_backwards else (first, second)
    if positive not in labels:
        raise DataError(
            f"PositiveLabel must be {_quoted(first)} or {_quoted(second)}, got {positive!r}"
        )
    return (first, second) if positive == second else (second, first)


def _quoted(label: str) -> str:
    return repr(printable(label[:_MAX_QUOTED]))
