"""Metrics that the XGBoost image computes itself.

The expected values are those of AWS's code (version 3.0-5), run on the same predictions.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import xgboost

from local_runner.algorithms.xgboost.errors import UserError
from local_runner.algorithms.xgboost.metrics import COMPUTED_BY_IMAGE, custom_metric
from local_runner.algorithms.xgboost.train import train
from tests.support.xgboost_samples import libsvm, run_image, sample, write_opt_ml

pytestmark = pytest.mark.filterwarnings(
    "ignore::UserWarning:xgboost", "ignore::sklearn.exceptions.UndefinedMetricWarning"
)

TRAIN = libsvm(sample(120, seed=1))
NOISY = libsvm(sample(120, seed=2, noise=0.9))
ROWS = xgboost.DMatrix(np.zeros((5, 1)), label=[0, 1, 1, 0, 1])


def measured(predictions: object, *names: str, rows: xgboost.DMatrix = ROWS) -> dict[str, float]:
    metric = custom_metric(names)
    return dict(metric(np.asarray(predictions, dtype=np.float32), rows))


def printed(opt_ml: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    train(opt_ml)
    return [line for line in capsys.readouterr().out.splitlines() if line.startswith("[")]


def test_predictions_above_0_are_of_class_1() -> None:
    found = measured([-0.5, 0.5, -0.1, 0.4, 2.0], "accuracy", "precision", "recall", "f1_binary")
    assert found == pytest.approx(dict.fromkeys(found, 2 / 3) | {"accuracy": 0.6})


def test_most_probable_of_several_classes_counts() -> None:
    rows = xgboost.DMatrix(np.zeros((3, 1)), label=[0, 1, 2])
    probabilities = [[0.5, 0.3, 0.2], [0.1, 0.2, 0.7], [0.1, 0.2, 0.7]]
    found = measured(probabilities, "accuracy", "balanced_accuracy", "f1", "f1_macro", rows=rows)
    f1 = (1 + 0 + 2 / 3) / 3
    expected = {"accuracy": 2 / 3, "balanced_accuracy": 2 / 3, "f1": f1, "f1_macro": f1}
    assert found == pytest.approx(expected)


def test_metrics_of_numbers_compare_the_predictions_themselves() -> None:
    found = measured([0, 1, 1, 0, 3], "mae", "mse", "rmse", "r2")
    assert found == pytest.approx({"mae": 0.4, "mse": 0.8, "rmse": 0.8**0.5, "r2": 1 - 0.8 / 0.24})


def test_host_without_predictions_reports_0_for_metrics_of_classes() -> None:
    assert measured([], "accuracy", "f1") == {"accuracy": 0, "f1": 0}


@pytest.mark.parametrize("version", ["1.0-1", "1.7-1"])
def test_older_images_classify_correctly(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], version: str
) -> None:
    opt_ml = write_opt_ml(tmp_path / "ml", {"train": NOISY}, eval_metric="error,accuracy")
    train(opt_ml, image_version=version)
    for line in capsys.readouterr().out.splitlines():
        values = [float(found) for found in re.findall(r":(\S+)", line)]
        assert sum(values) == pytest.approx(1, abs=1e-4)


def test_images_from_1_2_to_1_7_measure_margins(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = {"eval_metric": "mse", "num_round": "1"}
    opt_ml = write_opt_ml(tmp_path / "ml", {"train": TRAIN, "validation": TRAIN}, **given)
    train(opt_ml, image_version="1.7-1")
    booster = xgboost.Booster(model_file=opt_ml / "model" / "xgboost-model")
    rows = xgboost.DMatrix(f"{opt_ml}/input/data/train/part-00000?format=libsvm")
    errors = (booster.predict(rows, output_margin=True) - rows.get_label()) ** 2
    assert f"validation-mse:{errors.mean():.5f}" in capsys.readouterr().out


@pytest.mark.parametrize("name", COMPUTED_BY_IMAGE)
def test_every_metric_is_printed_after_those_of_xgboost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    channels = {"train": TRAIN, "validation": NOISY}
    opt_ml = write_opt_ml(tmp_path / "ml", channels, eval_metric=f"{name},logloss", num_round="1")
    [line] = printed(opt_ml, capsys)
    parts = "".join(rf"\t{it}-logloss:\d\.\d{{5}}\t{it}-{name}:-?\d+\.\d{{5}}" for it in channels)
    assert re.fullmatch(rf"\[0\]{parts}", line)


def test_default_metric_is_printed_beside_a_computed_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opt_ml = write_opt_ml(tmp_path / "ml", {"train": TRAIN}, eval_metric="mse", num_round="1")
    [line] = printed(opt_ml, capsys)
    assert re.fullmatch(r"\[0\]\ttrain-logloss:0\.\d{5}\ttrain-mse:0\.\d{5}", line)


@pytest.mark.parametrize(
    "given", [{"eval_metric": "logloss,mse"}, {"_tuning_objective_metric": "validation:mse"}]
)
def test_computed_metric_decides_about_early_stopping(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], given: dict[str, str]
) -> None:
    channels = {"train": TRAIN, "validation": NOISY}
    opt_ml = write_opt_ml(
        tmp_path / "ml", channels, early_stopping_rounds="2", num_round="12", **given
    )
    scores = [
        float(found)
        for line in printed(opt_ml, capsys)
        for found in re.findall(r"validation-mse:(\S+)", line)
    ]
    booster = xgboost.Booster()
    booster.load_model(opt_ml / "model" / "xgboost-model")
    assert booster.num_boosted_rounds() == scores.index(min(scores)) + 1 < 12


def test_metric_of_two_classes_fails_with_several_as_in_the_image(tmp_path: Path) -> None:
    given = {"objective": "multi:softmax", "num_class": "3", "eval_metric": "f1_binary"}
    rows = "0 0:1 1:1\n1 0:1 1:2\n2 0:1 1:3\n"
    opt_ml = write_opt_ml(tmp_path / "ml", {"train": rows}, **given)
    with pytest.raises(UserError, match=r"^XGB train call failed with exception: Target is multi"):
        train(opt_ml)


def test_program_imports_scikit_learn_for_a_computed_metric(tmp_path: Path) -> None:
    ended = run_image(write_opt_ml(tmp_path / "ml", {"train": TRAIN}, eval_metric="f1"), "train")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "train-f1:" in ended.stdout
