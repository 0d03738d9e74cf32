"""The image's hyperparameters: names, types and ranges.

In the image: algorithm_mode/hyperparameter_validation.py. All values are strings, and names that
aren't on the list are refused, also some that the package accepts (``silent``, ``device``,
``n_estimators``, ``random_state``, ``missing``).
"""

from __future__ import annotations

from collections.abc import Mapping

from local_runner.algorithms.xgboost.dependencies import validate_dependencies
from local_runner.algorithms.xgboost.errors import UserError
from local_runner.algorithms.xgboost.older_images import IMAGE_VERSION, older_rules
from local_runner.algorithms.xgboost.rules import (
    Choice,
    Constraints,
    HyperparameterValue,
    Number,
    Rule,
    Words,
)
from local_runner.algorithms.xgboost.unsupported import unsupported_hyperparameters


def _at_least(low: float) -> Number:
    return Number(at_least=low)


def _whole(low: float, high: float | None = None) -> Number:
    return Number(whole=True, at_least=low, at_most=high)


_SHARE = Number(above=0, at_most=1)
_UNIT = Number(at_least=0, at_most=1)
_MAXIMIZED = (
    *("accuracy", "auc", "aucpr", "balanced_accuracy", "f1", "f1_binary", "f1_macro", "map"),
    *("ndcg", "precision", "precision_macro", "precision_micro", "r2", "recall"),
    *("recall_macro", "recall_micro"),
)
_MINIMIZED = (
    *("aft-nloglik", "cox-nloglik", "error", "gamma-deviance", "gamma-nloglik"),
    *("interval-regression-accuracy", "logloss", "mae", "mape", "merror", "mlogloss", "mphe"),
    *("mse", "poisson-nloglik", "rmse", "rmsle", "tweedie-nloglik"),
)
_OBJECTIVES = (
    "aft_loss_distribution",
    *("binary:logistic", "binary:logitraw", "binary:hinge", "count:poisson", "multi:softmax"),
    *("multi:softprob", "rank:pairwise", "rank:ndcg", "rank:map", "reg:linear"),
    *("reg:squarederror", "reg:logistic", "reg:gamma", "reg:pseudohubererror"),
    *("reg:squaredlogerror", "reg:absoluteerror", "reg:tweedie", "survival:aft", "survival:cox"),
)

RULES: dict[str, Rule] = {
    "_kfold": _whole(2),
    "_num_cv_round": _whole(1),
    "_tuning_objective_metric": Choice(
        tuple(f"validation:{name}" for name in (*_MAXIMIZED, *_MINIMIZED))
    ),
    "aft_loss_distribution": Choice(("normal", "logistic", "extreme")),
    "aft_loss_distribution_scale": _at_least(0),
    "alpha": _at_least(0),
    "base_score": _at_least(0),
    "booster": Choice(("gbtree", "gblinear", "dart")),
    "colsample_bylevel": _SHARE,
    "colsample_bynode": _SHARE,
    "colsample_bytree": _SHARE,
    "csv_weights": _whole(0, 1),
    "deterministic_histogram": Choice(("true", "false")),
    "dsplit": Choice(("row", "col")),
    "early_stopping_rounds": _whole(1),
    "eta": _UNIT,
    "eval_metric": Words((*_MAXIMIZED, *_MINIMIZED), with_threshold=("error", "ndcg", "map")),
    "gamma": _at_least(0),
    "grow_policy": Choice(("depthwise", "lossguide")),
    "interaction_constraints": Constraints(lambda it: it >= 1, "[1, +inf)", nested=True),
    "lambda": _at_least(0),
    "lambda_bias": _UNIT,
    "max_bin": _whole(0),
    "max_delta_step": _at_least(0),
    "max_depth": _whole(0),
    "max_leaves": _whole(0),
    "min_child_weight": _at_least(0),
    "monotone_constraints": Constraints(lambda it: it in (-1, 0, 1), "[-1, 0, 1]"),
    "normalize_type": Choice(("tree", "forest")),
    "nthread": _whole(1),
    "num_class": _whole(2),
    "num_parallel_tree": _whole(1),
    "num_round": _whole(1),
    "objective": Choice(_OBJECTIVES),
    "one_drop": _whole(0, 1),
    "predictor": Choice(("auto", "cpu_predictor", "gpu_predictor")),
    "prob_buffer_row": Number(whole=True, above=1.0),
    "process_type": Choice(("default", "update")),
    "rate_drop": _UNIT,
    "refresh_leaf": _whole(0, 1),
    "sample_type": Choice(("uniform", "weighted")),
    "sampling_method": Choice(("uniform", "gradient_based")),
    "save_model_on_termination": Choice(("true", "false")),
    "scale_pos_weight": Number(above=0),
    "seed": Number(whole=True, above=-(2**31), below=2**31 - 1),
    "sketch_eps": Number(above=0, below=1),
    "skip_drop": _UNIT,
    "subsample": _SHARE,
    "tree_method": Choice(("auto", "exact", "approx", "hist", "gpu_hist")),
    "tweedie_variance_power": Number(above=1, below=2),
    "updater": Words(
        (
            *("grow_colmaker", "distcol", "grow_histmaker", "grow_skmaker", "sync", "refresh"),
            *("prune", "shotgun", "coord_descent"),
        )
    ),
    "use_dask_gpu_training": Choice(("true", "false")),
    "verbosity": _whole(0, 3),
}
REQUIRED_HYPERPARAMETERS = ("num_round",)
ALIASES = {
    "learning_rate": "eta",
    "min_split_loss": "gamma",
    "reg_alpha": "alpha",
    "reg_lambda": "lambda",
}


def validate_hyperparameters(
    given: Mapping[str, str], image_version: str = IMAGE_VERSION
) -> dict[str, HyperparameterValue]:
    """Return the typed values. Raise UserError for the first that is invalid.

    >>> validate_hyperparameters({"num_round": "500", "eta": "0.2", "subsample": "0.8"})
    {'num_round': 500, 'eta': 0.2, 'subsample': 0.8}
    """
    renamed = {ALIASES.get(name, name): text for name, text in given.items()}
    for name in REQUIRED_HYPERPARAMETERS:
        if name not in renamed:
            raise UserError(f"Missing required hyperparameter: {name}")
    rules = {**RULES, **older_rules(image_version)}
    values = {name: _parsed(name, text, rules) for name, text in renamed.items()}
    for name, value in values.items():
        _validate_range(name, value, rules[name])
    validate_dependencies(values)
    for problem in unsupported_hyperparameters(renamed):
        raise UserError(problem)
    return values


def maximized(metric: str) -> bool:
    """Return whether larger values of the metric are better."""
    return metric in _MAXIMIZED


def _parsed(name: str, text: str, rules: Mapping[str, Rule]) -> HyperparameterValue:
    if name not in rules:
        raise UserError(f"Extraneous hyperparameter found: {name}")
    try:
        return rules[name].parse(text)
    except ValueError:
        raise UserError(
            f"Hyperparameter {name}: could not parse value (caused by ValueError)"
        ) from None


def _validate_range(name: str, value: HyperparameterValue, rule: Rule) -> None:
    if rule.accepts(value):
        return
    is_word = isinstance(value, int | float | str)
    problem = f"{value} is not in" if is_word else f"value {value} not in range"
    raise UserError(f"Hyperparameter {name}: {problem} {rule}")
