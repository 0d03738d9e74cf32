"""``python -m benchmarks.search.training FEATURES HYPERPARAMETERS.json``: one training, judged.

FEATURES holds the folders ``train`` and ``validation`` that Preprocess wrote; no other is read.
The last line printed is what validation says, as JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import xgboost

from local_runner.algorithms.xgboost import channels, hyperparameters

_READ = ("train", "validation")
_METRICS = ["error", "logloss"]  # the last one stops


def train(features: Path, parameters: dict[str, Any]) -> dict[str, Any]:
    """Trains as the pipeline does and returns the fields of a Training but for its CPU seconds."""
    data = {name: channels.load(features / name, "libsvm") for name in _READ}
    assert data["train"] is not None
    rounds, stopping = parameters.pop("num_round"), parameters.pop("early_stopping_rounds")
    history: dict[str, dict[str, list[float]]] = {}
    booster = xgboost.train(
        {**parameters, "eval_metric": _METRICS},
        data["train"],
        num_boost_round=rounds,
        evals=[(data["validation"], "validation")],
        early_stopping_rounds=stopping,
        evals_result=history,
        verbose_eval=False,
    )
    errors, best = history["validation"]["error"], booster.best_iteration
    return {
        "accuracies": [1 - error for error in errors],
        "accuracy": 1 - errors[best],
        "logloss": history["validation"]["logloss"][best],
        "rounds": best + 1,
        "values": data["train"].num_nonmissing(),
    }


def main(features: Path, given: Path) -> None:
    """Trains and prints."""
    told = json.loads(given.read_text(encoding="utf-8"))
    print(json.dumps(train(features, dict(hyperparameters.validate(told)))))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
