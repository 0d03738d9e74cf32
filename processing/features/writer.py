"""Rows of features, in part files that several hosts can share.

Two formats, one for each value of the parameter FeatureFormat:

``text/libsvm``: ``label 0:1 <column+1>:<count> ... <v+1>:1``. The constants at both ends give every
row of every split the same width, the same smallest index, and at least one entry. Without them the
built-in XGBoost drops empty rows, shifts indices from request to request, refuses to train, or
answers requests of narrow rows differently. A row without a label has the label 0, because the
format requires one. N-gram scores follow the counts: ``... <v+1>:<s1> ... <v+8>:<s8> <v+9>:1``.

``text/csv``: the article's own files. The label first if there is one, no header, v counts, and the
n-gram scores if there are any.
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
from processing.corpus.token_ids import Lengths, ReviewTokens
from processing.features.bag_of_words import BagOfWords, Encoder
from processing.features.splits import Labels, Rows
from processing.part_files import first_rows, part_name
from processing.progress import Progress
from processing.worker_pool import WorkerPool

ROWS_AT_A_TIME = 1_000
_CELLS_AT_A_TIME = 5_000_000

CONSTANTS = 2
"""The number of columns that the libsvm layout adds to the features."""

ROWS_PER_TEST_PART = 1_000
"""Makes enough part files of the test set for 25 transform hosts; their order doesn't matter."""

_Lines = Callable[[BagOfWords, Labels | None], bytes]
_Texts = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class RowFormat:
    """A format of rows: the function that writes lines, and the suffix of the files."""

    lines: _Lines
    suffix: str


def libsvm_lines(bag: BagOfWords, labels: Labels | None) -> bytes:
    r"""Return one line a row in the libsvm layout.

    >>> bag = BagOfWords(np.array([0, 4]), np.array([2, 1]), np.array([0, 2, 2]), width=5)
    >>> libsvm_lines(bag, np.array([1, 0], np.uint8))
    b'1 0:1 1:2 5:1 6:1\n0 0:1 6:1\n'
    >>> scores = np.array([[0.5, -2], [0, 1]])
    >>> libsvm_lines(BagOfWords(bag.columns, bag.counts, bag.offsets, 5, scores), None)
    b'0 0:1 1:2 5:1 6:0.5000 7:-2.0000 8:1\n0 0:1 6:0.0000 7:1.0000 8:1\n'
    """
    if bag.ngram_scores is None:
        return _libsvm_counts(bag, labels, b" %d:1\n" % (bag.width + 1))
    width = bag.width + bag.ngram_scores.shape[1]
    lines = _libsvm_counts(bag, labels, b"\n").split(b"\n")
    scores = b"".join(b" %d:%%.4f" % index for index in range(bag.width + 1, width + 1))
    end = scores + b" %d:1\n" % (width + 1)
    ends = (end % tuple(row) for row in bag.ngram_scores.tolist())
    return b"".join(chain.from_iterable(zip(lines, ends)))


def _libsvm_counts(bag: BagOfWords, labels: Labels | None, end: bytes) -> bytes:
    """Return the lines up to the counts, each with this end."""
    # A line consists of texts from two tables, chosen for all entries at once: a head ("17:") and
    # a count ("2") each. The beginning and the end of a line are entries, too, with an empty count.
    labels = np.zeros(len(bag), np.uint8) if labels is None else labels
    borders = np.column_stack([bag.offsets[:-1], bag.offsets[1:]]).ravel()
    edges = np.column_stack([labels, np.full(len(labels), 2 + bag.width)]).ravel()
    heads = _libsvm_heads(bag.width, end)[np.insert(2 + bag.columns, borders, edges)]
    largest = bag.counts.max(initial=0)
    counts = _texts([b"", *(b"%d" % count for count in range(1, largest + 1))])
    tails = counts[np.insert(bag.counts, borders, 0)]
    return np.hstack([heads, tails]).tobytes().translate(None, b"\0")


def csv_lines(bag: BagOfWords, labels: Labels | None) -> bytes:
    r"""Return one line a row with all numbers, the label first if there are labels.

    >>> bag = BagOfWords(np.array([0, 4]), np.array([2, 1]), np.array([0, 2, 2]), width=5)
    >>> csv_lines(bag, np.array([1, 0], np.uint8))
    b'1,2,0,0,0,1\n0,0,0,0,0,0\n'
    >>> csv_lines(bag, None)
    b'2,0,0,0,1\n0,0,0,0,0\n'
    >>> scores = np.array([[0.5, -2], [0, 1]])
    >>> csv_lines(BagOfWords(bag.columns, bag.counts, bag.offsets, 5, scores), None)
    b'2,0,0,0,1,0.5000,-2.0000\n0,0,0,0,0,0.0000,1.0000\n'
    """
    scores = np.empty((len(bag), 0)) if bag.ngram_scores is None else bag.ngram_scores
    lines = []
    for row, (start, end, values) in enumerate(
        zip(bag.offsets[:-1].tolist(), bag.offsets[1:].tolist(), scores.tolist())
    ):
        cells = [b"0"] * bag.width
        for column, count in zip(bag.columns[start:end].tolist(), bag.counts[start:end].tolist()):
            cells[column] = b"%d" % count
        cells += [b"%.4f" % value for value in values]
        lines.append(b",".join(cells if labels is None else [b"%d" % labels[row], *cells]))
    return b"".join(line + b"\n" for line in lines)


