"""Answers of several values for each row, chosen by the variable SAGEMAKER_INFERENCE_OUTPUT.

In the image: algorithm_mode/serve_utils.py. A value that the objective doesn't have is ``nan``.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import xgboost

from local_runner.algorithms.xgboost.errors import UserError

VARIABLE = "SAGEMAKER_INFERENCE_OUTPUT"
CSV, JSON, JSON_LINES = "text/csv", "application/json", "application/jsonlines"

_ORDER = (
    *("predicted_label", "labels", "probability", "probabilities", "raw_score", "raw_scores"),
    "predicted_score",
)
"""The keys in JSON, before those that the objective doesn't have."""
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


def accepted_type(accept: str) -> str:
    """Return the content type of answers. Raise UserError for one that local runs don't write."""
    name = accept.partition(";")[0].strip().lower()
    if name in ("", "*/*"):
        name = os.environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", CSV)
    if name not in (CSV, JSON, JSON_LINES):
        raise UserError(
            f"406: Accept type {accept} is not supported by local runs; use {CSV}, {JSON} or "
            f"{JSON_LINES}"
        )
    return name


def selected_output(
    booster: xgboost.Booster, scores: npt.NDArray[np.float32], selected: str, accept: str = CSV
) -> str:
    """Return the answer with the values of the comma-separated keys. Raise UserError."""
    objective = objective_of(booster)
    if objective not in _KEYS:
        raise UserError(
            f"500: Objective `{objective}` unsupported for selectable inference predictions."
        )
    count = int(_learner(booster)["learner_model_param"]["num_class"])
    labels = list(range(count)) if objective.startswith("multi:") else [0, 1]
    keys = selected.replace(" ", "").lower().split(",")
    known = [key for key in _ORDER if key in keys and key in _KEYS[objective]]
    unknown = {key: math.nan for key in keys if key not in known}
    rows = []
    for row in scores:
        values = _values(objective, row, labels)
        rows.append({**{key: values[key] for key in known}, **unknown})
    if accept == JSON:
        return json.dumps({"predictions": rows})
    if accept == JSON_LINES:
        return "".join(f"{json.dumps(row)}\n" for row in rows)
    return "".join(f"{','.join(_cell(row[key]) for key in keys)}\n" for row in rows)


def objective_of(booster: xgboost.Booster) -> str:
    """Return the model's objective."""
    return str(_learner(booster)["objective"]["name"])


def _learner(booster: xgboost.Booster) -> dict[str, Any]:
    learner: dict[str, Any] = json.loads(booster.save_config())["learner"]
    return learner


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
