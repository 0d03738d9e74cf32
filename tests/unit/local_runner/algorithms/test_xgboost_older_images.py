"""The XGBoost emulation with tags older than 3.0-5."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest
import xgboost

from local_runner.algorithms.xgboost.errors import UserError
from local_runner.algorithms.xgboost.hyperparameters import validate_hyperparameters
from local_runner.algorithms.xgboost.serve import Model
from local_runner.algorithms.xgboost.train import train
from local_runner.platform.images import emulation_command
from tests.support.xgboost_samples import csv, run_image, sample, write_opt_ml

LIBSVM, CSV = "text/libsvm", "text/csv"
ROWS = sample(20, seed=9)
WIDTH = len(ROWS[0][1])


def trained(root: Path, image_version: str, **hyperparameters: str) -> Path:
    opt_ml = write_opt_ml(root / "ml", {"train": csv(ROWS)}, CSV, **hyperparameters)
    train(opt_ml, image_version=image_version)
    return opt_ml / "model"


def from_one(width: int) -> str:
    """Rows of libsvm whose columns count from 1."""
    cells = " ".join(f"{column}:1" for column in range(1, width + 1))
    return f"0 {cells}\n" * 3


@pytest.mark.parametrize("image_version", ["0.90-2", "1.0-1", "1.2-1", "1.2-2"])
def test_model_of_an_image_before_1_3_is_a_pickle(tmp_path: Path, image_version: str) -> None:
    folder = trained(tmp_path, image_version)
    booster = pickle.loads((folder / "xgboost-model").read_bytes())
    body = csv(ROWS, labels=False).encode()
    expected = booster.predict(xgboost.DMatrix([counts for _, counts in ROWS])).tolist()
    assert [float(line) for line in Model(folder).invoke(body, CSV).splitlines()] == expected


class PickledBefore:
    """Is pickled as XGBoost before 1.0 pickled a model: with its file in the old format."""

    def __init__(self, file: bytearray) -> None:
        self._file = file

    def __reduce__(self) -> Any:
        return object.__new__, (xgboost.Booster,), {"handle": self._file, "booster": "gbtree"}


@pytest.mark.filterwarnings("ignore:.*:UserWarning")
def test_pickle_of_xgboost_before_1_0_is_served(tmp_path: Path) -> None:
    booster = xgboost.Booster(model_file=trained(tmp_path, "3.0-5") / "xgboost-model")
    old = booster.save_raw(raw_format="deprecated")
    (tmp_path / "xgboost-model").write_bytes(pickle.dumps(PickledBefore(old)))
    expected = booster.predict(xgboost.DMatrix([counts for _, counts in ROWS])).tolist()
    body = csv(ROWS, labels=False).encode()
    model = Model(tmp_path)
    assert [float(line) for line in model.invoke(body, CSV).splitlines()] == expected


@pytest.mark.parametrize("image_version", ["1.3-1", "1.7-1", "3.2-0"])
def test_model_of_a_later_image_is_loaded_by_xgboost(tmp_path: Path, image_version: str) -> None:
    model = trained(tmp_path, image_version) / "xgboost-model"
    assert xgboost.Booster(model_file=str(model)).num_features() == WIDTH


def test_pickle_of_another_object_is_refused(tmp_path: Path) -> None:
    (tmp_path / "xgboost-model").write_bytes(pickle.dumps({"no": "booster"}))
    with pytest.raises(UserError, match="Booster"):
        Model(tmp_path)


@pytest.mark.parametrize(
    ("name", "text", "accepting"),
    [
        ("silent", "0", ("0.90-1", "1.0-1")),
        ("single_precision_histogram", "true", ("1.2-2", "1.5-1")),
    ],
)
def test_hyperparameter_of_older_images_is_accepted_by_those(
    name: str, text: str, accepting: tuple[str, ...]
) -> None:
    for version in ("0.90-1", "1.0-1", "1.2-2", "1.5-1", "1.7-1", "3.0-5"):
        if version in accepting:
            assert name in validate_hyperparameters({"num_round": "5", name: text}, version)
        else:
            with pytest.raises(UserError, match=f"Extraneous.*{name}"):
                validate_hyperparameters({"num_round": "5", name: text}, version)


def test_hyperparameter_of_an_older_image_does_not_change_the_model(tmp_path: Path) -> None:
    given, without = trained(tmp_path / "a", "1.0-1", silent="1"), trained(tmp_path / "b", "1.0-1")
    assert (given / "xgboost-model").read_bytes() == (without / "xgboost-model").read_bytes()


def test_image_1_0_ignores_one_column_more_than_the_model_has(tmp_path: Path) -> None:
    model = Model(trained(tmp_path, "1.0-1"), image_version="1.0-1")
    wider = model.invoke(from_one(WIDTH).encode(), LIBSVM)
    assert wider == model.invoke(from_one(WIDTH - 1).encode(), LIBSVM)
    with pytest.raises(UserError, match="400"):
        model.invoke(from_one(WIDTH + 1).encode(), LIBSVM)


def test_later_images_refuse_a_column_more_than_the_model_has(tmp_path: Path) -> None:
    model = Model(trained(tmp_path, "1.2-1"), image_version="1.2-1")
    with pytest.raises(UserError, match="400"):
        model.invoke(from_one(WIDTH).encode(), LIBSVM)


def test_image_reads_libsvm_if_the_request_has_no_content_type(tmp_path: Path) -> None:
    folder = trained(tmp_path, "1.0-1")
    data = folder.parent / "input" / "data"
    (data / "train" / "part-00000").unlink()
    (data / "rows").write_text(from_one(WIDTH))
    version = ("--image-version", "1.0-1")
    options = ("--batch-strategy", "MultiRecord", "--max-payload-mb", "6")
    ended = run_image(folder.parent, *version, "transform", *options)
    assert ended.returncode == 0, ended.stderr
    assert len((folder.parent / "output/data/rows.out").read_text().splitlines()) == 3


def test_tag_of_an_image_decides_its_version() -> None:
    *_, option, version = emulation_command("1.dkr.ecr/sagemaker-xgboost:1.0-1-cpu-py3")
    assert (option, version) == ("--image-version", "1.0-1")
