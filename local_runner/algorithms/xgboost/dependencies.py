"""Hyperparameters that depend on others."""

from __future__ import annotations

from collections.abc import Mapping

from local_runner.algorithms.xgboost.errors import UserError
from local_runner.algorithms.xgboost.rules import HyperparameterValue

Values = Mapping[str, HyperparameterValue]

_GROWING = ("grow_colmaker", "distcol", "grow_histmaker", "grow_quantile_histmaker")
_TREE_UPDATERS = (*_GROWING, "grow_skmaker", "sync", "refresh", "prune")
_LINEAR_UPDATERS = ("shotgun", "coord_descent")


def validate_dependencies(values: Values) -> None:
    """Raise UserError for the first hyperparameter that doesn't fit the others."""
    for name in values:
        if name in ("objective", "eval_metric"):
            _validate_objective(values)
        if name == "eval_metric":
            _validate_metrics(values)
        if name == "updater":
            _validate_updaters(values)
        if name == "monotone_constraints" and values.get("tree_method") not in ("exact", "hist"):
            raise UserError(
                "monotone_constraints can be used only when the tree_method parameter is set to "
                "either 'exact' or 'hist'."
            )
        if name == "interaction_constraints" and (
            values.get("tree_method") not in ("exact", "hist", "approx")
        ):
            raise UserError(
                "interaction_constraints can be used only when the tree_method parameter is set "
                "to either 'exact', 'hist' or 'approx'."
            )


def _validate_objective(values: Values) -> None:
    objective = values.get("objective")
    if objective in ("multi:softmax", "multi:softprob") and "num_class" not in values:
        raise UserError("Require input for parameter 'num_class' for multi-classification")


def _validate_metrics(values: Values) -> None:
    metrics, objective = values["eval_metric"], values.get("objective")
    if objective is None:
        raise UserError("'objective'")  # the image's whole message: eval_metric needs objective
    if "auc" in metrics and not objective.startswith(("binary:", "rank:")):
        raise UserError("Metric 'auc' can only be applied for classification and ranking problems.")
    if "aft-nloglik" in metrics and objective != "survival:aft":
        raise UserError("Metric 'aft-nloglik' can only be applied for 'survival:aft' objective.")


def _validate_updaters(values: Values) -> None:
    updaters = values["updater"]
    if values.get("booster") == "gblinear":
        if len(updaters) != 1 or updaters[0] not in _LINEAR_UPDATERS:
            raise UserError("Linear updater should be one of these options: shotgun, coord_descent")
    elif values.get("process_type") == "update":
        if not {"refresh", "prune"}.issuperset(updaters):
            raise UserError(
                "process_type 'update' can only be used with updater 'refresh' and 'prune'"
            )
    elif not set(_TREE_UPDATERS).issuperset(updaters):
        options = ", ".join(f"'{name}'" for name in _TREE_UPDATERS)
        raise UserError(f"Tree updater should be selected from these options: {options}")
    elif sum(name in _GROWING for name in updaters) > 1:
        raise UserError("Only one tree grow plugin can be selected.")
