"""The two classes: their names as the data has them, and which of them is the positive one."""

from __future__ import annotations

from collections.abc import Iterable

from processing.errors import DataError, printable

AUTO = "auto"
"""Not a label: the positive class is found by its name."""

OF_ARCHIVES = ("neg", "pos")

_PAIRS = (
    OF_ARCHIVES,
    *(("negative", "positive"), ("0", "1"), ("false", "true"), ("no", "yes"), ("bad", "good")),
)
_TOLD = 5  # labels
_LETTERS_TOLD = 40  # of each: the column may be one of texts


def classes(found: Iterable[str], positive: str = AUTO) -> tuple[str, str]:
    """(negative, positive): the two labels that were found, in this order.

    positive: the positive one, or `AUTO`: then the usual pairs are known in any case, and of
    others the one that comes later in the alphabet is positive.
    Raises DataError unless there are exactly two, and if none of them is ``positive``. If there is
    none at all, they are those of archives.

    >>> classes(["pos", "neg"]), classes(["Good", "Bad"]), classes(["ham", "spam"], "ham")
    (('neg', 'pos'), ('Bad', 'Good'), ('spam', 'ham'))
    """
    labels = sorted(set(found))
    if positive == AUTO and set(labels) <= set(OF_ARCHIVES):
        return OF_ARCHIVES  # which of them is missing is told when halves are known, too
    if len(labels) != 2:
        told = ", ".join(map(_quoted, labels[:_TOLD])) or "none"
        more = f" and {len(labels) - _TOLD} more" if len(labels) > _TOLD else ""
        raise DataError(f"two labels are needed, found {told}{more}; check the label column")
    first, second = labels
    if positive == AUTO:
        lowered = (first.lower(), second.lower())
        is_backwards = (lowered[1], lowered[0]) in _PAIRS
        return (second, first) if is_backwards else (first, second)
    if positive not in labels:
        raise DataError(
            f"the positive label {positive!r} is neither {_quoted(first)} nor {_quoted(second)}; "
            "name one of them"
        )
    return (first, second) if positive == second else (second, first)


def _quoted(label: str) -> str:
    return repr(printable(label[:_LETTERS_TOLD]))
