"""The step cache: when a step is the same, and when its result may be reused."""

from __future__ import annotations

import copy
import math
import os
import time
from pathlib import Path
from typing import Any

import pytest

from local_runner.definition.durations import seconds
from local_runner.execution.step_cache import StepCache
from local_runner.platform.object_store import FolderStore
from tests.support.runner_samples import SKLEARN, put_object

ARGUMENTS: dict[str, Any] = {
    "AppSpecification": {"ImageUri": SKLEARN, "ContainerArguments": ["--size", "5"]},
    "ProcessingInputs": [{"InputName": "x", "S3Input": {"S3Uri": "s3://b/in"}}],
    "ProcessingOutputConfig": {
        "Outputs": [{"OutputName": "out", "S3Output": {"S3Uri": "s3://b/out"}}]
    },
    "RoleArn": "arn:aws:iam::000000000000:role/one",
}
PROPERTIES = {
    "ProcessingOutputConfig": ARGUMENTS["ProcessingOutputConfig"],
    "ProcessingJobName": "job",
}


@pytest.fixture
def cache(tmp_path: Path) -> StepCache:
    put_object(tmp_path, "s3://b/in/part.csv", "1")
    put_object(tmp_path, "s3://b/out/part.csv", "2")
    return StepCache(tmp_path / "cache", FolderStore(tmp_path / "s3"))


def changed(*path: str | int, value: Any) -> dict[str, Any]:
    arguments = copy.deepcopy(ARGUMENTS)
    target: Any = arguments
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    return arguments


def test_result_of_an_unchanged_step_is_reused(cache: StepCache) -> None:
    cache.put(cache.key("Processing", ARGUMENTS), PROPERTIES)
    assert (
        cache.find(cache.key("Processing", copy.deepcopy(ARGUMENTS)), seconds("P30D")) == PROPERTIES
    )


def test_step_that_never_ran_has_no_result(cache: StepCache) -> None:
    assert cache.find(cache.key("Processing", ARGUMENTS), math.inf) is None


def test_changed_content_of_an_input_changes_the_key(cache: StepCache, tmp_path: Path) -> None:
    before = cache.key("Processing", ARGUMENTS)
    put_object(tmp_path, "s3://b/in/part.csv", "changed")
    assert cache.key("Processing", ARGUMENTS) != before


def test_uri_of_an_input_does_not_change_the_key(cache: StepCache, tmp_path: Path) -> None:
    put_object(tmp_path, "s3://b/elsewhere/part.csv", "1")
    moved = changed("ProcessingInputs", 0, "S3Input", "S3Uri", value="s3://b/elsewhere")
    assert cache.key("Processing", moved) == cache.key("Processing", ARGUMENTS)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("ProcessingOutputConfig", "Outputs", 0, "S3Output", "S3Uri"), "s3://b/other"),
        (("RoleArn",), "arn:aws:iam::000000000000:role/two"),
        (("Tags",), [{"Key": "a", "Value": "b"}]),
        (("ExperimentConfig",), {"TrialName": "x"}),
    ],
    ids=["output-path", "role", "tags", "experiment"],
)
def test_arguments_without_effect_do_not_change_the_key(
    cache: StepCache, path: tuple[str | int, ...], value: Any
) -> None:
    key = cache.key("Processing", changed(*path, value=value))
    assert key == cache.key("Processing", ARGUMENTS)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("AppSpecification", "ContainerArguments"), ["--size", "6"]),
        (("AppSpecification", "ImageUri"), f"{SKLEARN}-2"),
        (("ProcessingOutputConfig", "Outputs", 0, "OutputName"), "other"),
        (("Environment",), {"A": "1"}),
        (("ProcessingInputs", 0, "S3Input", "S3Uri"), "s3://b/missing"),
    ],
    ids=["argument", "image", "output-name", "environment", "input"],
)
def test_arguments_with_effect_change_the_key(
    cache: StepCache, path: tuple[str | int, ...], value: Any
) -> None:
    key = cache.key("Processing", changed(*path, value=value))
    assert key != cache.key("Processing", ARGUMENTS)


def test_type_of_a_step_changes_the_key(cache: StepCache) -> None:
    assert cache.key("Processing", ARGUMENTS) != cache.key("Training", ARGUMENTS)


def max_age(expires_after: str | None) -> float:
    return math.inf if expires_after is None else seconds(expires_after)


@pytest.mark.parametrize(
    ("expires_after", "age_seconds", "hit"),
    [
        ("P30D", 30 * 86_400 - 60, True),
        ("P30D", 30 * 86_400 + 60, False),
        ("PT1H30M", 5_340, True),
        ("PT1H30M", 5_460, False),
        ("PT30S", 3_600, False),
        (None, 10 * 365 * 86_400, True),
    ],
)
def test_result_expires_after_its_duration(
    cache: StepCache, tmp_path: Path, expires_after: str | None, age_seconds: int, hit: bool
) -> None:
    key = cache.key("Processing", ARGUMENTS)
    cache.put(key, PROPERTIES)
    then = time.time() - age_seconds
    os.utime(tmp_path / "cache" / f"{key}.json", (then, then))
    assert (cache.find(key, max_age(expires_after)) is not None) is hit


@pytest.mark.parametrize("expires_after", ["P1Y", "P2M", "P2W"])
def test_fresh_result_is_reused_with_a_duration_in_longer_units(
    cache: StepCache, expires_after: str
) -> None:
    key = cache.key("Processing", ARGUMENTS)
    cache.put(key, PROPERTIES)
    assert cache.find(key, max_age(expires_after)) == PROPERTIES


def test_result_without_its_outputs_is_not_reused(cache: StepCache, tmp_path: Path) -> None:
    key = cache.key("Processing", ARGUMENTS)
    cache.put(key, PROPERTIES)
    (tmp_path / "s3/b/out/part.csv").unlink()
    assert cache.find(key, math.inf) is None


def test_result_without_its_model_is_not_reused(cache: StepCache, tmp_path: Path) -> None:
    model = put_object(tmp_path, "s3://b/model.tar.gz", "m")
    cache.put("k", {"ModelArtifacts": {"S3ModelArtifacts": "s3://b/model.tar.gz"}})
    assert cache.find("k", math.inf) is not None
    model.unlink()
    assert cache.find("k", math.inf) is None


def test_damaged_cache_file_is_a_miss(cache: StepCache, tmp_path: Path) -> None:
    key = cache.key("Processing", ARGUMENTS)
    cache.put(key, PROPERTIES)
    (tmp_path / "cache" / f"{key}.json").write_text("{")
    assert cache.find(key, math.inf) is None
