"""Hyperparameters of the XGBoost emulation, compared with AWS's image 3.0-5."""

from __future__ import annotations

import math
from typing import Any

import pytest

from local_runner.algorithms.xgboost.errors import UserError
from local_runner.algorithms.xgboost.hyperparameters import validate_hyperparameters

METRICS = (
    "['accuracy', 'auc', 'aucpr', 'balanced_accuracy', 'f1', 'f1_binary', 'f1_macro', 'map', "
    "'ndcg', 'precision', "
)
LOGISTIC = {"objective": "binary:logistic"}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("num_round", "500", 500),
        ("eta", "0", 0.0),
        ("eta", "1", 1.0),
        ("eta", "1e-3", 0.001),
        ("subsample", "1", 1.0),
        ("subsample", "0.0001", 0.0001),
        ("colsample_bynode", "0.5", 0.5),
        ("gamma", "4", 4.0),
        ("lambda", "0", 0.0),
        ("max_depth", "0", 0),
        ("max_depth", "100", 100),
        ("min_child_weight", "6.5", 6.5),
        ("booster", "dart", "dart"),
        ("tree_method", "hist", "hist"),
        ("grow_policy", "lossguide", "lossguide"),
        ("verbosity", "3", 3),
        ("nthread", "2", 2),
        ("seed", "0", 0),
        ("seed", "-2147483647", -2147483647),
        ("seed", "2147483646", 2147483646),
        ("scale_pos_weight", "0.1", 0.1),
        ("tweedie_variance_power", "1.5", 1.5),
        ("early_stopping_rounds", "1", 1),
        ("base_score", "0.5", 0.5),
        ("num_parallel_tree", "4", 4),
        ("objective", "reg:squarederror", "reg:squarederror"),
        ("save_model_on_termination", "true", "true"),
    ],
)
def test_accepted_values_have_their_type(name: str, text: str, value: Any) -> None:
    values = validate_hyperparameters({"num_round": "500", name: text})
    assert values[name] == value
    assert type(values[name]) is type(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("error", ["error"]),
        ("error,logloss", ["error", "logloss"]),
        ("auc,error@0.6", ["auc", "error@0.6"]),
        ("ndcg@5,map@3", ["ndcg@5", "map@3"]),
    ],
)
def test_metrics_are_a_list_in_their_order(text: str, value: list[str]) -> None:
    given = {"num_round": "5", **LOGISTIC, "eval_metric": text}
    assert validate_hyperparameters(given)["eval_metric"] == value


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("learning_rate", "eta"),
        ("min_split_loss", "gamma"),
        ("reg_lambda", "lambda"),
        ("reg_alpha", "alpha"),
    ],
)
def test_alias_is_replaced_by_its_original(alias: str, name: str) -> None:
    assert validate_hyperparameters({"num_round": "5", alias: "0.5"}) == {"num_round": 5, name: 0.5}
    with pytest.raises(UserError, match=rf"^Hyperparameter {name}: -1\.0 is not in \[0, "):
        validate_hyperparameters({"num_round": "5", alias: "-1"})


