"""Cross-validation of the XGBoost emulation: models, printed means, predictions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from local_runner.algorithms.xgboost.errors import UserError
from local_runner.algorithms.xgboost.train import train
from local_runner.errors import DefinitionError
from tests.support.runner_samples import XGBOOST, document, planned
from tests.support.xgboost_samples import csv, libsvm, sample, write_opt_ml

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:xgboost")

TRAIN, VALIDATION = libsvm(sample(60, seed=1)), libsvm(sample(30, seed=2))


def cross_validated(root: Path, channels: dict[str, str], **given: str) -> tuple[Path, list[str]]:
    """Return the folder of the job and the names of the models."""
    opt_ml = write_opt_ml(root / "ml", channels, **{"_kfold": "3", **given})
    train(opt_ml)
    return opt_ml, sorted(path.name for path in (opt_ml / "model").iterdir())


def predictions(opt_ml: Path) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.loadtxt(opt_ml / "output/data/predictions.csv", delimiter=",")


def test_each_fold_of_each_round_is_a_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, models = cross_validated(tmp_path, {"train": TRAIN}, _num_cv_round="2", num_round="4")
    assert models == [f"xgboost-model-{number}" for number in range(6)]
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("[4]")]
    assert len(lines) == 3  # both rounds, and all together
    means = [float(line.rpartition(":")[2]) for line in lines]
    assert means[2] == pytest.approx((means[0] + means[1]) / 2, abs=1e-5)


def test_each_row_of_both_channels_is_predicted_once_by_a_model_that_did_not_see_it(
    tmp_path: Path,
) -> None:
    opt_ml, _ = cross_validated(tmp_path, {"train": TRAIN, "validation": VALIDATION})
    label, probability, predicted = predictions(opt_ml).T
    assert len(label) == 90
    assert ((probability > 0.5) == predicted).all()
    assert 0.6 < (label == predicted).mean() < 1


def test_numbers_are_predicted_by_their_mean(tmp_path: Path) -> None:
    rows = csv([(label * 10 + counts[0], counts) for label, counts in sample(60, seed=1)])
    given = {"objective": "reg:squarederror", "_kfold": "2", "num_round": "3"}
    opt_ml = write_opt_ml(tmp_path / "ml", {"train": rows}, "text/csv", **given)
    train(opt_ml)
    label, predicted = predictions(opt_ml).T
    assert np.corrcoef(label, predicted)[0, 1] > 0.5


def test_same_seed_gives_the_same_folds(tmp_path: Path) -> None:
    found = []
    for name, seed in (("one", "1"), ("two", "1"), ("three", "2")):
        (tmp_path / name).mkdir()
        opt_ml, _ = cross_validated(tmp_path / name, {"train": TRAIN}, seed=seed)
        found.append((opt_ml / "model/xgboost-model-0").read_bytes())
    assert found[0] == found[1] != found[2]


def test_cross_validation_without_an_objective_fails_as_in_the_image(tmp_path: Path) -> None:
    opt_ml = write_opt_ml(tmp_path / "ml", {"train": TRAIN}, _kfold="3")
    config = opt_ml / "input/config/hyperparameters.json"
    config.write_text('{"num_round": "3", "_kfold": "3"}')
    with pytest.raises(UserError, match="has no attribute 'startswith'"):
        train(opt_ml)


def test_cross_validation_on_several_hosts_is_refused_in_the_plan() -> None:
    arguments = {
        "AlgorithmSpecification": {"TrainingImage": XGBOOST},
        "HyperParameters": {"_kfold": "3"},
        "OutputDataConfig": {"S3OutputPath": "s3://b/models"},
        "ResourceConfig": {"InstanceCount": 2},
    }
    step = {"Name": "Train", "Type": "Training", "Arguments": arguments}
    with pytest.raises(DefinitionError, match="InstanceCount"):
        planned(document(step))
