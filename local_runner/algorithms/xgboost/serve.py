"""Serving as the image does it: one request's body in, one value a line out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import scipy.sparse
import xgboost

from local_runner.algorithms.xgboost.channels import FORMATS
from local_runner.algorithms.xgboost.errors import UserError

MAX_BODY_BYTES = 6 * 1024**2


class Model:
    """The one model of a model archive, ready to answer requests."""

    def __init__(self, folder: Path) -> None:
        files = sorted(path for path in folder.iterdir() if path.is_file())
        if len(files) != 1:
            found = ", ".join(path.name for path in files) or "nothing"
            raise UserError(f"the model archive must hold one file, the model; it holds {found}")
        self._booster = xgboost.Booster()
        try:
            self._booster.load_model(files[0])
        except xgboost.core.XGBoostError as error:
            raise UserError(f"Model {files[0].name} cannot be loaded: {error}") from None

    def invoke(self, body: bytes, content_type: str) -> bytes:
        """The answer to one request. Raises UserError with the HTTP status that the image gives.

        A libsvm row without any entry gets no answer at the end of a request, and one elsewhere; so
        in the image, which is why the pipeline's rows are never empty.
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
    """Libsvm rows; whatever has no colon, a label among it, is passed over."""
    entries = list(_entries(text))
    if not entries:
        raise ValueError("no row has an entry")
    rows, columns, values = zip(*entries, strict=True)
    return xgboost.DMatrix(scipy.sparse.csr_matrix((values, (rows, columns))))


def _entries(text: str) -> Iterator[tuple[int, int, float]]:
    for row, line in enumerate(text.split("\n")):
        for item in line.split(" "):
            index, colon, value = item.partition(":")
            if colon:
                yield row, int(index), float(value)


def _dense(text: str) -> xgboost.DMatrix:
    rows = [[float(cell or "nan") for cell in line.split(",")] for line in text.split("\n")]
    return xgboost.DMatrix(np.array(rows))
