"""Serving: the body of a request in, one value per line out.

In the image: algorithm_mode/serve.py and serve_utils.py.
"""

from __future__ import annotations

import csv
import re
import warnings
from pathlib import Path

import numpy as np
import numpy.typing as npt
import scipy.sparse
import xgboost

from local_runner.algorithms.xgboost.channels import FORMATS
from local_runner.algorithms.xgboost.errors import UserError
from local_runner.algorithms.xgboost.lean_import import without_optional_packages
from local_runner.algorithms.xgboost.model_files import load_booster
from local_runner.algorithms.xgboost.older_images import IMAGE_VERSION, ignores_extra_column
from local_runner.algorithms.xgboost.selected_output import (
    accepted_type,
    objective_of,
    selected_output,
)
from local_runner.algorithms.xgboost.unsupported import CONTENT_TYPES

MAX_BODY_BYTES = 6 * 1024**2

# Rows of libsvm, each an optional label and features. Other requests take the slower path.
_PLAIN_LIBSVM = re.compile(
    r"(?:(?:-?[0-9.]+ )?(?:[0-9]{1,15}:[0-9.eE+-]+ )*+[0-9]{1,15}:[0-9.eE+-]+(?:\n|\Z))+", re.ASCII
)
_BLANK = re.compile(r"[^\S\n]")
# Version 3.0-5 means to take the most frequent prediction, and fails.
_VOTES = ("multi:softmax", "binary:hinge")
_EMPTY_CELL = re.compile(r"(?<![^,\n])(?=[,\n]|\Z)")


class Model:
    """The model of an unpacked model archive, or the models of an ensemble, one in each file.

    selected: the values of each row in the answers, comma-separated; by default the prediction.
    accept: the content type of answers, which counts only for selected values.
    is_ensemble: whether all files count; otherwise the first one does.
    """

    def __init__(
        self,
        folder: Path,
        selected: str | None = None,
        image_version: str = IMAGE_VERSION,
        accept: str = "",
        is_ensemble: bool = True,
    ) -> None:
        self._selected = selected
        self._accept = accepted_type(accept)
        files = sorted(
            path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")
        )
        if not files:
            raise UserError("the model archive must contain a model, got nothing")
        self._boosters = [load_booster(path) for path in (files if is_ensemble else files[:1])]
        self._ignores_extra_column = ignores_extra_column(image_version)

    def invoke(self, body: bytes, content_type: str, accept: str = "") -> bytes:
        """Return the answer to one request. Raise UserError with the image's HTTP status.

        accept: a content type that `accepted_type` has returned; by default the model's.

        As in the image, a libsvm row without any entry gets no answer at the end of a request.
        """
        if len(body) > MAX_BODY_BYTES:
            raise UserError(f"413: a request of {len(body):,} bytes; at most {MAX_BODY_BYTES:,}")
        if not body:
            return b""
        form = _form(content_type)
        try:
            text = body.strip().decode("utf-8")
            rows = self._rows(_sparse(text)) if form == "libsvm" else _dense(text)
            with without_optional_packages():  # DMatrix checks for pandas' types
                data = xgboost.DMatrix(rows)
        except (ValueError, OverflowError, csv.Error) as error:
            raise UserError(f"415: Loading {form} data failed with Exception, {error}") from None
        try:
            scores = self._predict(data)
        except xgboost.core.XGBoostError as error:
            what = str(error).split("\n", 1)[0]
            raise UserError(f"400: Unable to evaluate payload provided: {what}") from None
        if self._selected is None:
            return "".join(f"{score}\n" for score in scores.tolist()).encode()
        accepted = accept or self._accept
        return selected_output(self._boosters[0], scores, self._selected, accepted).encode()

    def _rows(self, rows: scipy.sparse.csr_matrix) -> scipy.sparse.csr_matrix:
        columns = self._boosters[0].num_features()
        is_extra = self._ignores_extra_column and rows.shape[1] == columns + 1
        return rows[:, :columns] if is_extra else rows

    def _predict(self, data: xgboost.DMatrix) -> npt.NDArray[np.float32]:
        """Return the predictions, of an ensemble their means."""
        scores: list[npt.NDArray[np.float32]] = [
            booster.predict(data, validate_features=False) for booster in self._boosters
        ]
        if len(scores) == 1:
            return scores[0]
        objective = objective_of(self._boosters[0])
        if objective in _VOTES:
            raise UserError(f"500: the image can't combine predictions of {objective}")
        return np.asarray(np.mean(scores, axis=0))