@pytest.mark.parametrize(
    "name", ["silent", "device", "n_estimators", "random_state", "missing", "eval_metrics", ""]
)
def test_name_that_is_not_on_the_list_is_refused(name: str) -> None:
    with pytest.raises(UserError) as refusal:
        validate_hyperparameters({"num_round": "5", name: "0"})
    assert str(refusal.value) == f"Extraneous hyperparameter found: {name}"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("max_depth", "5.5", "could not parse value (caused by ValueError)"),
        ("max_depth", "5.0", "could not parse value (caused by ValueError)"),
        ("max_depth", "abc", "could not parse value (caused by ValueError)"),
        ("max_depth", "", "could not parse value (caused by ValueError)"),
        ("eta", "fast", "could not parse value (caused by ValueError)"),
        ("num_round", "0", "0 is not in [1, +inf)"),
        ("max_depth", "-1", "-1 is not in [0, +inf)"),
        ("subsample", "0", "0.0 is not in (0, 1]"),
        ("subsample", "1.5", "1.5 is not in (0, 1]"),
        ("colsample_bytree", "0", "0.0 is not in (0, 1]"),
        ("eta", "2", "2.0 is not in [0, 1]"),
        ("gamma", "-0.1", "-0.1 is not in [0, +inf)"),
        ("eta", "inf", "inf is not in [0, 1]"),
        ("lambda", "-inf", "-inf is not in [0, +inf)"),
        ("prob_buffer_row", "1", "1 is not in (1.0, +inf)"),
        ("aft_loss_distribution", "weibull", "weibull is not in ['normal', 'logistic', 'extreme']"),
        ("aft_loss_distribution_scale", "-1", "-1.0 is not in [0, +inf)"),
        ("monotone_constraints", "(2, 0)", "value (2, 0) not in range [-1, 0, 1]"),
        ("interaction_constraints", "[[0, 1]]", "value [[0, 1]] not in range [1, +inf)"),
        ("monotone_constraints", "(1", "could not parse value (caused by ValueError)"),
        ("scale_pos_weight", "0", "0.0 is not in (0, +inf)"),
        ("tweedie_variance_power", "2", "2.0 is not in (1, 2)"),
        ("sketch_eps", "1", "1.0 is not in (0, 1)"),
        ("early_stopping_rounds", "0", "0 is not in [1, +inf)"),
        ("verbosity", "4", "4 is not in [0, 3]"),
        ("seed", "2147483647", "2147483647 is not in (-2147483648, 2147483647)"),
        ("booster", "foo", "foo is not in ['gbtree', 'gblinear', 'dart']"),
        ("grow_policy", "x", "x is not in ['depthwise', 'lossguide']"),
        ("csv_weights", "2", "2 is not in [0, 1]"),
    ],
)
def test_value_out_of_range_is_refused_in_the_images_words(
    name: str, text: str, message: str
) -> None:
    with pytest.raises(UserError) as refusal:
        validate_hyperparameters({"num_round": "5", name: text})
    assert str(refusal.value) == f"Hyperparameter {name}: {message}"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("error,foo", "['error', 'foo']"),
        ("auc, error", "['auc', ' error']"),
        ("Error", "['Error']"),
        ("", "['']"),
    ],
)
def test_list_with_an_unknown_metric_is_refused_whole(text: str, shown: str) -> None:
    with pytest.raises(UserError) as refusal:
        validate_hyperparameters({"num_round": "5", **LOGISTIC, "eval_metric": text})
    expected = f"Hyperparameter eval_metric: value {shown} not in range {METRICS}"
    assert str(refusal.value).startswith(expected)


def test_num_round_is_required() -> None:
    with pytest.raises(UserError) as refusal:
        validate_hyperparameters({"eta": "0.2"})
    assert str(refusal.value) == "Missing required hyperparameter: num_round"


def test_missing_num_round_is_reported_before_an_unknown_name() -> None:
    with pytest.raises(UserError, match=r"^Missing required hyperparameter: num_round$"):
        validate_hyperparameters({"silent": "0"})


def test_first_error_in_the_order_of_the_file_is_reported() -> None:
    with pytest.raises(UserError, match=r"^Extraneous hyperparameter found: silent$"):
        validate_hyperparameters({"num_round": "5", "silent": "0", "max_depth": "5.5"})
    with pytest.raises(UserError, match=r"^Hyperparameter max_depth: could not parse"):
        validate_hyperparameters({"num_round": "5", "max_depth": "5.5", "silent": "0"})


def test_metric_without_objective_is_refused_in_the_images_words() -> None:
    with pytest.raises(UserError) as refusal:
        validate_hyperparameters({"num_round": "5", "eval_metric": "error"})
    assert str(refusal.value) == "'objective'"


def test_no_hyperparameter_has_a_default() -> None:
    assert validate_hyperparameters({"num_round": "5"}) == {"num_round": 5}


