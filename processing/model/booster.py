"""XGBoost models: loading and prediction."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from processing.errors import DataError
from processing.lean_import import hidden
from processing.model.feature_rows import parse_csv_features, parse_libsvm
from processing.names import LIBSVM

_UNUSED = ("pandas", "sklearn", "xgboost.plotting")  # plotting imports scipy.special

Values = npt.NDArray[np.float32]


class Model:
    """A model that scores a few rows, loaded from the content of a model file.

    Raise DataError if the content isn't a model.
    """

    def __init__(self, content: bytes) -> None:
        # On a busy machine, synchronizing threads takes longer than scoring a row.
        self._booster = load_booster(content, threads=1)

    @property
    def width(self) -> int:
        """Number of features that the model was trained with."""
        return int(self._booster.num_features())

    def probabilities(self, rows: bytes, feature_format: str) -> list[float]:
        """Return the probability of the positive class for lines as Prepare writes them."""
        scores: list[float] = self._predict(rows, feature_format).tolist()
        return scores

    def contributions(self, rows: bytes, feature_format: str) -> Values:
        """Return SHAP values (log-odds) of the w features, then the bias; of shape (r, w + 1).

        Feature i has the index i in libsvm, and is column i in CSV.
        """
        contributions: Values = self._predict(rows, feature_format, pred_contribs=True)
        return contributions

    def _predict(self, rows: bytes, feature_format: str, **options: Any) -> Any:
        lines = rows.splitlines()
        if feature_format == LIBSVM:
            features = parse_libsvm(lines, self.width).features
        else:
            features = parse_csv_features(lines)
        return self._booster.predict(
            matrix(features, threads=1), validate_features=False, **options
        )


def load_booster(content: bytes, threads: int = 0) -> Any:
    """Load a model; 0 threads means one for each core. Raise DataError if it isn't a model."""
    xgboost = import_xgboost()
    booster = xgboost.Booster({"nthread": threads} if threads else None)
    try:
        booster.load_model(bytearray(content))
    except xgboost.core.XGBoostError as error:
        raise DataError(
            f"the model can't be loaded ({_error_reason(error)}); use the output of Train"
        ) from None
    return booster


def predict(booster: Any, features: Any, **options: Any) -> Any:
    """Predict rows of the jobs' matrix. Raise DataError if they aren't those of the model."""
    try:
        return booster.predict(features, validate_features=False, **options)
    except import_xgboost().core.XGBoostError as error:
        raise DataError(
            f"the model doesn't fit the rows ({_error_reason(error)}); "
            "use the outputs of one execution"
        ) from None


def _error_reason(error: Exception) -> str:
    """Return the first line of XGBoost's error, without the stack trace below it."""
    return str(error).split("\n", 1)[0]


def matrix(features: Any, threads: int = 0) -> Any:
    """Convert sparse or dense rows to XGBoost's matrix; 0 threads means one for each core."""
    with hidden(*_UNUSED):  # DMatrix checks for pandas' types, too
        return import_xgboost().DMatrix(features, nthread=threads)


def import_xgboost() -> Any:
    """Import XGBoost without its optional dependencies."""
    with hidden(*_UNUSED):
        import xgboost

    return xgboost
