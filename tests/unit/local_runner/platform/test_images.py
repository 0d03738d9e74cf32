"""Images by name and tag."""

from __future__ import annotations

from importlib.metadata import version as installed_version

import pytest
from sagemaker.core import image_uris

from local_runner.errors import DefinitionError
from local_runner.platform.image_tags import IMAGE_TAGS
from local_runner.platform.images import require_commands, require_emulation, version_note

_FRAMEWORKS = {
    "sagemaker-scikit-learn": "sklearn",
    "sagemaker-spark-processing": "spark",
    "sagemaker-xgboost": "xgboost",
}
_SPARK = {"2.4": "py37", "3.0": "py37", "3.1": "py37", "3.2": "py39", "3.3": "py39", "3.5": "py39"}


@pytest.mark.parametrize(
    ("name", "version"),
    [(name, version) for name, tags in IMAGE_TAGS.items() for version in tags.versions],
)
def test_image_that_the_sdk_names_is_accepted(name: str, version: str) -> None:
    spark = {"container_version": "v1", "py_version": _SPARK.get(version)}
    uri = image_uris.retrieve(
        _FRAMEWORKS[name],
        "us-east-1",
        version=version,
        instance_type="ml.m5.large",
        image_scope="training" if "spark" not in name else "processing",
        **(spark if "spark" in name else {}),
    )
    assert f"/{name}:{version}" in uri
    require_emulation(uri)


@pytest.mark.parametrize(
    "image",
    [
        "sagemaker-xgboost:999-nonsense",
        "sagemaker-xgboost:3.0-5x",
        "sagemaker-xgboost:latest",
        "sagemaker-xgboost",
        f"sagemaker-xgboost@sha256:{'0' * 64}",
        "sagemaker-scikit-learn:1",
        "sagemaker-spark-processing:3.5",
    ],
)
def test_unknown_tag_is_refused(image: str) -> None:
    with pytest.raises(DefinitionError, match="no tag"):
        require_emulation(f"1.dkr.ecr.us-east-1.amazonaws.com/{image}")


@pytest.mark.parametrize("tag", ["1.0-1", "1.7-1", "0.90-2-cpu-py3"])
def test_other_major_version_names_what_runs_instead(tag: str) -> None:
    note = version_note(f"1.dkr.ecr/sagemaker-xgboost:{tag}")
    assert note == f"sagemaker-xgboost:{tag} runs as xgboost {installed_version('xgboost')}"


@pytest.mark.parametrize(
    "image",
    ["sagemaker-xgboost:3.2-0", "sagemaker-scikit-learn:1.4-2-py312-cpu-py3", "x/unknown:1"],
)
def test_same_major_version_or_unknown_image_has_no_note(image: str) -> None:
    assert version_note(image) is None


def test_image_that_cannot_train_is_refused() -> None:
    with pytest.raises(DefinitionError, match="no algorithm"):
        require_commands("sagemaker-scikit-learn:1.4-2")
