"""Training of the XGBoost emulation: early stopping, log lines, the model file, failures."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import xgboost

from local_runner.algorithms.xgboost.errors import UserError
from local_runner.algorithms.xgboost.train import train
from tests.support.xgboost_samples import (
    csv,
    libsvm,
    run_image,
    sample,
    write_opt_ml,
)

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:xgboost")

TRAIN = libsvm(sample(120, seed=1))
# A validation channel with the opposite labels: its metrics don't improve after the first round.
NOISY = libsvm(sample(120, seed=2, noise=0.9))


def trained(opt_ml: Path) -> xgboost.Booster:
    train(opt_ml)
    booster = xgboost.Booster()
    booster.load_model(opt_ml / "model" / "xgboost-model")
    return booster


def rounds_after(root: Path, channels: dict[str, str], **hyperparameters: str) -> int:
    opt_ml = write_opt_ml(root / "ml", channels, **{"num_round": "12", **hyperparameters})
    rounds: int = trained(opt_ml).num_boosted_rounds()
    return rounds


def test_every_round_is_trained_without_early_stopping(tmp_path: Path) -> None:
    assert rounds_after(tmp_path, {"train": TRAIN, "validation": NOISY}) == 12


def test_early_stopping_cuts_the_model_to_its_best_round(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rounds = rounds_after(
        tmp_path,
        {"train": TRAIN, "validation": NOISY},
        early_stopping_rounds="2",
        eval_metric="error,logloss",
    )
    scores = [
        float(found) for found in re.findall(r"validation-logloss:(\S+)", capsys.readouterr().out)
    ]
    best = scores.index(min(scores))
    assert rounds == best + 1
    # Two rounds without improvement. XGBoost keeps callbacks in a set, so whether the line of the
    # last round is printed is random, in the image too.
    assert len(scores) in (best + 2, best + 3)


@pytest.mark.parametrize(
    ("channels", "hyperparameters"),
    [
        (("train", "validation"), {"early_stopping_rounds": "2"}),
        (("train",), {"early_stopping_rounds": "2", "eval_metric": "logloss"}),
        (("train", "validation"), {"eval_metric": "logloss"}),
    ],
    ids=["no-metric", "no-validation", "no-rounds"],
)
def test_early_stopping_is_ignored_where_the_image_ignores_it(
    tmp_path: Path, channels: tuple[str, ...], hyperparameters: dict[str, str]
) -> None:
    data = {name: {"train": TRAIN, "validation": NOISY}[name] for name in channels}
    assert rounds_after(tmp_path, data, **hyperparameters) == 12


@pytest.mark.parametrize(("metrics", "maximize"), [("logloss,auc", True), ("auc,logloss", False)])
def test_last_metric_decides_in_its_own_direction(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], metrics: str, maximize: bool
) -> None:
    rounds = rounds_after(
        tmp_path,
        {"train": TRAIN, "validation": libsvm(sample(60, seed=3, noise=0.3))},
        early_stopping_rounds="2",
        eval_metric=metrics,
    )
    last = metrics.split(",")[-1]
    found = re.findall(rf"validation-{last}:(\S+)", capsys.readouterr().out)
    scores = [float(score) * (-1 if maximize else 1) for score in found]
    # The printed scores have five decimals: look for the best among those up to the model's end.
    assert scores[rounds - 1] == min(scores)


def test_each_round_prints_one_line_in_the_images_format(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rounds_after(
        tmp_path,
        {"train": TRAIN, "validation": TRAIN},
        num_round="2",
        eval_metric="logloss,error",
    )
    number = r"\d\.\d{5}"
    metrics = rf"logloss:{number}\t%s-error:{number}"
    line = rf"\ttrain-{metrics % 'train'}\tvalidation-{metrics % 'validation'}"
    out = [line for line in capsys.readouterr().out.splitlines() if line.startswith("[")]
    assert len(out) == 2
    assert re.fullmatch(rf"\[0\]{line}", out[0])
    assert re.fullmatch(rf"\[1\]{line}", out[1])


def test_model_is_one_file_and_learns(tmp_path: Path) -> None:
    opt_ml = write_opt_ml(tmp_path / "ml", {"train": TRAIN}, num_round="20")
    booster = trained(opt_ml)
    assert [path.name for path in (opt_ml / "model").iterdir()] == ["xgboost-model"]
    assert booster.num_features() == 10
    config = json.loads(booster.save_config())["learner"]
    assert config["objective"]["name"] == "binary:logistic"


@pytest.mark.parametrize(
    ("content_type", "content"),
    [("text/libsvm", TRAIN), ("text/csv", csv(sample(120, seed=1)))],
    ids=["libsvm", "csv"],
)
def test_training_twice_gives_the_same_bytes(
    tmp_path: Path, content_type: str, content: str
) -> None:
    models = []
    for name in ("one", "two"):
        opt_ml = write_opt_ml(tmp_path / name, {"train": content}, content_type, subsample="0.8")
        trained(opt_ml)
        models.append((opt_ml / "model" / "xgboost-model").read_bytes())
    assert models[0] == models[1]


def test_csv_model_has_a_feature_for_each_column_but_the_label(tmp_path: Path) -> None:
    opt_ml = write_opt_ml(tmp_path / "ml", {"train": csv(sample(50, seed=1))}, "text/csv")
    assert trained(opt_ml).num_features() == 8


def test_train_channel_narrower_than_validation_is_refused(tmp_path: Path) -> None:
    channels = {"train": "1 0:1\n0 0:2\n1 0:3\n", "validation": "1 0:1 4:1\n0 1:1\n"}
    with pytest.raises(UserError) as refusal:
        train(write_opt_ml(tmp_path / "ml", channels))
    message = str(refusal.value)
    assert message.startswith("XGB train call failed with exception:")
    assert "(5 vs. 1) : Number of columns does not match number of features in booster" in message


def test_train_channel_wider_than_validation_is_trained(tmp_path: Path) -> None:
    channels = {"train": "1 0:1 4:1\n0 1:2\n", "validation": "1 0:1\n0 0:2\n"}
    assert trained(write_opt_ml(tmp_path / "ml", channels)).num_features() == 5


@pytest.mark.parametrize(("name", "said"), [("train", "training"), ("validation", "validation")])
def test_empty_channel_is_refused(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(UserError) as refusal:
        train(write_opt_ml(tmp_path / "ml", {"train": TRAIN, "validation": TRAIN, name: ""}))
    assert str(refusal.value) == f"No data in {said} channel path /opt/ml/input/data/{name}"


def test_labels_other_than_0_and_1_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"^XGB train call failed with exception:"):
        train(write_opt_ml(tmp_path / "ml", {"train": "1 0:1\n2 0:2\n5 0:3\n"}))


def program_fails(root: Path, **changes: Any) -> tuple[str, str]:
    """The failure file's text and the last line of output of the image's program."""
    opt_ml = write_opt_ml(root / "ml", **{"channels": {"train": TRAIN}, **changes})
    ended = run_image(opt_ml, "train")
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert list((opt_ml / "model").iterdir()) == []
    return (opt_ml / "output" / "failure").read_text(), ended.stderr.strip().splitlines()[-1]


def test_program_writes_its_failure_to_the_failure_file(tmp_path: Path) -> None:
    message = "Extraneous hyperparameter found: silent"
    assert program_fails(tmp_path, silent="0") == (message, f"error: {message}")


def test_program_succeeds_and_writes_the_model(tmp_path: Path) -> None:
    opt_ml = write_opt_ml(tmp_path / "ml", {"train": TRAIN, "validation": TRAIN})
    ended = run_image(opt_ml, "train")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert len(ended.stdout.splitlines()) == 5
    assert not (opt_ml / "output" / "failure").exists()
    trained_here = (opt_ml / "model" / "xgboost-model").read_bytes()
    again = write_opt_ml(tmp_path / "again", {"train": TRAIN, "validation": TRAIN})
    train(again)
    assert (again / "model" / "xgboost-model").read_bytes() == trained_here


@pytest.mark.parametrize(
    "hyperparameters",
    [
        {"updater": "grow_colmaker,prune"},
        {"updater": "shotgun", "booster": "gblinear"},
        {"monotone_constraints": "(1,-1)", "tree_method": "hist"},
        {"predictor": "gpu_predictor"},
        {"use_dask_gpu_training": "false"},
        {"aft_loss_distribution": "normal", "aft_loss_distribution_scale": "2"},
    ],
    ids=lambda given: next(iter(given)),
)
def test_rarely_used_hyperparameters_are_trained_with(
    tmp_path: Path, hyperparameters: dict[str, str]
) -> None:
    assert rounds_after(tmp_path, {"train": TRAIN}, **hyperparameters) == 12


def test_interaction_constraints_fail_as_in_the_image(tmp_path: Path) -> None:
    """XGBoost looks up constrained features by their names, which rows from files don't have."""
    given = {"interaction_constraints": "[[1, 2], [3, 4]]", "tree_method": "hist"}
    with pytest.raises(UserError, match=r"^XGB train call failed with exception: Constrained feat"):
        rounds_after(tmp_path, {"train": TRAIN}, **given)