FORMATS = {
    names.LIBSVM: RowFormat(libsvm_lines, "libsvm"),
    names.CSV: RowFormat(csv_lines, "csv"),
}


def rows_in_memory(width: int, most: int = ROWS_AT_A_TIME) -> int:
    """Return how many rows of this width are converted at a time.

    >>> rows_in_memory(5_000), rows_in_memory(100_000), rows_in_memory(10_000_000)
    (1000, 50, 1)
    """
    return max(1, min(most, _CELLS_AT_A_TIME // width))


def unlabelled_part_count(rows: int) -> int:
    """Return how many part files ``rows`` rows without labels are written to."""
    return -(-rows // ROWS_PER_TEST_PART)


@dataclass(frozen=True)
class FeatureCounts:
    """Counts of the n rows that were written.

    document_counts: in how many rows each term of the vocabulary occurs, of shape (v,).
    words, known: how many tokens each row has, and how many of them are in the vocabulary; of shape
        (n,).
    """

    document_counts: Counts
    words: Lengths
    known: Lengths


def write_features(
    reviews: ReviewTokens,
    encoder: Encoder,
    folder: Path,
    *,
    pool: WorkerPool,
    row_format: RowFormat,
    parts: int,
    labels: Labels | None = None,
    rows_at_a_time: int = ROWS_AT_A_TIME,
) -> FeatureCounts:
    """Write n rows to ``parts`` files; `first_rows` says which rows are in which file.

    reviews: of the rows, in their order. labels: written with the rows if given, of shape (n,).
    """
    document_counts = np.zeros(encoder.width, np.int64)
    known = np.zeros(len(reviews.lengths), np.int32)
    blocks = _blocks(len(known), parts, rows_in_memory(encoder.width, rows_at_a_time))
    tasks = (
        _Block(reviews.select(rows), None if labels is None else labels[rows], int(rows[0]))
        for _, rows in blocks
    )
    encoded = pool.map(partial(_encode_block, encoder, row_format.lines), tasks)
    folder.mkdir(parents=True, exist_ok=True)
    progress = Progress(
        lambda done, rate: (
            f"wrote {done:,} of {len(known):,} rows of {folder.name} ({rate:,.0f} per second)"
        )
    )
    for part, of_part in groupby(zip(blocks, encoded), key=lambda pair: pair[0][0]):
        with (folder / f"{part_name(part)}.{row_format.suffix}").open("wb") as file:
            for (_, rows), (lines, counts, known_tokens) in of_part:
                file.write(lines)
                document_counts += counts
                known[rows] = known_tokens
                progress.update(int(rows[-1]) + 1)
    return FeatureCounts(document_counts, reviews.lengths, known)


def write_labels(labels: Labels, folder: Path, *, parts: int) -> None:
    """Write labels without their rows, one a line, to as many part files as the rows have."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, share in enumerate(np.split(labels, first_rows(len(labels), parts)[1:])):
        lines = b"".join(b"%d\n" % label for label in share.tolist())
        (folder / f"{part_name(number)}.csv").write_bytes(lines)


@dataclass(frozen=True)
class _Block:
    """Some adjacent rows: tokens, labels if those are written, and the first row's number."""

    reviews: ReviewTokens
    labels: Labels | None
    first_row: int


def _blocks(rows: int, parts: int, length: int) -> list[tuple[int, Rows]]:
    """Return the rows of each part in blocks of at most ``length``, with the part's number."""
    return [
        (part, share[start : start + length])
        for part, share in enumerate(np.split(np.arange(rows), first_rows(rows, parts)[1:]))
        for start in range(0, len(share), length)
    ]


def _encode_block(encoder: Encoder, lines: _Lines, block: _Block) -> tuple[bytes, Counts, Counts]:
    """Return a block as lines, the number of its rows by term, and the known tokens by row."""
    bag, known = encoder.encode(block.reviews, block.first_row)
    return lines(bag, block.labels), np.bincount(bag.columns, minlength=bag.width), known


@lru_cache(maxsize=1)
def _libsvm_heads(width: int, end: bytes) -> _Texts:
    """Return the texts that precede a count: label and first constant, indices, end of a line."""
    indices = (b" %d:" % index for index in range(1, width + 1))
    return _texts([b"0 0:1", b"1 0:1", *indices, end])


def _texts(texts: Sequence[bytes]) -> _Texts:
    """Return one text a row, padded with zero bytes."""
    return np.array(texts).view(np.uint8).reshape(len(texts), -1)
