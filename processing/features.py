"""Rows of features, in part files that several hosts can share.

Two formats, one for each ``FeatureFormat``:

``text/libsvm``: ``label 0:1 <word+1>:<count> ... <v+1>:1``. The constants at both ends give every
row of every split the same width, the same smallest index, and at least one entry. Without them
the built-in XGBoost drops empty rows, shifts indices from request to request, or refuses to train.
A row without a label carries 0 in its place, because the format has no way to leave it out.

``text/csv``: the article's own files. The label first where there is one, no header, v counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import numpy as np
import numpy.typing as npt

from processing import names
from processing.corpus import Corpus
from processing.splits import Rows
from processing.vocabulary import UNKNOWN, Counts, Vocabulary

_BLOCK = 1_000  # rows that are in memory at a time

_MAX_COUNT = 1 << 32


@dataclass(frozen=True)
class Bag:
    """r reviews as a sparse matrix of counts, row by row.

    columns, counts: the entries of all rows, ascending by column within a row.
    ends: where each row's entries end, of shape (r,).
    """

    columns: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]

    def rows(self) -> Iterator[slice]:
        """The entries of each row."""
        start = 0
        for end in self.ends.tolist():
            yield slice(start, end)
            start = end


@dataclass(frozen=True)
class Format:
    """How rows become lines: one function, and the ending of the files' names."""

    lines: Callable[[Bag, Sequence[int] | None, int], Iterator[str]]
    suffix: str


def libsvm_lines(bag: Bag, labels: Sequence[int] | None, width: int) -> Iterator[str]:
    """One line a row in the immune libsvm layout; ``width`` is the vocabulary's size.

    >>> bag = Bag(np.array([0, 4]), np.array([2, 1]), np.array([2, 2]))
    >>> list(libsvm_lines(bag, [1, 0], width=5))
    ['1 0:1 1:2 5:1 6:1', '0 0:1 6:1']
    """
    entry = _Memo(lambda column, count: f"{column + 1}:{count}")
    entries = [entry[key] for key in (bag.columns * _MAX_COUNT + bag.counts).tolist()]
    last = f"{width + 1}:1"
    for row, label in zip(bag.rows(), labels or [0] * len(bag.ends)):
        yield " ".join([f"{label} 0:1", *entries[row], last])


def csv_lines(bag: Bag, labels: Sequence[int] | None, width: int) -> Iterator[str]:
    """One line a row, every count written out, the label first if there are labels.

    >>> bag = Bag(np.array([0, 4]), np.array([2, 1]), np.array([2, 2]))
    >>> list(csv_lines(bag, [1, 0], width=5))
    ['1,2,0,0,0,1', '0,0,0,0,0,0']
    >>> list(csv_lines(bag, None, width=5))
    ['2,0,0,0,1', '0,0,0,0,0']
    """
    for number, row in enumerate(bag.rows()):
        cells = ["0"] * width
        for column, count in zip(bag.columns[row].tolist(), bag.counts[row].tolist()):
            cells[column] = str(count)
        yield ",".join(cells if labels is None else [str(labels[number]), *cells])


FORMATS = {
    names.LIBSVM: Format(libsvm_lines, "libsvm"),
    names.CSV: Format(csv_lines, "csv"),
}


def bag_of(corpus: Corpus, vocabulary: Vocabulary, rows: Rows) -> Bag:
    """The bag of words of the given rows of the corpus."""
    runs = [corpus.run(row) for row in rows.tolist()]
    lengths = np.fromiter(map(len, runs), dtype=np.int64, count=len(runs))
    columns = vocabulary.columns[np.concatenate(runs)].astype(np.int64)
    numbers = np.repeat(np.arange(len(runs)), lengths)
    known = columns != UNKNOWN
    width = len(vocabulary)
    cells, counts = np.unique(numbers[known] * width + columns[known], return_counts=True)
    ends = np.searchsorted(cells, (np.arange(len(runs)) + 1) * width)
    return Bag(cells % width, counts.astype(np.int64), ends)


def write_split(
    corpus: Corpus,
    vocabulary: Vocabulary,
    rows: Rows,
    form: Format,
    parts: int,
    features: Path,
    labels: Path | None = None,
) -> Counts:
    """Writes the rows in ``parts`` files; returns in how many rows each stem occurs, of shape (v,).

    The files have equal shares of the rows, to the row; there are no more files than rows.

    Labels go into the features' files, or, if a ``labels`` folder is given, into files of their
    own, part by part in the same order, one label a line.
    """
    features.mkdir(parents=True, exist_ok=True)
    if labels:
        labels.mkdir(parents=True, exist_ok=True)
    document_counts = np.zeros(len(vocabulary), dtype=np.int64)
    for number, part in enumerate(np.array_split(rows, min(parts, len(rows)))):
        name = f"part-{number:05}"
        with _created(features / f"{name}.{form.suffix}") as file:
            for start in range(0, len(part), _BLOCK):
                block = part[start : start + _BLOCK]
                bag = bag_of(corpus, vocabulary, block)
                document_counts += np.bincount(bag.columns, minlength=len(vocabulary))
                known = None if labels else corpus.labels[block].tolist()
                file.writelines(f"{line}\n" for line in form.lines(bag, known, len(vocabulary)))
        if labels:
            with _created(labels / f"{name}.csv") as file:
                file.writelines(f"{label}\n" for label in corpus.labels[part].tolist())
    return document_counts


def _created(path: Path) -> TextIO:
    return path.open("w", encoding="ascii", newline="\n")


class _Memo(dict[int, str]):
    """Formats each distinct (column, count) once: 4.5 million entries hold some 60,000 of them."""

    def __init__(self, text: Callable[[int, int], str]) -> None:
        super().__init__()
        self._text = text

    def __missing__(self, key: int) -> str:
        self[key] = text = self._text(*divmod(key, _MAX_COUNT))
        return text
