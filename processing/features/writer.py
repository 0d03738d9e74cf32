"""Rows of features, in part files that several hosts can share.

Two formats, one for each ``FeatureFormat``:

``text/libsvm``: ``label 0:1 <word+1>:<count> ... <v+1>:1``. The constants at both ends give every
row of every split the same width, the same smallest index, and at least one entry. Without them the
built-in XGBoost drops empty rows, shifts indices from request to request, refuses to train, or
answers requests of narrow rows differently. A row without a label has the label 0, because the
format requires one.
Evidence stands behind the words in every row: ``... <v+1>:<s1> ... <v+6>:<m3> <v+7>:1``.

``text/csv``: the article's own files. The label first where there is one, no header, v counts, and
the evidence where there is any.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import chain, groupby
from pathlib import Path

import numpy as np
import numpy.typing as npt

from processing import names
from processing.corpus.corpus import Counts
from processing.corpus.token_ids import Lengths, Runs
from processing.features.bag_of_words import Bag, Encoding, bag_of
from processing.features.splits import Rows
from processing.part_files import first_rows, part_name
from processing.worker_pool import WorkerPool

_ROWS_AT_A_TIME = 1_000
_CELLS_AT_A_TIME = 5_000_000

CONSTANTS = 2
"""How many columns libsvm's layout has beside the features."""

Labels = npt.NDArray[np.uint8]
Table = npt.NDArray[np.uint8]


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
    >>> bag = Bag(bag.columns, bag.counts, bag.ends, 5, evidence=np.array([[0.5, -2], [0, 1]]))
    >>> libsvm_lines(bag, None)
    b'0 0:1 1:2 5:1 6:0.5000 7:-2.0000 8:1\n0 0:1 6:0.0000 7:1.0000 8:1\n'
    """
    width = bag.width if bag.evidence is None else bag.width + bag.evidence.shape[1]
    end = b" %d:1\n" % (width + 1)
    if bag.evidence is None:
        return _libsvm_counts(bag, labels, end)
    lines = _libsvm_counts(bag, labels, b"\n").split(b"\n")
    evidence = b"".join(b" %d:%%.4f" % index for index in range(bag.width + 1, width + 1)) + end
    ends = (evidence % tuple(row) for row in bag.evidence.tolist())
    return b"".join(chain.from_iterable(zip(lines, ends)))


def _libsvm_counts(bag: Bag, labels: Labels | None, end: bytes) -> bytes:
    """The lines without the evidence, each with this end."""
    # A line is texts from two tables, chosen for all entries at once: a head and a count each.
    # Its begin and its end are entries too, with heads of their own and no count.
    labels = np.zeros(len(bag.ends), np.uint8) if labels is None else labels
    starts = np.append(0, bag.ends)[:-1]
    borders = np.column_stack([starts, bag.ends]).ravel()
    edges = np.column_stack([labels, np.full(len(labels), 2 + bag.width)]).ravel()
    heads = _libsvm_heads(bag.width, end)[np.insert(2 + bag.columns, borders, edges)]
    tails = _table([b"", *(b"%d" % count for count in range(1, bag.counts.max(initial=0) + 1))])
    tails = tails[np.insert(bag.counts, borders, 0)]
    return np.hstack([heads, tails]).tobytes().translate(None, b"\0")


def csv_lines(bag: Bag, labels: Labels | None) -> bytes:
    r"""One line a row, every number written out, the label first if there are labels.

    >>> bag = Bag(np.array([0, 4]), np.array([2, 1]), np.array([2, 2]), width=5)
    >>> csv_lines(bag, np.array([1, 0], np.uint8))
    b'1,2,0,0,0,1\n0,0,0,0,0,0\n'
    >>> csv_lines(bag, None)
    b'2,0,0,0,1\n0,0,0,0,0\n'
    >>> bag = Bag(bag.columns, bag.counts, bag.ends, 5, evidence=np.array([[0.5, -2], [0, 1]]))
    >>> csv_lines(bag, None)
    b'2,0,0,0,1,0.5000,-2.0000\n0,0,0,0,0,0.0000,1.0000\n'
    """
    evidence = np.empty((len(bag.ends), 0)) if bag.evidence is None else bag.evidence
    lines = []
    start = 0
    for number, (end, values) in enumerate(zip(bag.ends.tolist(), evidence.tolist())):
        cells = [b"0"] * bag.width
        for column, count in zip(bag.columns[start:end].tolist(), bag.counts[start:end].tolist()):
            cells[column] = b"%d" % count
        cells += [b"%.4f" % value for value in values]
        lines.append(b",".join(cells if labels is None else [b"%d" % labels[number], *cells]))
        start = end
    return b"".join(line + b"\n" for line in lines)


FORMATS = {
    names.LIBSVM: Format(libsvm_lines, "libsvm"),
    names.CSV: Format(csv_lines, "csv"),
}


@dataclass(frozen=True)
class Written:
    """What was written of n rows.

    document_counts: in how many rows each term occurs, of shape (v,).
    words, known: how many words each row has, and how many of them the vocabulary has, of shape
        (n,); without the words that the recipe drops.
    """

    document_counts: Counts
    words: Lengths
    known: Lengths


def write_rows(
    runs: Runs,
    encoding: Encoding,
    folder: Path,
    *,
    pool: WorkerPool,
    form: Format,
    parts: int,
    labels: Labels | None = None,
) -> Written:
    """Writes n rows in ``parts`` files; `first_rows` tells what each file holds.

    runs: of the rows, in their order. labels: what stands in the files with them, of shape (n,).
    """
    width = encoding.width
    document_counts = np.zeros(width, np.int64)
    known = np.zeros(len(runs.lengths), np.int32)
    blocks = _blocks(len(known), parts, max(1, min(_ROWS_AT_A_TIME, _CELLS_AT_A_TIME // width)))
    tasks = (
        _Block(runs.of(rows), None if labels is None else labels[rows], int(rows[0]))
        for _, rows in blocks
    )
    written = pool.map(partial(_written, encoding, form.lines), tasks)
    folder.mkdir(parents=True, exist_ok=True)
    for number, of_part in groupby(zip(blocks, written), key=lambda pair: pair[0][0]):
        with (folder / f"{part_name(number)}.{form.suffix}").open("wb") as file:
            for (_, rows), (lines, counts, known_words) in of_part:
                file.write(lines)
                document_counts += counts
                known[rows] = known_words
    return Written(document_counts, runs.lengths, known)


def write_labels(labels: Labels, folder: Path, *, parts: int) -> None:
    """Writes labels apart from their rows, one a line, in the same ``parts`` files."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, share in enumerate(np.split(labels, first_rows(len(labels), parts)[1:])):
        answers = b"".join(b"%d\n" % label for label in share.tolist())
        (folder / f"{part_name(number)}.csv").write_bytes(answers)


