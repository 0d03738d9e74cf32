"""Columns of tables: which of a table's columns hold texts, labels, ids and splits."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from processing.errors import DataError, printable
from processing.names import AUTO, Parameter

SPLIT = "split"
"""The column that assigns a row to a split, in any case."""

DEPRECATED_SPLIT = "half"
"""The former name of `SPLIT`."""

TEXT_COLUMNS = ("text", "review", "sentence", "content", "body")
LABEL_COLUMNS = ("label", "sentiment", "target", "class", "polarity")
"""Names that `AUTO` knows, in any case. The first of each takes precedence."""

_OPTIONAL_ID = "id"
"""The default of the id column, which a table needn't have. Any other is required."""

_MAX_LISTED = 40  # columns in a message, and characters of their names


@dataclass(frozen=True)
class ColumnNames:
    """Names of the columns that are to be read, or `AUTO`.

    label: None for reviews to score, whose labels and splits aren't read. of_path: values of
    columns that a table's path gives, by name.
    """

    text: str = AUTO
    id: str = _OPTIONAL_ID
    label: str | None = AUTO
    of_path: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Columns:
    """The columns of a table that are read; None for one that it doesn't have.

    text: "" if the table is empty.
    """

    text: str
    label: str | None = None
    id: str | None = None
    split: str | None = None

    def by_role(self) -> dict[str, str]:
        """Return the names of the columns that the table has, by role."""
        roles = {"text": self.text, "label": self.label, "id": self.id, "split": self.split}
        return {role: name for role, name in roles.items() if name}

    @property
    def read(self) -> list[str]:
        """The names of the columns, each once."""
        return list(dict.fromkeys(self.by_role().values()))

    def messages(self) -> Iterator[str]:
        """Yield what the log states about the choice."""
        if roles := self.by_role():
            listed = ", ".join(f"{role} {printable(name)!r}" for role, name in roles.items())
            yield f"columns: {listed}"
        if self.split is not None and _folded(self.split) == DEPRECATED_SPLIT:
            yield f"the column name {self.split!r} is deprecated; rename it to {SPLIT!r}"


def add_column_options(parser: argparse.ArgumentParser, *, labelled: bool) -> None:
    """Add the options that name columns."""
    parser.add_argument(
        "--text-column",
        default=AUTO,
        help=f"tables: column of the texts; auto: one of {', '.join(TEXT_COLUMNS)}",
    )
    parser.add_argument("--id-column", default=_OPTIONAL_ID, help="tables: column of unique ids")
    if labelled:
        parser.add_argument(
            "--label-column",
            default=AUTO,
            help=f"tables: column of the labels; auto: one of {', '.join(LABEL_COLUMNS)}",
        )


def columns_from_options(options: argparse.Namespace) -> ColumnNames:
    """Return the values of the options that `add_column_options` adds."""
    label = getattr(options, "label_column", None)
    return ColumnNames(options.text_column, options.id_column, label)


def choose_columns(where: str, found: Sequence[str], names: ColumnNames) -> Columns:
    """Return which columns of a table are read.

    found: all names in the table. A name is found as it is, else in any case if only one column has
    it then. Raise DataError, with ``where``, if there isn't exactly one column for a name, and for
    a column that occurs twice.

    >>> choose_columns("a.csv", ["id", "Review", "Sentiment"], ColumnNames())
    Columns(text='Review', label='Sentiment', id='id', split=None)
    >>> choose_columns("a.csv", ["text", "review"], ColumnNames(label=None))
    Columns(text='text', label=None, id=None, split=None)
    """
    table = _Table(where, [*found, *(name for name in names.of_path if name not in found)])
    text = table.required(names.text, TEXT_COLUMNS, Parameter.TEXT_COLUMN)
    label = None
    if names.label is not None:
        label = table.required(names.label, LABEL_COLUMNS, Parameter.LABEL_COLUMN)
        if label == text:
            raise DataError(f"{where}: {text!r} is the column of texts and of labels; choose two")
    if _folded(names.id) == _OPTIONAL_ID:
        identity = table.optional(names.id)
    else:
        identity = table.required(names.id, (), Parameter.ID_COLUMN)
    split = None if label is None else table.split()
    columns = Columns(text, label, identity, split)
    for name in columns.read:
        if found.count(name) > 1:
            raise DataError(f"{where}: two columns are named {printable(name)!r}; rename one")
    return columns


@dataclass(frozen=True)
class _Table:
    """The names of a table's columns. where: what messages call the table."""

    where: str
    found: Sequence[str]

    def required(self, name: str, known: Sequence[str], parameter: str) -> str:
        """Return the column that a parameter names, or the one that is known by its name."""
        if name == AUTO and known:
            if matching := self._named(known[0]):
                return self._only(matching, parameter)
            matching = [column for column in self.found if _folded(column) in known]
        else:
            matching = self._named(name)
        if not matching:
            wanted = ", ".join(map(repr, known)) if name == AUTO else repr(printable(name))
            raise self._no_column(f"no column {wanted}", parameter, self.found)
        return self._only(matching, parameter)

    def optional(self, name: str) -> str | None:
        """Return the id column of that name; None if there is none."""
        matching = self._named(name)
        return self._only(matching, Parameter.ID_COLUMN) if matching else None

    def split(self) -> str | None:
        """Return the column of splits; None if there is none."""
        matching = [*self._named(SPLIT), *self._named(DEPRECATED_SPLIT)]
        if len(set(matching)) > 1:
            listed = " and ".join(repr(name) for name in dict.fromkeys(matching))
            raise DataError(f"{self.where}: has the columns of splits {listed}; remove one")
        return matching[0] if matching else None

    def _named(self, name: str) -> list[str]:
        """Return the columns of that name; without any, those that have it in another case."""
        if name in self.found:
            return [name]
        return [column for column in self.found if _folded(column) == _folded(name)]

    def _only(self, matching: Sequence[str], parameter: str) -> str:
        if len(set(matching)) > 1:
            raise self._no_column(f"several columns for {parameter}", parameter, matching)
        return matching[0]

    def _no_column(self, what: str, parameter: str, columns: Sequence[str]) -> DataError:
        listed = ", ".join(repr(printable(name[:_MAX_LISTED])) for name in columns[:_MAX_LISTED])
        others = [name for name in columns if _folded(name) not in _NOT_SUGGESTED]
        example = next(iter(others or columns), "NAME")
        option = f"--parameter {parameter}={shlex.quote(printable(example[:_MAX_LISTED]))}"
        return DataError(
            f"{self.where}: {what}; choose one of {listed or 'none'}, for example with {option}"
        )


_NOT_SUGGESTED = {_OPTIONAL_ID, SPLIT, DEPRECATED_SPLIT, *TEXT_COLUMNS, *LABEL_COLUMNS, ""}
"""Columns that another parameter names, most probably."""


def _folded(name: str) -> str:
    return name.strip().casefold()
