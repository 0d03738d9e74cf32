"""Files of models: saved by XGBoost, or pickled as images before 1.3-1 write them."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import xgboost

from local_runner.algorithms.xgboost.errors import UserError


def load_booster(path: Path) -> xgboost.Booster:
    """Load a model. Raise UserError if XGBoost can't."""
    try:
        return _booster(path)
    except xgboost.core.XGBoostError as error:
        reason = str(error).split("\n", 1)[0]
        raise UserError(f"Model {path.name} cannot be loaded: {reason}") from None


def _booster(path: Path) -> xgboost.Booster:
    try:
        with path.open("rb") as file:
            found = _Unpickler(file).load()
    except Exception:  # a file of another format raises anything
        return xgboost.Booster(model_file=path)
    if not isinstance(found, _State):
        raise UserError(f"Model {path.name} cannot be loaded: it isn't an xgboost.Booster")
    booster = xgboost.Booster()
    try:
        booster.__setstate__(found.state)
    except xgboost.core.XGBoostError:
        # XGBoost before 1.0 pickled the file of the model, which is still read.
        return xgboost.Booster(model_file=found.state["handle"])
    return booster


class _State:
    """The state of a pickled Booster."""

    state: dict[str, Any]

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.state = state


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        is_booster = (module, name) == ("xgboost.core", "Booster")
        return _State if is_booster else super().find_class(module, name)