@dataclass(frozen=True)
class _Block:
    """Some rows: their words, their labels if those are written, the number of the first."""

    runs: Runs
    labels: Labels | None
    first: int


def _blocks(rows: int, parts: int, length: int) -> list[tuple[int, Rows]]:
    """Each part's rows in blocks of at most ``length``, with the part's number."""
    return [
        (number, share[start : start + length])
        for number, share in enumerate(np.split(np.arange(rows), first_rows(rows, parts)[1:]))
        for start in range(0, len(share), length)
    ]


def _written(
    encoding: Encoding, lines: Callable[[Bag, Labels | None], bytes], block: _Block
) -> tuple[bytes, Counts, Counts]:
    """A block as lines; in how many of its rows each term occurs; each row's known words."""
    bag, known = bag_of(block.runs, encoding, block.first)
    return lines(bag, block.labels), np.bincount(bag.columns, minlength=bag.width), known


@lru_cache(maxsize=1)
def _libsvm_heads(width: int, end: bytes) -> Table:
    """What stands before a count: label and first constant, indices, the line's end."""
    indices = (b" %d:" % index for index in range(1, width + 1))
    return _table([b"0 0:1", b"1 0:1", *indices, end])


def _table(texts: Sequence[bytes]) -> Table:
    """A text a row, filled up with zero bytes."""
    return np.array(texts).view(np.uint8).reshape(len(texts), -1)
