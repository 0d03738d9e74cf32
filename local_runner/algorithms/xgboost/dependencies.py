"""Hyperparameters that depend on others, and those that only the image supports."""

from __future__ import annotations

from collections.abc import Mapping

from local_runner.algorithms.xgboost.errors import UserError
from local_runner.algorithms.xgboost.rules import HyperparameterValue

Values = Mapping[str, HyperparameterValue]

_GROWING = ("grow_colmaker", "distcol", "grow_histmaker", "grow_quantile_histmaker")
_TREE_UPDATERS = (*_GROWING, "grow_skmaker", "sync", "refresh", "prune")
_LINEAR_UPDATERS = ("shotgun", "coord_descent")
_COMPUTED_BY_IMAGE = (
    *("accuracy", "balanced_accuracy", "f1", "f1_binary", "f1_macro", "mse", "precision"),
    *("precision_macro", "precision_micro", "r2", "recall", "recall_macro", "recall_micro"),
)


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


def validate_supported(values: Values) -> None:
    """Raise UserError for the first hyperparameter that the image supports and local runs don't."""
    if "_kfold" in values:
        raise UserError("_kfold: local runs don't support cross-validation; leave it out")
    if values.get("tree_method") == "gpu_hist" or values.get("use_dask_gpu_training") == "true":
        raise UserError("tree_method, use_dask_gpu_training: local runs don't use GPUs; use hist")
    tuned = values.get("_tuning_objective_metric", "").removeprefix("validation:")
    for metric in (*values.get("eval_metric", ()), tuned):
        if metric in _COMPUTED_BY_IMAGE:
            raise UserError(
                f"eval_metric {metric}: computed by the image itself (wrongly in 3.0-5) and not "
                "supported by local runs; use error, auc or logloss"
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
