"""The step cache: which inputs a step has, and when its result may be reused."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from local_runner.definition.durations import seconds
from local_runner.definition.model import Step
from local_runner.execution.step_cache import CachedResult, StepCache
from local_runner.execution.step_inputs import step_inputs
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
STEP = Step(
    name="A",
    type="Processing",
    arguments=ARGUMENTS,
    display_name="A",
    description="",
    depends_on=(),
    cache_enabled=True,
    cache_seconds=math.inf,
    retry_policies=(),
    property_files=(),
)
PROPERTIES = {
    "ProcessingOutputConfig": ARGUMENTS["ProcessingOutputConfig"],
    "ProcessingJobName": "job",
}


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    put_object(tmp_path, "s3://b/in/part.csv", "1")
    put_object(tmp_path, "s3://b/out/part.csv", "2")
    return FolderStore(tmp_path / "s3")


@pytest.fixture
def cache(tmp_path: Path, store: FolderStore) -> StepCache:
    return StepCache(tmp_path / "cache", store)


def inputs(
    store: FolderStore, arguments: Any = ARGUMENTS, kind: str = "Processing"
) -> Mapping[str, Any]:
    """The inputs of a step with these arguments."""
    step = replace(STEP, type=kind, arguments=arguments)
    return step_inputs(step, None, lambda value: value, store.digest).values


def result(store: FolderStore, **fields: Any) -> CachedResult:
    return CachedResult("local-0001", inputs(store), PROPERTIES, **fields)


def changed(*path: str | int, value: Any) -> dict[str, Any]:
    arguments = copy.deepcopy(ARGUMENTS)
    target: Any = arguments
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    return arguments


def test_result_for_the_same_inputs_is_reused(cache: StepCache, store: FolderStore) -> None:
    cache.put(result(store))
    found = cache.find(inputs(store, copy.deepcopy(ARGUMENTS)), seconds("P30D"))
    assert found == result(store, stored=found.stored if found else 0.0)


def test_step_that_never_ran_has_no_result(cache: StepCache, store: FolderStore) -> None:
    assert cache.find(inputs(store), math.inf) is None


def test_result_for_other_inputs_is_not_reused(cache: StepCache, store: FolderStore) -> None:
    cache.put(result(store))
    other = inputs(store, changed("AppSpecification", "ImageUri", value="other"))
    assert cache.find(other, math.inf) is None


def test_changed_content_of_an_input_changes_the_inputs(store: FolderStore, tmp_path: Path) -> None:
    before = inputs(store)
    put_object(tmp_path, "s3://b/in/part.csv", "changed")
    assert inputs(store) != before


def test_uri_of_an_input_does_not_change_the_inputs(store: FolderStore, tmp_path: Path) -> None:
    put_object(tmp_path, "s3://b/elsewhere/part.csv", "1")
    moved = changed("ProcessingInputs", 0, "S3Input", "S3Uri", value="s3://b/elsewhere")
    assert inputs(store, moved) == inputs(store)


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
def test_arguments_without_effect_are_no_inputs(
    store: FolderStore, path: tuple[str | int, ...], value: Any
) -> None:
    assert inputs(store, changed(*path, value=value)) == inputs(store)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("AppSpecification", "ContainerArguments"), ["--size", "6"]),
        (("AppSpecification", "ImageUri"), f"{SKLEARN}-2"),
        (("ProcessingOutputConfig", "Outputs", 0, "OutputName"), "other"),
        (("Environment",), {"A": "1"}),
        (("Environment",), {"Tags": "1"}),
        (("ProcessingInputs", 0, "S3Input", "S3Uri"), "s3://b/missing"),
        (("ProcessingInputs",), []),
    ],
    ids=["argument", "image", "output-name", "environment", "variable", "input", "no-input"],
)
def test_arguments_with_effect_are_inputs(
    store: FolderStore, path: tuple[str | int, ...], value: Any
) -> None:
    assert inputs(store, changed(*path, value=value)) != inputs(store)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"A": {"B": "1"}}, {"A.B": "1"}),
        ({"A": ["1"]}, {"A": {"0": "1"}}),
        ({"A": {}}, {"A": []}),
        ({"A": {}}, {}),
        ({"A": [{"InputName": "x"}]}, {"A": {"x": {"InputName": "x"}}}),
        (
            {"A": [{"InputName": "x"}, {"InputName": "y"}]},
            {"A": [{"InputName": "y"}, {"InputName": "x"}]},
        ),
    ],
    ids=["dot", "list", "empty", "none", "named", "order"],
)
def test_different_arguments_are_never_the_same_inputs(
    store: FolderStore, one: Any, other: Any
) -> None:
    assert inputs(store, {"HyperParameters": one}) != inputs(store, {"HyperParameters": other})


def test_type_of_a_step_is_an_input(store: FolderStore) -> None:
    assert inputs(store) != inputs(store, kind="Training")


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
    cache: StepCache, store: FolderStore, expires_after: str | None, age_seconds: int, hit: bool
) -> None:
    cache.put(result(store, stored=time.time() - age_seconds))
    assert (cache.find(inputs(store), max_age(expires_after)) is not None) is hit


@pytest.mark.parametrize("expires_after", ["P1Y", "P2M", "P2W"])
def test_fresh_result_is_reused_with_a_duration_in_longer_units(
    cache: StepCache, store: FolderStore, expires_after: str
) -> None:
    cache.put(result(store))
    assert cache.find(inputs(store), max_age(expires_after)) is not None


def test_result_without_its_outputs_is_not_reused(
    cache: StepCache, store: FolderStore, tmp_path: Path
) -> None:
    cache.put(result(store))
    (tmp_path / "s3/b/out/part.csv").unlink()
    assert cache.find(inputs(store), math.inf) is None


def test_result_without_its_model_is_not_reused(cache: StepCache, tmp_path: Path) -> None:
    model = put_object(tmp_path, "s3://b/model.tar.gz", "m")
    properties = {"ModelArtifacts": {"S3ModelArtifacts": "s3://b/model.tar.gz"}}
    cache.put(CachedResult("local-0001", {"k": 1}, properties))
    assert cache.find({"k": 1}, math.inf) is not None
    model.unlink()
    assert cache.find({"k": 1}, math.inf) is None


@pytest.mark.parametrize("text", ["{", "{}", "[]", "null"])
def test_damaged_cache_file_is_a_miss(
    cache: StepCache, store: FolderStore, tmp_path: Path, text: str
) -> None:
    cache.put(result(store))
    [path] = (tmp_path / "cache").iterdir()
    path.write_text(text)
    assert cache.find(inputs(store), math.inf) is None
    assert list(cache.all()) == []