@pytest.mark.parametrize("early", [{"eta": "2"}, {"eval_metric": "error"}], ids=["range", "needs"])
def test_unknown_name_is_reported_before_ranges_and_dependencies(early: dict[str, str]) -> None:
    with pytest.raises(UserError) as refusal:
        validate_hyperparameters({"num_round": "5", **early, "silent": "0"})
    assert str(refusal.value) == "Extraneous hyperparameter found: silent"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"objective": "reg:squarederror", "eval_metric": "auc"},
            "Metric 'auc' can only be applied for classification and ranking problems.",
        ),
        (
            {"objective": "multi:softmax"},
            "Require input for parameter 'num_class' for multi-classification",
        ),
        (
            {**LOGISTIC, "eval_metric": "aft-nloglik"},
            "Metric 'aft-nloglik' can only be applied for 'survival:aft' objective.",
        ),
    ],
    ids=["auc", "num_class", "aft"],
)
def test_dependency_between_hyperparameters_is_refused_in_the_images_words(
    given: dict[str, str], message: str
) -> None:
    with pytest.raises(UserError) as refusal:
        validate_hyperparameters({"num_round": "5", **given})
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    ("metric", "message"),
    [
        (
            "logloss@0.7",
            "Metric 'logloss@0.7' is not supported. Parameter 'eval_metric' with customized "
            "threshold should be one of these options: 'error', 'ndcg', 'map'.",
        ),
        ("error@t", "Threshold value 't' in 'error@t' expects float input."),
    ],
)
def test_bad_threshold_is_refused_in_the_images_words(metric: str, message: str) -> None:
    with pytest.raises(UserError) as refusal:
        validate_hyperparameters({"num_round": "5", **LOGISTIC, "eval_metric": metric})
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    ("name", "text"),
    [("dsplit", "row"), ("predictor", "cpu_predictor"), ("eval_metric", "error@5e-1")],
)
def test_every_value_that_the_image_accepts_is_accepted(name: str, text: str) -> None:
    assert name in validate_hyperparameters({"num_round": "5", **LOGISTIC, name: text})


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("gamma", "inf", math.inf),
        ("aft_loss_distribution", "extreme", "extreme"),
        ("aft_loss_distribution_scale", "1.5", 1.5),
        ("monotone_constraints", "(1,0,-1)", (1, 0, -1)),
        ("interaction_constraints", "[[1, 2], [3]]", [[1, 2], [3]]),
        ("updater", "grow_skmaker", ["grow_skmaker"]),
        ("updater", "grow_colmaker,prune", ["grow_colmaker", "prune"]),
        ("predictor", "gpu_predictor", "gpu_predictor"),
        ("csv_weights", "1", 1),
        ("prob_buffer_row", "2", 2),
        ("_tuning_objective_metric", "validation:auc", "validation:auc"),
        ("use_dask_gpu_training", "false", "false"),
    ],
)
def test_rarely_used_hyperparameters_are_read_as_by_the_image(
    name: str, text: str, value: Any
) -> None:
    given = {"num_round": "5", "tree_method": "hist", name: text}
    assert validate_hyperparameters(given)[name] == value


def test_nan_is_in_every_range_as_in_the_image() -> None:
    eta = validate_hyperparameters({"num_round": "5", "eta": "nan"})["eta"]
    assert math.isnan(eta)


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"monotone_constraints": "(1,)"}, "monotone_constraints can be used only when"),
        (
            {"monotone_constraints": "(1,)", "tree_method": "approx"},
            "monotone_constraints can be used only when",
        ),
        ({"interaction_constraints": "[[1]]"}, "interaction_constraints can be used only when"),
        ({"updater": "shotgun"}, "Tree updater should be selected"),
        ({"updater": "grow_colmaker,distcol"}, "Only one tree grow plugin"),
        ({"updater": "prune", "booster": "gblinear"}, "Linear updater should be one"),
        ({"updater": "shotgun,coord_descent", "booster": "gblinear"}, "Linear updater should be"),
        ({"updater": "sync", "process_type": "update"}, "process_type 'update' can only be used"),
        ({"updater": "grow_quantile_histmaker"}, "Hyperparameter updater: value "),
    ],
)
def test_hyperparameter_that_does_not_fit_the_others_is_refused(
    given: dict[str, str], problem: str
) -> None:
    with pytest.raises(UserError) as refusal:
        validate_hyperparameters({"num_round": "5", **given})
    assert str(refusal.value).startswith(problem)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"tree_method": "gpu_hist"}, "tree_method"),
        ({"use_dask_gpu_training": "true"}, "use_dask_gpu_training"),
    ],
)
def test_what_only_the_image_supports_is_refused_as_unsupported_by_local_runs(
    given: dict[str, str], name: str
) -> None:
    with pytest.raises(UserError, match="local runs") as refusal:
        validate_hyperparameters({"num_round": "5", **given})
    assert name in str(refusal.value)
