"""Training and transform jobs as programs: the local emulation of the built-in XGBoost."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.harness.measure import ROOT, Program
from processing.names import Step

Values = Mapping[str, int | float | str]
"""Values of pipeline parameters by name; the others have their defaults."""

ROUNDS, STOPPING_ROUNDS = 500, 10
MODEL_FILE = "xgboost-model"

_ARTICLE_BOOSTER = {
    "eta": "0.2",
    "eval_metric": "error",
    "gamma": "4",
    "max_depth": "5",
    "min_child_weight": "6",
    "objective": "binary:logistic",
    "subsample": "0.8",
}
ARTICLE_HYPERPARAMETERS = {
    **_ARTICLE_BOOSTER,
    "early_stopping_rounds": str(STOPPING_ROUNDS),
    "num_round": str(ROUNDS),
}
_DEFINITION = ROOT / "pipeline_steps" / "definition.json"


def booster_parameters() -> dict[str, Any]:
    """Return the article's hyperparameters for XGBoost's own ``train``."""
    return dict(_ARTICLE_BOOSTER)


def pipeline_hyperparameters(values: Values | None = None) -> dict[str, str]:
    """Return the hyperparameters of the committed definition, its expressions resolved."""
    definition = json.loads(_DEFINITION.read_text(encoding="utf-8"))
    defaults = {
        f"Parameters.{item['Name']}": item.get("DefaultValue") for item in definition["Parameters"]
    } | {f"Parameters.{name}": value for name, value in (values or {}).items()}
    [train] = [step for step in definition["Steps"] if step["Name"] == Step.TRAIN]

    def value(item: Any) -> str:
        if isinstance(item, str):
            return item
        if "Get" in item:
            return str(defaults[item["Get"]])
        return str(item["Std:Join"]["On"]).join(map(value, item["Std:Join"]["Values"]))

    return {
        name: value(item) for name, item in sorted(train["Arguments"]["HyperParameters"].items())
    }


def training(
    sandbox: Path,
    channels: Mapping[str, Path],
    content_type: str,
    hyperparameters: Mapping[str, str],
) -> Program:
    """Return a training job on the files of these folders, which writes ``sandbox/model``."""
    config = sandbox / "input" / "config"
    config.mkdir(parents=True)
    (sandbox / "model").mkdir()
    for name, folder in channels.items():
        _link(folder, sandbox / "input" / "data" / name)
    for name, content in (
        ("hyperparameters", hyperparameters),
        ("inputdataconfig", {name: {"ContentType": content_type} for name in channels}),
        ("resourceconfig", {"current_host": "algo-1", "hosts": ["algo-1"]}),
    ):
        (config / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    return _program(sandbox, "train")


def transform(sandbox: Path, rows: Path, model: Path, content_type: str) -> Program:
    """Return a transform job with a trained model, which writes ``sandbox/output/data``."""
    (sandbox / "output" / "data").mkdir(parents=True)
    _link(rows, sandbox / "input" / "data")
    (sandbox / "model").mkdir()
    os.link(model / MODEL_FILE, sandbox / "model" / MODEL_FILE)
    return _program(
        sandbox,
        *("transform", "--content-type", content_type),
        *("--batch-strategy", "MultiRecord", "--max-payload-mb", "6"),
    )


def _link(source: Path, target: Path) -> None:
    target.mkdir(parents=True)
    for path in source.iterdir():
        os.link(path, target / path.name)


def _program(sandbox: Path, *arguments: str) -> Program:
    # A spinning OpenMP thread costs six times the CPU when another process wants the core.
    environment = {"OMP_WAIT_POLICY": "passive", "OPT_ML": str(sandbox)}
    command = (sys.executable, "-m", "local_runner.algorithms.xgboost", *arguments)
    return Program(command, environment)
