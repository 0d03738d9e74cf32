"""Parsing of rows of features, as `processing.features.writer` writes them."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from processing.names import LIBSVM


@dataclass(frozen=True)
class FeatureRows:
    """n rows of features: a sparse matrix (libsvm) or a dense one (CSV); labels of shape (n,)."""

    features: Any
    labels: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.labels)


def parse_rows(lines: Iterable[bytes], feature_format: str) -> FeatureRows:
    """Parse rows that begin with a label. Raise ValueError for a line that isn't of the format.

    >>> rows = parse_rows([b"1 0:1 3:2", b"0 0:1"], "text/libsvm")
    >>> rows.features.toarray().tolist(), rows.labels.tolist()
    ([[1.0, 0.0, 0.0, 2.0], [1.0, 0.0, 0.0, 0.0]], [1.0, 0.0])
    >>> parse_rows([b"1,0,2", b"0,0,0"], "text/csv").features.tolist()
    [[0.0, 2.0], [0.0, 0.0]]
    """
    return parse_libsvm(lines) if feature_format == LIBSVM else _parse_csv(lines)


def parse_libsvm(lines: Iterable[bytes], columns: int | None = None) -> FeatureRows:
    """Parse rows of ``label index:value ...``. Without ``columns``, the largest index decides."""
    import scipy.sparse

    labels, indices, values, ends = array("d"), array("i"), array("f"), array("q", [0])
    for line in lines:
        numbers = [float(number) for number in line.replace(b":", b" ").split()]
        if len(numbers) != 1 + 2 * line.count(b":"):
            raise ValueError(line)
        labels.append(numbers[0])
        indices.extend(map(int, numbers[1::2]))
        values.extend(numbers[2::2])
        ends.append(len(indices))
    shape = None if columns is None else (len(labels), columns)
    cells = (np.asarray(values), np.asarray(indices), np.asarray(ends))
    return FeatureRows(scipy.sparse.csr_matrix(cells, shape), np.asarray(labels))


def parse_csv_features(lines: Iterable[bytes]) -> npt.NDArray[np.float32]:
    """Parse rows of values only, all of one length."""
    table: npt.NDArray[np.float32] = np.loadtxt(
        (line.decode("ascii") for line in lines), np.float32, delimiter=",", ndmin=2
    )
    return table


def _parse_csv(lines: Iterable[bytes]) -> FeatureRows:
    table = parse_csv_features(lines)
    return FeatureRows(table[:, 1:], table[:, 0].astype(np.float64))
