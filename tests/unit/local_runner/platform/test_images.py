"""Images by name and tag."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.metadata import version as installed_version

import pytest
from sagemaker.core import image_uris

from local_runner.errors import DefinitionError
from local_runner.platform.image_tags import IMAGE_TAGS
from local_runner.platform.images import (
    require_emulation,
    require_serving,
    require_training,
    version_note,
)

_FRAMEWORKS = {
    "sagemaker-scikit-learn": "sklearn",
    "sagemaker-spark-processing": "spark",
    "sagemaker-xgboost": "xgboost",
}


@pytest.mark.parametrize(
    ("name", "tag"), [(name, tag) for name, tags in IMAGE_TAGS.items() for tag in tags.tags]
)
def test_tags_are_those_of_the_sdk(name: str, tag: str) -> None:
    version, _, rest = tag.partition("-cpu")
    python, _, container = rest.removeprefix("-").partition("-")
    is_spark = "spark" in name
    uri = image_uris.retrieve(
        _FRAMEWORKS[name],
        "us-east-1",
        version=version,
        instance_type="ml.m5.large",
        image_scope="processing" if is_spark else "training",
        **({"container_version": container, "py_version": python} if container else {}),
    )
    assert uri.endswith(f"/{name}:{tag}")
    require_emulation(uri)


@pytest.mark.parametrize(
    "image",
    [
        "sagemaker-scikit-learn:1.2-1",
        "sagemaker-spark-processing:3.5-cpu-py312-v1.1",
        "sagemaker-xgboost:0.90-2",
        "sagemaker-xgboost:3.0-5-cpu-py3",
        "sagemaker-xgboost:1.7-1-gpu-py3",
    ],
)
def test_tag_with_or_without_an_optional_end_is_accepted(image: str) -> None:
    require_emulation(image)


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
        "sagemaker-spark-processing:3.5-cpu-py37-v1",
    ],
)
def test_unknown_tag_is_refused_with_the_tags_to_use(image: str) -> None:
    tags = IMAGE_TAGS[re.split("[:@]", image)[0]].tags
    with pytest.raises(DefinitionError, match=re.escape(", ".join(tags))):
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


@pytest.mark.parametrize("require", [require_training, require_serving])
def test_image_without_an_algorithm_can_neither_train_nor_serve(
    require: Callable[[str], None],
) -> None:
    require("sagemaker-xgboost:3.0-5")
    with pytest.raises(DefinitionError, match="sagemaker-scikit-learn"):
        require("sagemaker-scikit-learn:1.4-2")
