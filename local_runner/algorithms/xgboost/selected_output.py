"""Answers of several values for each row, chosen by the variable SAGEMAKER_INFERENCE_OUTPUT.

In the image: algorithm_mode/serve_utils.py. A value that the objective doesn't have is ``nan``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import xgboost

from local_runner.algorithms.xgboost.errors import UserError

VARIABLE = "SAGEMAKER_INFERENCE_OUTPUT"

_REGRESSION = (
    *("reg:squarederror", "reg:logistic", "reg:gamma", "reg:absoluteerror", "reg:tweedie"),
)
_CLASSES = ("predicted_label", "labels", "raw_score", "raw_scores")
_PROBABILITIES = (*_CLASSES, "probability", "probabilities")
_KEYS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(_REGRESSION, ("predicted_score",)),
    **dict.fromkeys(("binary:logistic", "multi:softprob"), _PROBABILITIES),
    **dict.fromkeys(("binary:logitraw", "binary:hinge", "multi:softmax"), _CLASSES),
}
_LABEL: Mapping[str, Callable[[Any], int | float]] = {
    "binary:logistic": lambda score: int(score > 0.5),
    "binary:logitraw": lambda score: int(score > 0),
    "binary:hinge": float,
    "multi:softmax": float,
    "multi:softprob": lambda scores: int(np.argmax(scores)),
}


def selected_output(
    booster: xgboost.Booster, scores: npt.NDArray[np.float32], selected: str
) -> Iterator[str]:
    """Yield the line of each row: the values of the comma-separated keys. Raise UserError."""
    learner = json.loads(booster.save_config())["learner"]
    objective = learner["objective"]["name"]
    if objective not in _KEYS:
        raise UserError(
            f"500: Objective `{objective}` unsupported for selectable inference predictions."
        )
    count = int(learner["learner_model_param"]["num_class"])
    labels = list(range(count)) if objective.startswith("multi:") else [0, 1]
    keys = selected.replace(" ", "").lower().split(",")
    for row in scores:
        values = _values(objective, row, labels)
        yield ",".join(_cell(values[key]) if key in _KEYS[objective] else "nan" for key in keys)


def _values(objective: str, row: Any, labels: list[int]) -> dict[str, Any]:
    if objective in _REGRESSION:
        return {"predicted_score": row.item()}
    several = row.tolist() if objective == "multi:softprob" else [1.0 - row.item(), row.item()]
    best = max(several) if objective == "multi:softprob" else row.item()
    return {
        "predicted_label": _LABEL[objective](row),
        "labels": labels,
        **dict.fromkeys(("raw_score", "probability"), best),
        **dict.fromkeys(("raw_scores", "probabilities"), several),
    }


def _cell(value: Any) -> str:
    return f'"{value}"' if isinstance(value, list) else str(value)
