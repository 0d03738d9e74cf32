"""Hyperparameters of the built-in XGBoost."""

from __future__ import annotations

from typing import Any

from pipeline_steps.context import Context
from pipeline_steps.parameters import Parameters


def hyperparameters(context: Context[Parameters]) -> dict[str, Any]:
    """Return the article's hyperparameters and a seed; current images reject its ``silent``."""
    parameters = context.parameters
    return {
        "objective": "binary:logistic",
        "max_depth": parameters.max_depth.to_string(),
        "eta": parameters.eta.to_string(),
        "gamma": parameters.gamma.to_string(),
        "min_child_weight": parameters.min_child_weight.to_string(),
        "subsample": parameters.subsample.to_string(),
        "colsample_bytree": parameters.colsample_bytree.to_string(),
        "num_round": parameters.num_round.to_string(),
        "early_stopping_rounds": parameters.early_stopping_rounds.to_string(),
        "eval_metric": parameters.eval_metric,
        "seed": parameters.seed.to_string(),
    }
