"""Serving: the body of a request in, one value per line out.

In the image: algorithm_mode/serve.py and serve_utils.py.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import numpy.typing as npt
import scipy.sparse
import xgboost

from local_runner.algorithms.xgboost.channels import FORMATS
from local_runner.algorithms.xgboost.errors import UserError

MAX_BODY_BYTES = 6 * 1024**2


class Model:
    """The model of an unpacked model archive."""

    def __init__(self, folder: Path) -> None:
        files = sorted(path for path in folder.iterdir() if path.is_file())
        if len(files) != 1:
            found = ", ".join(path.name for path in files) or "nothing"
            # The image would load every file as a member of an ensemble.
            raise UserError(f"the model archive must contain one file, the model, got {found}")
        self._booster = xgboost.Booster()
        try:
            self._booster.load_model(files[0])
        except xgboost.core.XGBoostError as error:
            raise UserError(f"Model {files[0].name} cannot be loaded: {error}") from None

    def invoke(self, body: bytes, content_type: str) -> bytes:
        """Return the answer to one request. Raise UserError with the image's HTTP status.

        As in the image, a libsvm row without any entry gets no answer at the end of a request.
        """
        if len(body) > MAX_BODY_BYTES:
            raise UserError(f"413: a request of {len(body):,} bytes; at most {MAX_BODY_BYTES:,}")
        form = FORMATS.get(content_type.split(";")[0].strip().lower())
        if form is None:
            raise UserError(f"415: Content-type {content_type} is not supported.")
        try:
            text = body.strip().decode("utf-8")
            data = _sparse(text) if form == "libsvm" else _dense(text)
        except ValueError as error:
            raise UserError(f"415: Loading {form} data failed with Exception, {error}") from None
        try:
            scores = self._booster.predict(data, validate_features=False)
        except xgboost.core.XGBoostError as error:
            what = str(error).split("\n", 1)[0]
            raise UserError(f"400: Unable to evaluate payload provided: {what}") from None
        return "".join(f"{score}\n" for score in scores.tolist()).encode()


def _sparse(text: str) -> xgboost.DMatrix:
    """Parse libsvm rows; a label at the start of a row is ignored."""
    rows = "\n".join(map(_without_label, text.split("\n"))).encode()
    cells = _numbers(rows.replace(b":", b" "), " ")
    characters = np.frombuffer(rows, dtype=np.uint8)
    colons = np.flatnonzero(characters == ord(":"))
    if not len(colons) or len(cells) != 2 * len(colons):
        raise ValueError("a row must be: label index:value index:value ...")
    row_of_cell = np.searchsorted(np.flatnonzero(characters == ord("\n")), colons)
    columns = cells[0::2].astype(np.int64)
    return xgboost.DMatrix(scipy.sparse.csr_matrix((cells[1::2], (row_of_cell, columns))))


def _without_label(row: str) -> str:
    first, _, rest = row.partition(" ")
    return row if ":" in first else rest


def _dense(text: str) -> xgboost.DMatrix:
    """Parse CSV rows of equal length; an empty cell is a missing value."""
    while ",," in text:
        text = text.replace(",,", ",nan,")
    rows = text.split("\n")
    widths = {row.count(",") + 1 for row in rows}
    if len(widths) > 1:
        raise ValueError("the rows differ in length")
    cells = _numbers(text.replace("\n", ",").encode(), ",")
    return xgboost.DMatrix(cells.reshape(len(rows), widths.pop()))


def _numbers(text: bytes, separator: str) -> npt.NDArray[np.float64]:
    """Parse the numbers in ``text`` in compiled code. Raise ValueError for anything else."""
    with warnings.catch_warnings():
        # NumPy returns the numbers before the error and only warns.
        warnings.simplefilter("error", DeprecationWarning)
        try:
            return np.fromstring(text, dtype=np.float64, sep=separator)
        except DeprecationWarning:
            raise ValueError("could not convert string to float") from None
