"""Cross-validation: ``_kfold`` models in each of ``_num_cv_round`` rounds.

In the image: algorithm_mode/train.py and prediction_utils.py. The image splits the rows at random;
here the hyperparameter ``seed`` decides, so that the same input gives the same models.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import xgboost

Results = dict[str, dict[str, list[float]]]
Fit = Callable[[xgboost.DMatrix, Results], xgboost.Booster]

PREDICTIONS = "predictions.csv"


def cross_validate(
    parameters: Mapping[str, Any], rows: xgboost.DMatrix, fit: Fit, folder: Path
) -> list[xgboost.Booster]:
    """Return the models, and write the predictions of the rows without which each was trained.

    fit: trains on rows, and records the metrics of each round in the results. The metrics, printed
    after each round of cross-validation, are of the channels, not of the left-out rows.
    """
    folds, rounds = parameters["_kfold"], parameters.get("_num_cv_round", 1)
    objective = parameters.get("objective")
    # The image needs an objective or num_class, and fails without both.
    has_classes = bool(parameters.get("num_class") or objective.startswith("binary:"))  # type: ignore[union-attr]
    labels = rows.get_label()
    predictions = _Predictions(labels, rounds, has_classes)
    boosters: list[xgboost.Booster] = []
    metrics: list[Results] = []
    for kept, left_out in _splits(labels, folds, rounds, has_classes, parameters.get("seed", 0)):
        results: Results = {}
        booster = fit(rows.slice(kept), results)
        boosters.append(booster)
        metrics.append(results)
        predictions.add(left_out, booster.predict(rows.slice(left_out)))
        if len(boosters) % folds == 0:
            print(_line(parameters["num_round"], metrics[-folds:]), flush=True)
    predictions.save(folder / PREDICTIONS)
    if rounds > 1:
        print(_line(parameters["num_round"], metrics), flush=True)
    return boosters


def _splits(labels: npt.NDArray[Any], folds: int, rounds: int, has_classes: bool, seed: int) -> Any:
    # Only here: the import takes a second.
    from sklearn.model_selection import RepeatedKFold, RepeatedStratifiedKFold

    splitter = RepeatedStratifiedKFold if has_classes else RepeatedKFold
    split = splitter(n_splits=folds, n_repeats=rounds, random_state=seed % 2**32)
    return split.split(range(len(labels)), labels if has_classes else None)


def _line(num_round: int, results: Sequence[Results]) -> str:
    """Return a line with the means of the last values, in the form of a training round's line."""
    means = (
        f"\t{channel}-{metric}:{np.mean([it[channel][metric][-1] for it in results]):.5f}"
        for metric in results[0]["train"]
        for channel in results[0]
    )
    return f"[{num_round}]{''.join(means)}"


class _Predictions:
    """The predictions of each row, one for each round."""

    def __init__(self, labels: npt.NDArray[Any], rounds: int, has_classes: bool) -> None:
        self._labels = labels
        self._has_classes = has_classes
        self._values = np.zeros((len(labels), rounds))
        self._probabilities = np.zeros((len(labels), rounds))
        self._count = np.zeros(len(labels), dtype=int)

    def add(self, rows: npt.NDArray[Any], predictions: npt.NDArray[Any]) -> None:
        """Add one fold's predictions. As in the image, one value above 0.5 is class 1."""
        place = rows, self._count[rows]
        if not self._has_classes:
            self._values[place] = predictions
        elif predictions.ndim > 1:
            self._values[place] = predictions.argmax(axis=-1)
            self._probabilities[place] = predictions.max(axis=-1)
        else:
            self._values[place] = predictions > 0.5
            self._probabilities[place] = predictions
        self._count[rows] += 1

    def save(self, path: Path) -> None:
        """Write label, mean probability and most frequent class, or label and mean prediction."""
        columns = [self._labels, self._values.mean(axis=-1)]
        if self._has_classes:
            from scipy import stats

            classes = stats.mode(self._values, axis=1).mode
            columns = [self._labels, self._probabilities.mean(axis=-1), classes]
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savetxt(path, np.vstack(columns).T, delimiter=",", fmt="%f")
