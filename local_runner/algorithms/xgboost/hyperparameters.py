"""The image's hyperparameters: names, types and ranges.

In the image: algorithm_mode/hyperparameter_validation.py. All values are strings, and names that
aren't on the list are refused, also some that the package accepts (``silent``, ``device``,
``n_estimators``, ``random_state``, ``missing``). Of the image's list this emulation leaves out
cross-validation (``_kfold``, ``_num_cv_round``), tuning (``_tuning_objective_metric``), the GPU and
Dask switches, and nested lists (``monotone_constraints``, ``interaction_constraints``).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from local_runner.algorithms.xgboost.errors import UserError

HyperparameterValue = int | float | str | list[str]


class Rule(Protocol):
    """Parses and checks one hyperparameter."""

    def parse(self, text: str) -> HyperparameterValue:
        """Return the value. Raise ValueError if ``text`` isn't one."""

    def accepts(self, value: HyperparameterValue) -> bool:
        """Return whether the value is in the range."""


@dataclass(frozen=True)
class Number:
    """A number in an interval; ``above`` and ``below`` are exclusive bounds."""

    whole: bool = False
    at_least: float = -math.inf
    at_most: float = math.inf
    above: float = -math.inf
    below: float = math.inf

    def parse(self, text: str) -> HyperparameterValue:
        """Return the number."""
        return int(text) if self.whole else float(text)

    def accepts(self, value: HyperparameterValue) -> bool:
        """Return whether the number is in the interval."""
        number = float(value) if isinstance(value, int | float) else math.nan
        return self.at_least <= number <= self.at_most and self.above < number < self.below

    def __str__(self) -> str:
        low = f"({self.above}" if self.above > -math.inf else f"[{self.at_least}"
        high = f"{self.below})" if self.below < math.inf else f"{self.at_most}]"
        return f"{low}, {high}".replace("inf]", "+inf)")


@dataclass(frozen=True)
class Choice:
    """One of a list of words."""

    words: tuple[str, ...]

    def parse(self, text: str) -> HyperparameterValue:
        """Return the word."""
        return text

    def accepts(self, value: HyperparameterValue) -> bool:
        """Return whether the word is on the list."""
        return value in self.words

    def __str__(self) -> str:
        return str(list(self.words))


@dataclass(frozen=True)
class Words:
    """Comma-separated words from a list; ``word@threshold`` if the word may have a threshold."""

    words: tuple[str, ...]
    with_threshold: tuple[str, ...] = ()

    def parse(self, text: str) -> HyperparameterValue:
        """Return the words in their order."""
        return text.split(",")

    def accepts(self, value: HyperparameterValue) -> bool:
        """Return whether every word is on the list."""
        return isinstance(value, list) and all(map(self._accepts_word, value))

    def _accepts_word(self, word: str) -> bool:
        name, at, threshold = word.partition("@")
        if not at:
            return word in self.words
        if name not in self.with_threshold:
            raise UserError(
                f"Metric '{word}' is not supported. Parameter 'eval_metric' with customized "
                "threshold should be one of these options: 'error', 'ndcg', 'map'."
            )
        try:
            float(threshold)
        except ValueError:
            raise UserError(f"Threshold value 't' in '{name}@t' expects float input.") from None
        return True

    def __str__(self) -> str:
        return str(list(self.words))


def _at_least(low: float) -> Number:
    return Number(at_least=low)


def _whole(low: float, high: float = math.inf) -> Number:
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
_COMPUTED_BY_IMAGE = (
    *("accuracy", "balanced_accuracy", "f1", "f1_binary", "f1_macro", "mse", "precision"),
    *("precision_macro", "precision_micro", "r2", "recall", "recall_macro", "recall_micro"),
)
_OBJECTIVES = (
    *("binary:logistic", "binary:logitraw", "binary:hinge", "count:poisson", "multi:softmax"),
    *("multi:softprob", "rank:pairwise", "rank:ndcg", "rank:map", "reg:linear"),
    *("reg:squarederror", "reg:logistic", "reg:gamma", "reg:pseudohubererror"),
    *("reg:squaredlogerror", "reg:absoluteerror", "reg:tweedie", "survival:aft", "survival:cox"),
)

