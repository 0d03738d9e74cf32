"""Bodies of requests and answers, as the images' toolkit decodes and encodes them by default."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

CSV, JSON, NPY = "text/csv", "application/json", "application/x-npy"
UTF8_TYPES = (JSON, CSV)
"""Content types whose bodies scripts get as text; others are bytes."""

Content = str | bytes


class UnsupportedFormatError(Exception):
    """A content type that the image's default functions don't know."""

    def __init__(self, content_type: str) -> None:
        super().__init__(f"the content type {content_type!r} isn't supported")


def decode(content: Content, content_type: str) -> Any:
    """Return the array in a body."""
    return _codec(_DECODERS, content_type)(content)


def encode(values: Any, content_type: str) -> Any:
    """Return the body that contains the values."""
    return _codec(_ENCODERS, content_type)(values)


def _codec(codecs: Mapping[str, Callable[[Any], Any]], content_type: str) -> Callable[[Any], Any]:
    if content_type not in codecs:
        raise UnsupportedFormatError(content_type)
    return codecs[content_type]


def csv_to_numpy(text: str) -> npt.NDArray[Any]:
    r"""Return rows of numbers, or of text; one row or one column has one dimension.

    >>> csv_to_numpy("1,2\n3,4\n").tolist(), csv_to_numpy("1,2").tolist()
    ([[1.0, 2.0], [3.0, 4.0]], [1.0, 2.0])
    >>> csv_to_numpy("a,2").tolist()
    ['a', '2']
    """
    rows = list(csv.reader(io.StringIO(text), strict=True))
    if len({len(row) for row in rows}) > 1:
        raise ValueError("the rows differ in length")
    cells = np.array(rows).squeeze()
    try:
        return cells.astype(float)
    except ValueError:
        return cells


def array_to_csv(values: Any) -> str:
    r"""Return one line for each row; values of one dimension are a column.

    >>> array_to_csv([1, 2]), array_to_csv([["a", 1], ["b", 2]])
    ('1\n2\n', 'a,1\nb,2\n')
    """
    array = np.array(values)
    rows = array.reshape(-1, 1) if array.ndim == 1 else array
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def array_to_json(values: Any) -> str:
    """Return JSON, in which arrays are lists.

    >>> array_to_json({"scores": np.array([0.5, 1])})
    '{"scores": [0.5, 1.0]}'
    """
    return json.dumps(values, default=_listed)


def _listed(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def json_to_numpy(text: str) -> npt.NDArray[Any]:
    """Return the array of a JSON list."""
    return np.array(json.loads(text))


def npy_to_numpy(content: bytes) -> npt.NDArray[Any]:
    """Return the array of an NPY file. Raise ValueError for one of pickled objects."""
    array: npt.NDArray[Any] = np.load(io.BytesIO(content), allow_pickle=False)
    return array


def array_to_npy(values: Any) -> bytes:
    """Return an NPY file."""
    content = io.BytesIO()
    np.save(content, values, allow_pickle=False)
    return content.getvalue()


_DECODERS: Mapping[str, Callable[[Any], Any]] = {
    CSV: csv_to_numpy,
    JSON: json_to_numpy,
    NPY: npy_to_numpy,
}
_ENCODERS: Mapping[str, Callable[[Any], Any]] = {
    CSV: array_to_csv,
    JSON: array_to_json,
    NPY: array_to_npy,
}
