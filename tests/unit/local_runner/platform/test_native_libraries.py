"""Programs that can't load a native library fail with its name and the remedy."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from benchmarks.harness.measure import Program, ProgramFailed, measure
from local_runner.errors import JobFailed
from local_runner.platform.containers import HostContainer, Invocation
from local_runner.platform.native_libraries import missing_library
from operations.errors import CliError
from operations.local import processing_code
from processing import names
from tests.support.clean_room import ROOT
from tests.support.runner_samples import SKLEARN, XGBOOST
from tests.support.scoring_samples import preprocessed, trained
from tests.support.unloadable_xgboost import LINUX, MACOS, write_package

BROKEN = pytest.mark.parametrize(
    ("code", "library"),
    [(MACOS, "libomp.dylib"), (LINUX, "libgomp.so.1")],
    ids=["macos", "linux"],
)


@pytest.mark.parametrize(
    ("output", "system", "mentions"),
    [
        (MACOS, "darwin", ("libomp.dylib", "`brew install libomp`")),
        ("XGBoost Library (libxgboost.dylib) could not be loaded.", "darwin", ("brew", "libomp")),
        (f"first\n{LINUX}", "linux", ("libgomp.so.1", "`apt-get install libgomp1`")),
        ("XGBoost Library (libxgboost.so) could not be loaded.", "linux", ("libgomp1",)),
        (
            "Error loading shared library libgomp.so.1: No such file or directory (needed by x.so)",
            "linux",
            ("libgomp.so.1", "libgomp1"),
        ),
        (
            "ImportError: libstdc++.so.6: cannot open shared object file: No such file",
            "linux",
            ("libstdc++.so.6", "system package"),
        ),
    ],
    ids=["dyld", "xgboost-macos", "glibc", "xgboost-linux", "musl", "another-library"],
)
def test_loader_messages_have_a_remedy(output: str, system: str, mentions: tuple[str, ...]) -> None:
    found = missing_library(output, system) or ""
    assert [text for text in mentions if text not in found] == [], found
    assert "\n" not in found


@pytest.mark.parametrize(
    "output",
    [
        "",
        "xgboost.core.XGBoostError: bad",
        "No such file: a.so",
        f"warning: {LINUX}Traceback (most recent call last):\nValueError: bad row",
    ],
)
def test_other_errors_have_no_remedy(output: str) -> None:
    assert missing_library(output) is None


def _invocation(folder: Path, packages: Path, image: str, *command: str) -> Invocation:
    opt_ml = folder / "opt" / "ml"
    opt_ml.mkdir(parents=True)
    environment = {"PYTHONPATH": f"{packages}{os.pathsep}{ROOT}"}
    return Invocation(image, command, environment, opt_ml, folder / "log", None)


@BROKEN
@pytest.mark.parametrize(
    ("image", "command"),
    [(XGBOOST, ("train",)), (SKLEARN, ("python3", "-c", "import xgboost"))],
    ids=["training", "processing"],
)
def test_job_fails_with_the_remedy(
    tmp_path: Path, code: str, library: str, image: str, command: tuple[str, ...]
) -> None:
    packages = write_package(tmp_path / "packages", code)
    with pytest.raises(JobFailed, match=f"AlgorithmError: the library {library} .*install"):
        HostContainer().invoke(_invocation(tmp_path, packages, image, *command))


@BROKEN
def test_predict_fails_with_the_remedy(
    tmp_path: Path, code: str, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = preprocessed(tmp_path, "stems", "text/libsvm")
    model = trained(version, "text/libsvm", tmp_path / "model.tar.gz")
    project = write_package(tmp_path / "project", code)
    (project / "processing").symlink_to(ROOT / "processing")
    monkeypatch.setattr(processing_code, "ROOT", project)
    options: dict[str, str | Path] = {
        names.VOCABULARY: version / "vocabulary",
        names.MODEL: model,
        "text": "good",
    }
    with pytest.raises(CliError, match=f"^the library {library} .*install"):
        processing_code.run_job("predict", options)


@BROKEN
def test_benchmark_fails_with_the_remedy(tmp_path: Path, code: str, library: str) -> None:
    packages = write_package(tmp_path / "packages", code)
    program = Program((sys.executable, "-c", "import xgboost"), {"PYTHONPATH": str(packages)})
    with pytest.raises(ProgramFailed, match=f"the library {library} .*install"):
        measure(program, tmp_path / "log")
