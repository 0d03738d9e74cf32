"""The Package job: one archive, with the same bytes for the same inputs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import f1_score

from processing import packaging
from processing.errors import DataError, UsageError
from processing.jobs import package
from processing.model.archive import read_model
from processing.model.booster import Model
from tests.support.scoring_samples import FEATURE_SETS, preprocessed, trained


@pytest.fixture(scope="module", params=FEATURE_SETS)
def version(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the folders ``model`` and ``out/vocabulary``."""
    folder = tmp_path_factory.mktemp(request.param)
    out = preprocessed(folder, request.param)
    (folder / "model").mkdir()
    trained(out, "text/libsvm", folder / "model/model.tar.gz")
    return folder


def options(version: Path, output: Path, threshold: str = "0.5") -> list[str]:
    out = version / "out"
    given = {
        "model": version / "model",
        "vocabulary": out / "vocabulary",
        "validation": out / "validation",
        "decision-threshold": threshold,
        "output": output,
    }
    return [f"--{name}={value}" for name, value in given.items()]


def packed(version: Path, output: Path, threshold: str = "0.5") -> Path:
    package.run(package.parser().parse_args(options(version, output, threshold)))
    return output / "package/model.tar.gz"


def unpacked(archive: Path, folder: Path) -> dict[str, bytes]:
    with tarfile.open(archive) as members:
        members.extractall(folder, filter="data")
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_archive_has_the_model_its_preprocessing_and_the_code(
    version: Path, tmp_path: Path
) -> None:
    files = unpacked(packed(version, tmp_path), tmp_path / "unpacked")
    preprocessing = version / "out/vocabulary"
    expected = {path.name: path.read_bytes() for path in preprocessing.iterdir()}
    with tarfile.open(version / "model/model.tar.gz") as trained_archive:
        member = trained_archive.extractfile("xgboost-model")
        assert member is not None
        expected["xgboost-model"] = member.read()
    expected["decision-threshold.json"] = (
        tmp_path / "package/decision-threshold.json"
    ).read_bytes()
    expected["code/processing.pyz"] = packaging.build(tmp_path / "code.pyz").read_bytes()
    assert files == expected


def test_the_same_inputs_give_the_same_bytes(version: Path, tmp_path: Path) -> None:
    first, second = (packed(version, tmp_path / name).read_bytes() for name in "ab")
    assert first == second


def test_job_of_the_code_asset_packs_the_asset_itself(version: Path, tmp_path: Path) -> None:
    asset = packaging.build(tmp_path / "asset.pyz")
    with zipfile.ZipFile(asset, "a") as archive:
        archive.comment = b"this asset, and no other"
    command = [sys.executable, str(asset), "package", *options(version, tmp_path)]
    subprocess.run(command, check=True, capture_output=True, timeout=100)
    files = unpacked(tmp_path / "package/model.tar.gz", tmp_path / "unpacked")
    assert files["code/processing.pyz"] == asset.read_bytes()


def test_package_serves_from_its_archive_alone(version: Path, tmp_path: Path) -> None:
    unpacked(packed(version, tmp_path), tmp_path / "ml/model")
    code = (
        "import sys; from processing.serving.wsgi import application; "
        "assert '.pyz' in sys.modules['processing'].__file__; "
        "application({'PATH_INFO': '/ping', 'REQUEST_METHOD': 'GET'}, "
        "lambda status, _: print(status)); "
        "unused = {'pandas', 'sklearn', 'pyarrow', 'boto3', 'flask'}; "
        "print(sorted(unused & sys.modules.keys()))"
    )
    served = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        cwd=tmp_path,
        env={
            "OPT_ML": str(tmp_path / "ml"),
            "PYTHONPATH": str(tmp_path / "ml/model/code/processing.pyz"),
        },
        text=True,
        timeout=100,
    )
    assert served.stdout == "200 OK\n[]\n"


def test_given_threshold_needs_no_validation_set(version: Path, tmp_path: Path) -> None:
    given = options(version, tmp_path, "0.25")
    package.run(package.parser().parse_args([*given, f"--validation={tmp_path / 'missing'}"]))
    found = json.loads((tmp_path / "package/decision-threshold.json").read_text())
    assert found == {"goal": None, "validation": None, "value": 0.25}


@pytest.mark.parametrize("feature_format", ["text/libsvm", "text/csv"])
def test_goal_is_met_on_all_validation_rows_as_the_model_scores_them(
    tmp_path: Path, feature_format: str
) -> None:
    out = preprocessed(tmp_path, "stems", feature_format)
    (tmp_path / "model").mkdir()
    trained(out, feature_format, tmp_path / "model/model.tar.gz")
    packed(tmp_path, tmp_path / "output", "f1")
    lines = b"".join(path.read_bytes() for path in sorted((out / "validation").iterdir()))
    labels = np.array([int(float(re.split(rb"[ ,]", line)[0])) for line in lines.splitlines()])
    rows = lines if feature_format == "text/libsvm" else re.sub(rb"(?m)^[01][^,]*,", b"", lines)
    model = Model(read_model(tmp_path / "model/model.tar.gz"))
    scores = np.array(model.probabilities(rows, feature_format))
    found = json.loads((tmp_path / "output/package/decision-threshold.json").read_text())
    assert found["goal"] == "f1"
    assert found["validation"]["reviews"] == len(labels)
    own = f1_score(labels, scores > found["value"])
    assert found["validation"]["f1"] == pytest.approx(own)
    assert own >= max(f1_score(labels, scores >= score) for score in scores)


@pytest.mark.parametrize(
    "threshold",
    ["0", "1", "1.5", "f2", "precision>=2", "precision>=0", "cost(fp=-1,fn=1)", "cost(fp=0,fn=1)"],
)
def test_threshold_that_is_neither_a_number_nor_a_goal_is_refused(threshold: str) -> None:
    with pytest.raises(UsageError, match="DecisionThreshold must be a number > 0 and < 1, or"):
        package.parser().parse_args([f"--decision-threshold={threshold}"])


def test_vocabulary_that_this_code_cannot_use_is_refused(version: Path, tmp_path: Path) -> None:
    (tmp_path / "out/vocabulary").mkdir(parents=True)
    (tmp_path / "out/vocabulary/vocabulary.json").write_text('{"preprocessing_version": "99"}')
    (tmp_path / "model").symlink_to(version / "model")
    with pytest.raises(DataError, match="preprocessing version '99'"):
        packed(tmp_path, tmp_path / "output")
    assert not (tmp_path / "output").exists()
