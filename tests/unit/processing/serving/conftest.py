"""Handlers of small packages, one for each feature set and format."""

from __future__ import annotations

import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from processing.evaluation.decision_threshold import fixed_threshold
from processing.json_files import write_json
from processing.serving.handler import Handler
from processing.serving.package import load
from tests.support.scoring_samples import preprocessed, trained


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """The folder of a package's files, by feature set and format."""
    made: dict[tuple[str, str], Path] = {}

    def package_of(features: str = "stems", feature_format: str = "text/libsvm") -> Path:
        key = (features, feature_format)
        if key not in made:
            folder = tmp_path_factory.mktemp("package")
            out = preprocessed(folder, features, feature_format)
            with tarfile.open(trained(out, feature_format, folder / "model.tar.gz")) as archive:
                archive.extractall(out / "vocabulary", filter="data")
            threshold = fixed_threshold(0.5)
            write_json(out / "vocabulary" / "decision-threshold.json", threshold)
            made[key] = shutil.copytree(out / "vocabulary", folder / "model")
        return made[key]

    return package_of


@pytest.fixture(scope="session")
def handler(package: Callable[..., Path]) -> Handler:
    """The handler of the version 7."""
    return load(package(), {"SENTIMENT_MODEL_VERSION": "7"})
