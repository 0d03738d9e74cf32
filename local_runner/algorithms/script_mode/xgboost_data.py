"""Data of requests as the XGBoost image's default functions read them."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import xgboost

from local_runner.algorithms.script_mode.encoders import CSV, Content, UnsupportedFormatError

_LIBSVM = ("text/libsvm", "text/x-libsvm")


def decode(content: Content, content_type: str) -> xgboost.DMatrix:
    """Return the rows in a body; parameters of the content type are ignored."""
    name = content_type.partition(";")[0].strip()
    if name not in _DECODERS:
        raise UnsupportedFormatError(name)
    return _DECODERS[name](content)


def csv_to_dmatrix(content: Content) -> xgboost.DMatrix:
    """Return rows of CSV; an empty cell is a missing value. The first line decides the delimiter.

    Raise ValueError for rows of different lengths, such as the empty one after a line break at the
    end.
    """
    text = content.decode() if isinstance(content, bytes) else content
    lines = text.split("\n")
    found = csv.Sniffer().sniff(lines[0][:512]).delimiter
    delimiter = "," if found.isalnum() else found
    rows = [[float(cell or "nan") for cell in line.split(delimiter)] for line in lines]
    if len({len(row) for row in rows}) > 1:
        is_at_end = not lines[-1]
        raise ValueError(
            "the request ends with a line break" if is_at_end else "the rows differ in length"
        )
    return xgboost.DMatrix(np.array(rows))


def libsvm_to_dmatrix(content: bytes) -> xgboost.DMatrix:
    """Return rows of libsvm, as XGBoost reads them from a file."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "rows")
        file.write_bytes(content)
        return xgboost.DMatrix(f"{file}?format=libsvm")


_DECODERS: Mapping[str, Callable[..., xgboost.DMatrix]] = {
    CSV: csv_to_dmatrix,
    **dict.fromkeys(_LIBSVM, libsvm_to_dmatrix),
}
