"""Training, from ``/opt/ml/input`` to ``/opt/ml/model/xgboost-model``.

In the image: algorithm_mode/train.py.
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import xgboost

from local_runner.algorithms.xgboost import channels, hyperparameters
from local_runner.algorithms.xgboost.cluster import Cluster
from local_runner.algorithms.xgboost.cross_validation import Results, cross_validate
from local_runner.algorithms.xgboost.errors import UserError
from local_runner.algorithms.xgboost.metrics import COMPUTED_BY_IMAGE, MarginMetric, custom_metric
from local_runner.algorithms.xgboost.older_images import (
    IMAGE_VERSION,
    OLDER_HYPERPARAMETERS,
    measures_margins,
    pickles_models,
    rounds_classes,
)
from local_runner.algorithms.xgboost.unsupported import unsupported_cluster

MODEL_FILE = "xgboost-model"

# Hyperparameters of the image, not of XGBoost.
_NOT_FOR_BOOSTER = (
    "_kfold",
    "_num_cv_round",
    "num_round",
    "early_stopping_rounds",
    "csv_weights",
    "save_model_on_termination",
    "use_dask_gpu_training",
    "_tuning_objective_metric",
    *OLDER_HYPERPARAMETERS,
)


def train(opt_ml: Path, network: Path | None = None, image_version: str = IMAGE_VERSION) -> None:
    """Train on the channels, together with the job's other hosts; one of them writes the model.

    network: the folder that all hosts see; not needed by a single host. Raise UserError.
    """
    config = opt_ml / "input" / "config"
    parameters: dict[str, Any] = dict(
        hyperparameters.validate_hyperparameters(
            _json(config / "hyperparameters.json"), image_version
        )
    )
    formats = channels.validate_channels(_json(config / "inputdataconfig.json"))
    folders = {name: opt_ml / "input/data" / name for name in formats}
    load = partial(channels.load, has_weights=parameters.get("csv_weights") == 1)
    data = {name: load([folders[name]], form) for name, form in formats.items()}
    cluster = Cluster.read(config, network)
    if len(cluster.hosts) > 1:
        for problem in unsupported_cluster(parameters, len(cluster.hosts)):
            raise UserError(problem)
        cluster = _with_data(cluster, data)
        if cluster.current not in cluster.hosts:
            return
    matrices = _require_data(data)
    rows = None
    if "_kfold" in parameters:
        # All channels have the same format.
        rows = load(
            [folders[name] for name in channels.CHANNELS if name in folders], formats["train"]
        )
    with cluster.joined("hosts-with-data"):
        boosters = _boosters(
            parameters, matrices, rows, opt_ml / "output/data", cluster.is_master, image_version
        )
    if cluster.is_master:
        for number, booster in enumerate(boosters):
            name = MODEL_FILE if rows is None else f"{MODEL_FILE}-{number}"
            _save(booster, opt_ml / "model" / name, image_version)


def _save(booster: xgboost.Booster, path: Path, image_version: str) -> None:
    if pickles_models(image_version):
        path.write_bytes(pickle.dumps(booster, protocol=4))
    else:
        booster.save_model(path.with_suffix(".ubj"))
        path.with_suffix(".ubj").replace(path)


def _with_data(cluster: Cluster, data: Mapping[str, xgboost.DMatrix | None]) -> Cluster:
    """Return the participating hosts: those with data in every channel."""
    lacking = [name for name, matrix in data.items() if matrix is None]
    for name in lacking:
        channel = channels.NAMES_IN_MESSAGES[name]
        print(
            f"Host {cluster.current} does not have {channel} data; it will not be used in "
            "distributed training. Please divide the data across instances properly.",
            flush=True,
        )
    return cluster.with_data(not lacking)


def _require_data(data: Mapping[str, xgboost.DMatrix | None]) -> dict[str, xgboost.DMatrix]:
    """Return the channels. Raise UserError if one has no data."""
    for name, matrix in data.items():
        if matrix is None:
            channel = channels.NAMES_IN_MESSAGES[name]
            raise UserError(f"No data in {channel} channel path /opt/ml/input/data/{name}")
    return dict(data)


def _boosters(
    parameters: dict[str, Any],
    data: Mapping[str, xgboost.DMatrix],
    rows: xgboost.DMatrix | None,
    output: Path,
    is_master: bool,
    image_version: str,
) -> list[xgboost.Booster]:
    """Return the model, or those of a cross-validation of the rows.

    output: the folder of cross-validation's predictions.
    """
    given = dict(parameters)
    tuned = parameters.get("_tuning_objective_metric", "").removeprefix("validation:")
    metrics = parameters.pop("eval_metric", [])
    if tuned:
        metrics = sorted({tuned, *metrics})
    computed = [metric for metric in metrics if metric in COMPUTED_BY_IMAGE]
    if len(computed) < len(metrics):
        # With computed ones, the image passes the others in an order that changes from run to run.
        parameters["eval_metric"] = [metric for metric in metrics if metric not in computed]
    if "updater" in parameters:
        parameters["updater"] = ",".join(parameters["updater"])
    for name in _NOT_FOR_BOOSTER:
        parameters.pop(name, None)

    def fit(train: xgboost.DMatrix, results: Results | None = None) -> xgboost.Booster:
        callbacks = _early_stopping(given, tuned, "validation" in data, is_master)
        metric = custom_metric(computed, rounds_classes(image_version)) if computed else None
        if metric and measures_margins(image_version):
            metric = MarginMetric(metric)
            callbacks.append(metric)
        return xgboost.train(
            parameters,
            train,
            num_boost_round=given["num_round"],
            evals=[(data[name], name) for name in channels.CHANNELS if name in data],
            custom_metric=metric,
            evals_result=results,
            callbacks=[xgboost.callback.EvaluationMonitor(), *callbacks],
            verbose_eval=False,
        )

    try:
        if rows is None:
            return [fit(data["train"])]
        return cross_validate(given, rows, fit, output)
    except (ValueError, TypeError, AttributeError) as error:
        # XGBoost itself refuses a train channel narrower than the validation channel, and
        # constraints of another type.
        what = str(error).split("\n", 1)[0]
        raise UserError(f"XGB train call failed with exception: {what}") from None


def _early_stopping(
    parameters: dict[str, Any], tuned: str, has_validation: bool, is_master: bool
) -> list[xgboost.callback.TrainingCallback]:
    """Return early stopping, which needs a validation channel *and* a metric.

    The metric of the tuning job decides, else the last of eval_metric; the saved model ends with
    the best round.
    """
    rounds, metrics = parameters.get("early_stopping_rounds"), parameters.get("eval_metric", [])
    if not (rounds and (tuned or metrics) and has_validation):
        return []
    metric = tuned or metrics[-1]
    return [
        xgboost.callback.EarlyStopping(
            rounds=rounds,
            data_name="validation",
            metric_name=metric,
            maximize=hyperparameters.maximized(metric),
            save_best=is_master,
        )
    ]


def _json(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content
