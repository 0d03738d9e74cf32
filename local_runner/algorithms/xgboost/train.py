"""Training, from ``/opt/ml/input`` to ``/opt/ml/model/xgboost-model``.

In the image: algorithm_mode/train.py.
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import xgboost

from local_runner.algorithms.xgboost import channels, hyperparameters
from local_runner.algorithms.xgboost.cluster import Cluster
from local_runner.algorithms.xgboost.errors import UserError
from local_runner.algorithms.xgboost.older_images import (
    IMAGE_VERSION,
    OLDER_HYPERPARAMETERS,
    pickles_models,
)

MODEL_FILE = "xgboost-model"

# Hyperparameters of the image, not of XGBoost.
_NOT_FOR_BOOSTER = (
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
    data = {
        name: channels.load(opt_ml / "input/data" / name, form, parameters.get("csv_weights") == 1)
        for name, form in formats.items()
    }
    cluster = Cluster.read(config, network)
    if len(cluster.hosts) > 1:
        cluster = _with_data(cluster, data)
        if cluster.current not in cluster.hosts:
            return
    with cluster.joined("hosts-with-data"):
        booster = _boosted(parameters, _require_data(data), cluster.is_master)
    if cluster.is_master:
        _save(booster, opt_ml / "model", image_version)


def _save(booster: xgboost.Booster, folder: Path, image_version: str) -> None:
    if pickles_models(image_version):
        (folder / MODEL_FILE).write_bytes(pickle.dumps(booster, protocol=4))
    else:
        booster.save_model(folder / "model.ubj")
        (folder / "model.ubj").replace(folder / MODEL_FILE)


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


def _boosted(
    parameters: dict[str, Any], data: Mapping[str, xgboost.DMatrix], is_master: bool
) -> xgboost.Booster:
    tuned = parameters.get("_tuning_objective_metric", "").removeprefix("validation:")
    stopping = _early_stopping(parameters, tuned, "validation" in data, is_master)
    if tuned:
        metrics = parameters.get("eval_metric", [tuned])
        parameters["eval_metric"] = sorted({tuned, *metrics})
    if "updater" in parameters:
        parameters["updater"] = ",".join(parameters["updater"])
    rounds = parameters["num_round"]
    for name in _NOT_FOR_BOOSTER:
        parameters.pop(name, None)
    try:
        return xgboost.train(
            parameters,
            data["train"],
            num_boost_round=rounds,
            evals=[(data[name], name) for name in channels.CHANNELS if name in data],
            callbacks=[xgboost.callback.EvaluationMonitor(), *stopping],
            verbose_eval=False,
        )
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
