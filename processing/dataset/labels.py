"""The labels of the two classes, and which of them is the positive one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from processing import names
from processing.errors import DataError, printable
from processing.names import AUTO

ARCHIVE_LABELS = ("neg", "pos")

_PAIRS = (
    *(ARCHIVE_LABELS, ("negative", "positive"), ("0", "1"), ("-1", "1"), ("0", "4")),
    *(("false", "true"), ("f", "t"), ("no", "yes"), ("n", "y"), ("bad", "good")),
)
MAX_LABELS = 255
"""More labels than this aren't counted: the column may hold texts, one for each review."""

_MAX_LISTED = 5  # labels in a message
_MAX_QUOTED = 40  # characters of each: the column may hold texts


@dataclass(frozen=True)
class Classes:
    """The names of the two classes.

    source: why the positive one is positive: `names.BY_PARAMETER`, `BY_PAIR` or `BY_ALPHABET`.
    spellings: of each class that has several, the most frequent first.
    """

    negative: str
    positive: str
    source: str = names.BY_PAIR
    spellings: Sequence[Sequence[str]] = field(default=(), compare=False)

    @property
    def labels(self) -> tuple[str, str]:
        """The names of class 0 and class 1."""
        return self.negative, self.positive

    def number(self, label: str) -> int:
        """Return the class of a label as it is in the data: 1 positive, 0 negative."""
        return int(label.casefold() == self.positive.casefold())

    def as_json(self) -> dict[str, Any]:
        """Return the names and the source."""
        return {
            "negative": self.negative,
            "positive": self.positive,
            names.SOURCE: self.source,
        }

    def messages(self) -> Iterator[str]:
        """Yield what the log states about the classes."""
        for first, *others in self.spellings:
            listed = ", ".join(map(_quoted, others[:_MAX_LISTED]))
            yield f"labels {_quoted(first)} and {listed} are one class"
        yield f"positive class: {names.positive_class(self.as_json())}"


def classes(found: Mapping[str, int] | Iterable[str], positive: str = AUTO) -> Classes:
    """Return the classes of the labels that were found.

    found: labels in reading order, or the number of reviews of each. Labels that differ only in
    case are one class, called by the most frequent spelling, of equally frequent ones by the
    alphabetically first.
    positive: the positive label, or `names.AUTO`: then the usual pairs are recognised, and of two
    other labels the alphabetically later one is positive.
    Raise DataError unless there are exactly two, of which ``positive`` is one. Archives have fixed
    labels, also if reviews of a class are missing.

    >>> [classes(found).labels for found in (["pos", "neg"], ["Good", "Bad"])]
    [('neg', 'pos'), ('Bad', 'Good')]
    >>> classes(["ham", "spam"], "ham").labels, classes(["Ham", "spam", "ham", "ham"]).labels
    (('spam', 'ham'), ('ham', 'spam'))
    """
    counts = Counter(found)
    if positive == AUTO and counts.keys() <= set(ARCHIVE_LABELS):
        return Classes(*ARCHIVE_LABELS)  # a missing class is reported later, with its split
    if len(counts) > MAX_LABELS:
        listed = ", ".join(map(_quoted, [*counts][:_MAX_LISTED]))
        raise DataError(
            f"expected two labels, found more than {MAX_LABELS}: {listed}, ...; "
            "check the label column"
        )
    spellings: dict[str, list[str]] = {}
    for label in sorted(counts, key=lambda label: (-counts[label], label)):
        spellings.setdefault(label.casefold(), []).append(label)
    labels = [spellings[folded][0] for folded in sorted(spellings)]
    if len(labels) != 2:
        listed = ", ".join(map(_quoted, labels[:_MAX_LISTED])) or "none"
        more = f" and {len(labels) - _MAX_LISTED} more" if len(labels) > _MAX_LISTED else ""
        raise DataError(f"expected two labels, found {listed}{more}; check the label column")
    first, second = labels
    several = [spelled for spelled in spellings.values() if len(spelled) > 1]
    if positive != AUTO:
        if positive.casefold() not in spellings:
            raise DataError(
                f"PositiveLabel must be {_quoted(first)} or {_quoted(second)}, got {positive!r}"
            )
        is_second = positive.casefold() == second.casefold()
        ordered = (first, second) if is_second else (second, first)
        return Classes(*ordered, names.BY_PARAMETER, several)
    folded = (first.casefold(), second.casefold())
    if folded in _PAIRS:
        return Classes(first, second, names.BY_PAIR, several)
    if folded[::-1] in _PAIRS:
        return Classes(second, first, names.BY_PAIR, several)
    return Classes(first, second, names.BY_ALPHABET, several)


def _quoted(label: str) -> str:
    return repr(printable(label[:_MAX_QUOTED]))
