"""The Package job: one archive, with the same bytes for the same inputs."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from processing import packaging
from processing.errors import DataError
from processing.jobs import package
from tests.support.scoring_samples import FEATURE_SETS, preprocessed, trained


@pytest.fixture(scope="module", params=FEATURE_SETS)
def version(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the folders ``model`` and ``out/vocabulary``."""
    folder = tmp_path_factory.mktemp(request.param)
    out = preprocessed(folder, request.param)
    (folder / "model").mkdir()
    trained(out, "text/libsvm", folder / "model/model.tar.gz")
    return folder


def options(version: Path, output: Path) -> list[str]:
    folders = {"model": version / "model", "vocabulary": version / "out/vocabulary"}
    return [f"--{name}={path}" for name, path in {**folders, "output": output}.items()]


def packed(version: Path, output: Path) -> Path:
    package.run(package.parser().parse_args(options(version, output)))
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


def test_vocabulary_that_this_code_cannot_use_is_refused(version: Path, tmp_path: Path) -> None:
    (tmp_path / "out/vocabulary").mkdir(parents=True)
    (tmp_path / "out/vocabulary/vocabulary.json").write_text('{"preprocessing_version": "99"}')
    (tmp_path / "model").symlink_to(version / "model")
    with pytest.raises(DataError, match="preprocessing version '99'"):
        packed(tmp_path, tmp_path / "output")
    assert not (tmp_path / "output").exists()
