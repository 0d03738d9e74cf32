"""A bounded sample of the rows that a model was trained on, spread evenly over their files."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse

from processing.errors import DataError
from processing.names import LIBSVM
from processing.part_files import part_files

_MOST_ROWS = 5_000
_MOST_BYTES = 16 << 20


@dataclass(frozen=True)
class Sample:
    """n rows of features, sparse (libsvm) or dense (CSV), and their labels, of shape (n,)."""

    features: Any
    labels: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.labels)


def sample(folder: Path, rows: int, form: str) -> Sample:
    """At most `_MOST_ROWS` of the folder's ``rows`` rows; fewer if they are long, as in CSV.

    Every k-th row is taken: rows often come sorted by their class. Raises DataError for a line
    that isn't of the format.
    """
    files = part_files(folder, "rows")
    size = sum(path.stat().st_size for path in files)
    wanted = max(1, min(_MOST_ROWS, _MOST_BYTES * rows // max(size, 1)))
    lines = list(islice(_lines(files), 0, None, -(-max(rows, 1) // wanted)))
    try:
        return _libsvm(lines) if form == LIBSVM else _csv(lines)
    except ValueError:
        raise DataError(f"{folder}: rows that aren't {form}; take those of Preprocess") from None


def _lines(files: list[Path]) -> Iterator[bytes]:
    for path in files:
        with path.open("rb") as file:
            yield from file


def _libsvm(lines: list[bytes]) -> Sample:
    """Rows of ``label index:value index:value``."""
    cells = np.array([line.count(b":") for line in lines], dtype=np.int64)
    numbers = _numbers(b" ".join(lines).replace(b":", b" "), len(lines) + 2 * int(cells.sum()))
    starts = np.cumsum(np.append(0, 2 * cells + 1))[:-1]
    pairs = np.delete(numbers, starts).reshape(-1, 2)
    ends = np.cumsum(np.append(0, cells))
    columns = pairs[:, 0].astype(np.int32)
    features = scipy.sparse.csr_matrix((pairs[:, 1].astype(np.float32), columns, ends))
    return Sample(features, numbers[starts])


def _csv(lines: list[bytes]) -> Sample:
    """Rows of ``label,value,value``, all of one length."""
    width = lines[0].count(b",") + 1
    text = b" ".join(lines).replace(b",", b" ")
    table = _numbers(text, width * len(lines)).reshape(len(lines), width)
    return Sample(table[:, 1:].astype(np.float32), table[:, 0])


def _numbers(text: bytes, count: int) -> npt.NDArray[np.float64]:
    """The numbers in ``text``, read in compiled code. Raises ValueError if they aren't so many."""
    with warnings.catch_warnings():
        # At a fault NumPy only warns, and returns what it has read up to it.
        warnings.simplefilter("ignore", DeprecationWarning)
        numbers = np.fromstring(text, dtype=np.float64, sep=" ")
    if len(numbers) != count:
        raise ValueError
    return numbers