def test_monotone_constraints_in_a_list_fail_as_in_the_image(tmp_path: Path) -> None:
    given = {"monotone_constraints": "[1,-1]", "tree_method": "hist"}
    with pytest.raises(UserError, match=r"^XGB train call failed with exception: "):
        rounds_after(tmp_path, {"train": TRAIN}, **given)


def test_monotone_constraints_reach_the_model(tmp_path: Path) -> None:
    rows = csv(sample(120, seed=1, noise=0.3))
    for name, given in (("free", {}), ("falling", {"monotone_constraints": "(-1,0)"})):
        (tmp_path / name).mkdir()
        root = write_opt_ml(
            tmp_path / name / "ml", {"train": rows}, "text/csv", tree_method="hist", **given
        )
        predictions = trained(root).predict(
            xgboost.DMatrix([[count, *[1] * 7] for count in range(4)])
        )
        falls = bool((predictions[1:] <= predictions[:-1]).all())
        assert falls == (name == "falling")


def test_metric_of_a_tuning_job_is_printed_and_decides_about_early_stopping(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rounds = rounds_after(
        tmp_path,
        {"train": TRAIN, "validation": NOISY},
        early_stopping_rounds="2",
        eval_metric="logloss,error",
        _tuning_objective_metric="validation:auc",
    )
    lines = capsys.readouterr().out.splitlines()
    names = re.findall(r"validation-(\w+):", lines[0])
    assert names == ["auc", "error", "logloss"]
    scores = [float(re.findall(r"validation-auc:(\S+)", line)[0]) for line in lines]
    assert rounds == scores.index(max(scores)) + 1


def test_weights_of_csv_rows_change_the_model(tmp_path: Path) -> None:
    rows = csv(sample(120, seed=1))
    weighted = "".join(f"{row[0]},{1 + 9 * int(row[0])}{row[1:]}\n" for row in rows.splitlines())
    one = write_opt_ml(tmp_path / "one", {"train": rows}, "text/csv")
    two = write_opt_ml(tmp_path / "two", {"train": weighted}, "text/csv", csv_weights="1")
    row = xgboost.DMatrix([[1.0] * 8])
    assert trained(two).num_features() == 8
    assert trained(two).predict(row)[0] > trained(one).predict(row)[0]
