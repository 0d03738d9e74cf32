"""Rows of features, in part files that several hosts can share.

Two formats, one for each ``FeatureFormat``:

``text/libsvm``: ``label 0:1 <word+1>:<count> ... <v+1>:1``. The constants at both ends give every
row of every split the same width, the same smallest index, and at least one entry. Without them
the built-in XGBoost drops empty rows, shifts indices from request to request, or refuses to train.
A row without a label carries 0 in its place, because the format has no way to leave it out.

``text/csv``: the article's own files. The label first where there is one, no header, v counts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import groupby
from pathlib import Path

import numpy as np
import numpy.typing as npt

from processing import names
from processing.corpus import Corpus, Counts
from processing.ids import Runs
from processing.splits import Rows
from processing.team import Team
from processing.vocabulary import UNKNOWN, Columns, Vocabulary

_ROWS_AT_A_TIME = 1_000
_CELLS_AT_A_TIME = 5_000_000

Labels = npt.NDArray[np.uint8]
Table = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Bag:
    """r reviews as a sparse matrix of counts with v columns, row by row.

    columns, counts: the entries of all rows, ascending by column within a row.
    ends: where each row's entries end, of shape (r,).
    """

    columns: npt.NDArray[np.int32]
    counts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    width: int


@dataclass(frozen=True)
class Format:
    """How a bag becomes lines: one function, and the ending of the files' names."""

    lines: Callable[[Bag, Labels | None], bytes]
    suffix: str


def libsvm_lines(bag: Bag, labels: Labels | None) -> bytes:
    r"""One line a row in the immune libsvm layout.

    >>> bag = Bag(np.array([0, 4]), np.array([2, 1]), np.array([2, 2]), width=5)
    >>> libsvm_lines(bag, np.array([1, 0], np.uint8))
    b'1 0:1 1:2 5:1 6:1\n0 0:1 6:1\n'
    """
    # A line is texts from two tables, chosen for all entries at once: a head and a count each.
    # Its begin and its end are entries too, with heads of their own and no count.
    labels = np.zeros(len(bag.ends), np.uint8) if labels is None else labels
    starts = np.append(0, bag.ends)[:-1]
    borders = np.column_stack([starts, bag.ends]).ravel()
    edges = np.column_stack([labels, np.full(len(labels), 2 + bag.width)]).ravel()
    heads = _libsvm_heads(bag.width)[np.insert(2 + bag.columns, borders, edges)]
    tails = _table([b"", *(b"%d" % count for count in range(1, bag.counts.max(initial=0) + 1))])
    tails = tails[np.insert(bag.counts, borders, 0)]
    return np.hstack([heads, tails]).tobytes().translate(None, b"\0")


def csv_lines(bag: Bag, labels: Labels | None) -> bytes:
    r"""One line a row, every count written out, the label first if there are labels.

    >>> bag = Bag(np.array([0, 4]), np.array([2, 1]), np.array([2, 2]), width=5)
    >>> csv_lines(bag, np.array([1, 0], np.uint8))
    b'1,2,0,0,0,1\n0,0,0,0,0,0\n'
    >>> csv_lines(bag, None)
    b'2,0,0,0,1\n0,0,0,0,0\n'
    """
    lines = []
    start = 0
    for number, end in enumerate(bag.ends.tolist()):
        cells = [b"0"] * bag.width
        for column, count in zip(bag.columns[start:end].tolist(), bag.counts[start:end].tolist()):
            cells[column] = b"%d" % count
        lines.append(b",".join(cells if labels is None else [b"%d" % labels[number], *cells]))
        start = end
    return b"".join(line + b"\n" for line in lines)


FORMATS = {
    names.LIBSVM: Format(libsvm_lines, "libsvm"),
    names.CSV: Format(csv_lines, "csv"),
}


def bag_of(runs: Runs, columns: Columns, width: int) -> Bag:
    """The bag of words of some reviews; ``columns`` are their words', ``width`` is their number."""
    cells = columns[runs.read()]
    known = cells != UNKNOWN
    rows = np.arange(len(runs.lengths), dtype=np.int32)
    cells += np.repeat(rows * np.int32(width), runs.lengths)
    cells, counts = np.unique(cells[known], return_counts=True)
    return Bag(cells % width, counts, np.searchsorted(cells, (rows + 1) * width), width)


def part_name(number: int) -> str:
    """The name of a split's file, but for its ending; names are in the order of the rows."""
    return f"part-{number:05}"


def first_rows(rows: int, parts: int) -> list[int]:
    """With which row each file begins, if ``rows`` are shared out equally, to the row.

    There are no more files than rows; the first ones take what can't be divided.

    >>> first_rows(7, 3), first_rows(2, 5)
    ([0, 3, 5], [0, 1])
    """
    files = min(parts, rows)
    return [number * (rows // files) + min(number, rows % files) for number in range(files)]


def write_split(
    corpus: Corpus,
    vocabulary: Vocabulary,
    rows: Rows,
    team: Team,
    form: Format,
    parts: int,
    features: Path,
    labels: Path | None = None,
) -> Counts:
    """Writes the rows in ``parts`` files; returns in how many rows each stem occurs, of shape (v,).

    `first_rows` tells what each file holds.

    Labels go into the features' files, or, if a ``labels`` folder is given, into files of their
    own, part by part in the same order, one label a line.
    """
    width = len(vocabulary)
    document_counts = np.zeros(width, dtype=np.int64)
    shares = np.split(rows, first_rows(len(rows), parts)[1:])
    blocks = _blocks(shares, max(1, min(_ROWS_AT_A_TIME, _CELLS_AT_A_TIME // width)))
    tasks = (
        (corpus.runs.of(block), None if labels else corpus.labels[block]) for _, block in blocks
    )
    written = team.map(partial(_written, vocabulary.columns, width, form.lines), tasks)
    features.mkdir(parents=True, exist_ok=True)
    for number, of_part in groupby(zip(blocks, written), key=lambda pair: pair[0][0]):
        with (features / f"{part_name(number)}.{form.suffix}").open("wb") as file:
            for _, (lines, counts) in of_part:
                file.write(lines)
                document_counts += counts
    if labels:
        labels.mkdir(parents=True, exist_ok=True)
        for number, share in enumerate(shares):
            answers = b"".join(b"%d\n" % label for label in corpus.labels[share].tolist())
            (labels / f"{part_name(number)}.csv").write_bytes(answers)
    return document_counts


def _blocks(shares: list[Rows], length: int) -> list[tuple[int, Rows]]:
    """Each share in blocks of at most ``length`` rows, with the share's number."""
    return [
        (number, share[start : start + length])
        for number, share in enumerate(shares)
        for start in range(0, len(share), length)
    ]


def _written(
    columns: Columns,
    width: int,
    lines: Callable[[Bag, Labels | None], bytes],
    block: tuple[Runs, Labels | None],
) -> tuple[bytes, Counts]:
    """A block of rows as lines, and in how many of them each stem occurs."""
    runs, labels = block
    bag = bag_of(runs, columns, width)
    return lines(bag, labels), np.bincount(bag.columns, minlength=width)


@lru_cache(maxsize=1)
def _libsvm_heads(width: int) -> Table:
    """What stands before a count: label and first constant, indices, last constant."""
    indices = (b" %d:" % index for index in range(1, width + 1))
    return _table([b"0 0:1", b"1 0:1", *indices, b" %d:1\n" % (width + 1)])


def _table(texts: Sequence[bytes]) -> Table:
    """A text a row, filled up with zero bytes."""
    return np.array(texts).view(np.uint8).reshape(len(texts), -1)