RULES: dict[str, Rule] = {
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
    "lambda": _at_least(0),
    "lambda_bias": _UNIT,
    "max_bin": _whole(0),
    "max_delta_step": _at_least(0),
    "max_depth": _whole(0),
    "max_leaves": _whole(0),
    "min_child_weight": _at_least(0),
    "normalize_type": Choice(("tree", "forest")),
    "nthread": _whole(1),
    "num_class": _whole(2),
    "num_parallel_tree": _whole(1),
    "num_round": _whole(1),
    "objective": Choice(_OBJECTIVES),
    "one_drop": _whole(0, 1),
    "predictor": Choice(("auto", "cpu_predictor")),
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
    "tree_method": Choice(("auto", "exact", "approx", "hist")),
    "tweedie_variance_power": Number(above=1, below=2),
    "updater": Words(
        (
            *("coord_descent", "distcol", "grow_colmaker", "grow_histmaker", "prune"),
            *("refresh", "shotgun", "sync"),
        )
    ),
    "verbosity": _whole(0, 3),
}
REQUIRED_HYPERPARAMETERS = ("num_round",)
ALIASES = {
    "learning_rate": "eta",
    "min_split_loss": "gamma",
    "reg_alpha": "alpha",
    "reg_lambda": "lambda",
}


def validate_hyperparameters(given: Mapping[str, str]) -> dict[str, HyperparameterValue]:
    """Return the typed values. Raise UserError for the first that is invalid.

    >>> validate_hyperparameters({"num_round": "500", "eta": "0.2", "subsample": "0.8"})
    {'num_round': 500, 'eta': 0.2, 'subsample': 0.8}
    """
    renamed = {ALIASES.get(name, name): text for name, text in given.items()}
    for name in REQUIRED_HYPERPARAMETERS:
        if name not in renamed:
            raise UserError(f"Missing required hyperparameter: {name}")
    values = {name: _parsed(name, text) for name, text in renamed.items()}
    for name, value in values.items():
        _validate_range(name, value)
    _validate_dependencies(values)
    return values


def maximized(metric: str) -> bool:
    """Return whether larger values of the metric are better."""
    return metric in _MAXIMIZED


def _parsed(name: str, text: str) -> HyperparameterValue:
    if name not in RULES:
        raise UserError(f"Extraneous hyperparameter found: {name}")
    try:
        return RULES[name].parse(text)
    except ValueError:
        raise UserError(
            f"Hyperparameter {name}: could not parse value (caused by ValueError)"
        ) from None


def _validate_range(name: str, value: HyperparameterValue) -> None:
    if RULES[name].accepts(value):
        return
    is_list = isinstance(value, list)
    problem = f"value {value} not in range" if is_list else f"{value} is not in"
    raise UserError(f"Hyperparameter {name}: {problem} {RULES[name]}")


def _validate_dependencies(values: Mapping[str, HyperparameterValue]) -> None:
    objective, metrics = values.get("objective"), values.get("eval_metric", [])
    if metrics and objective is None:
        raise UserError("'objective'")  # the image's whole message: eval_metric needs objective
    assert isinstance(metrics, list)
    if "auc" in metrics and not str(objective).startswith(("binary:", "rank:")):
        raise UserError("Metric 'auc' can only be applied for classification and ranking problems.")
    if "aft-nloglik" in metrics and objective != "survival:aft":
        raise UserError("Metric 'aft-nloglik' can only be applied for 'survival:aft' objective.")
    if objective in ("multi:softmax", "multi:softprob") and "num_class" not in values:
        raise UserError("Require input for parameter 'num_class' for multi-classification")
    if values.get("csv_weights"):
        raise UserError("csv_weights: local runs don't support instance weights; leave it out")
    for metric in metrics:
        if metric in _COMPUTED_BY_IMAGE:
            raise UserError(
                f"eval_metric {metric}: computed by the image itself (wrongly in 3.0-5) and not "
                "supported by local runs; use error, auc or logloss"
            )
