"""Hyperparameters of the built-in XGBoost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline_steps.context import Context
from pipeline_steps.parameters import Parameters
from pipeline_steps.tuning_ranges import TUNING_RANGES
from processing.names import parameter_name

_NUMBERS = (
    *("max_depth", "eta", "gamma", "min_child_weight", "subsample", "colsample_bytree"),
    *("num_round", "early_stopping_rounds"),
)


def hyperparameters(
    context: Context[Parameters], tuned: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the article's hyperparameters and a seed; current images reject its ``silent``.

    tuned: the values of those that a tuning job chooses; without it, they are left out.
    """
    parameters = context.parameters
    numbers = {name: getattr(parameters, name) for name in _NUMBERS}
    return {
        "objective": "binary:logistic",
        **{name: value.to_string() for name, value in numbers.items() if value is not None},
        **{name: tuned[name] for name in tuned_names(context).values() if tuned is not None},
        "eval_metric": parameters.eval_metric,
        "seed": parameters.seed.to_string(),
    }


def tuned_names(context: Context[Parameters]) -> dict[str, str]:
    """Return the hyperparameters that a tuning job chooses, by parameter; none without it."""
    if not context.settings.tuning:
        return {}
    found = {parameter_name(name): name for name in _NUMBERS}
    return {name: found[name] for name in TUNING_RANGES}
