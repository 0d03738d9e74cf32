"""XGBoost, imported in half a second instead of three: a model, and what it says of rows.

XGBoost imports pandas and scikit-learn where it finds them, for interfaces that no job uses.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from processing.errors import DataError
from processing.names import LIBSVM

_UNUSED = ("pandas", "sklearn")

Values = npt.NDArray[np.float32]


class Model:
    """A model for single rows, from the content of its file.

    Raises DataError if that is no model.
    """

    def __init__(self, content: bytes) -> None:
        self._xgboost = import_xgboost()
        # On a busy machine, threads that wait for each other take longer than the row itself.
        self._booster = self._xgboost.Booster({"nthread": 1})
        try:
            self._booster.load_model(bytearray(content))
        except self._xgboost.core.XGBoostError as error:
            what = str(error).split("\n", 1)[0]
            raise DataError(f"the model can't be loaded ({what}); take the one of Train") from None

    @property
    def width(self) -> int:
        """How many features the model was trained with."""
        return int(self._booster.num_features())

    def probability(self, row: bytes, form: str) -> float:
        """The probability of the positive class, for one row without a label."""
        [score] = self._predicted(row, form).tolist()
        return float(score)

    def contributions(self, row: bytes, form: str) -> Values:
        """What each of w features adds to the log-odds, and the bias at the end; of shape (w + 1,).

        Feature i is the one with the index i in libsvm, and column i in CSV.
        """
        contributions: Values = self._predicted(row, form, pred_contribs=True)[0]
        return contributions

    def _predicted(self, row: bytes, form: str, **how: Any) -> Any:
        rows = matrix(_libsvm(row, self.width) if form == LIBSVM else _csv(row), threads=1)
        return self._booster.predict(rows, validate_features=False, **how)


def _libsvm(row: bytes, width: int) -> Any:
    """A row of ``label index:value index:value`` as a sparse matrix."""
    import scipy.sparse

    cells = [cell.split(b":") for cell in row.split()[1:]]
    columns = np.array([int(index) for index, _ in cells], np.int64)
    values = np.array([float(value) for _, value in cells])
    return scipy.sparse.csr_matrix((values, columns, np.array([0, len(cells)])), (1, width))


def _csv(row: bytes) -> npt.NDArray[np.float64]:
    """A row of values."""
    return np.array([[float(value) for value in row.split(b",")]])


def matrix(features: Any, threads: int = 0) -> Any:
    """Rows of features, sparse or dense, as XGBoost takes them; 0 threads are all there can be."""
    with _absent(*_UNUSED):  # a DMatrix, too, asks whether it is made of pandas' things
        return import_xgboost().DMatrix(features, nthread=threads)


def import_xgboost() -> Any:
    """The library, without what it would import besides."""
    with _absent(*_UNUSED):
        import xgboost

    return xgboost


@contextmanager
def _absent(*modules: str) -> Iterator[None]:
    """Lets these modules look as if they weren't installed, unless they have been imported."""
    hidden = [module for module in modules if module not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for module in hidden:
            del sys.modules[module]