def _form(content_type: str) -> str:
    """Return the format (libsvm or csv) of a request. Raise UserError."""
    name, *parameters = map(str.strip, content_type.lower().split(";"))
    if name not in FORMATS:
        where = " by local runs" if name in CONTENT_TYPES else ""
        raise UserError(f"415: Content-type {content_type} is not supported{where}.")
    given = {
        key.strip(): value
        for key, equals, value in (it.partition("=") for it in parameters)
        if equals
    }
    if FORMATS[name] == "csv" and given.get("label_size", "1").strip(' "') != "1":
        raise UserError(
            f"415: {content_type} is not an accepted csv ContentType. Optional parameter "
            "label_size must be equal to 1"
        )
    return FORMATS[name]


def _sparse(text: str) -> scipy.sparse.csr_matrix:
    """Parse libsvm rows: what has no colon, such as a label, is ignored."""
    if not _PLAIN_LIBSVM.fullmatch(text):
        return _sparse_leniently(text)
    rows = "\n".join(map(_without_label, text.split("\n"))).encode()
    cells = _numbers(rows.replace(b":", b" "), " ")
    characters = np.frombuffer(rows, dtype=np.uint8)
    colons = np.flatnonzero(characters == ord(":"))
    if len(cells) != 2 * len(colons):
        raise ValueError("a row must be: label index:value index:value ...")
    row_of_cell = np.searchsorted(np.flatnonzero(characters == ord("\n")), colons)
    columns = cells[0::2].astype(np.int64)
    return scipy.sparse.csr_matrix((cells[1::2], (row_of_cell, columns)))


def _sparse_leniently(text: str) -> scipy.sparse.csr_matrix:
    """Parse what the image accepts as libsvm: in a cell, what follows a second colon is ignored."""
    row_of_cell, columns, values = [], [], []
    for number, row in enumerate(text.split("\n")):
        for cell in row.split(" "):
            if ":" in cell:
                index, value = cell.split(":")[:2]
                row_of_cell.append(number)
                columns.append(int(index))
                values.append(float(value))
    if not values:
        raise ValueError("a row must be: label index:value index:value ...")
    return scipy.sparse.csr_matrix((values, (row_of_cell, columns)))


def _without_label(row: str) -> str:
    first, _, rest = row.partition(" ")
    return row if ":" in first else rest


def _dense(text: str) -> npt.NDArray[np.float64]:
    """Parse CSV rows of equal length; an empty cell is a missing value.

    As in the image, the first line decides the delimiter.
    """
    rows = text.split("\n")
    delimiter = csv.Sniffer().sniff(rows[0][:512]).delimiter
    if delimiter.isalnum():
        delimiter = ","
    widths = {row.count(delimiter) + 1 for row in rows}
    if len(widths) > 1:
        raise ValueError("the rows differ in length")
    if delimiter == "," and not _BLANK.search(text):
        if any(ends in f"\n{text}\n" for ends in (",,", "\n,", ",\n", "\n\n")):
            text = _EMPTY_CELL.sub("nan", text)
        cells = _numbers(text.replace("\n", ",").encode(), ",")
    else:
        cells = np.array([float(cell or "nan") for row in rows for cell in row.split(delimiter)])
    return cells.reshape(len(rows), widths.pop())


def _numbers(text: bytes, separator: str) -> npt.NDArray[np.float64]:
    """Parse the numbers in ``text`` in compiled code. Raise ValueError for anything else."""
    with warnings.catch_warnings():
        # NumPy returns the numbers before the error and only warns.
        warnings.simplefilter("error", DeprecationWarning)
        try:
            return np.fromstring(text, dtype=np.float64, sep=separator)
        except DeprecationWarning:
            raise ValueError("could not convert string to float") from None
