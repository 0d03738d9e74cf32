"""Keys, networks and Spot: in every step that supports them, and only with their settings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from local_runner.run import prepare
from pipeline_steps.settings import PipelineSettings
from tests.support.deployed import DEPLOYED
from validation.definition import problems

SUBNETS = ("subnet-0123456789abcdef0", "subnet-0123456789abcdef1")
GROUPS = ("sg-0123456789abcdef0",)
SPOT = {"spot": True, "max_runtime_minutes": 45}
PROTECTED: dict[str, dict[str, Any]] = {
    "customer_key": {"customer_key": True},
    "vpc": {"subnets": SUBNETS, "security_groups": GROUPS},
    "encrypt_traffic": {"encrypt_traffic": True},
    "spot": SPOT,
}
PROTECTED["all"] = {
    key: value for settings in PROTECTED.values() for key, value in settings.items()
}
ON = {name: {name} for name in PROTECTED} | {"all": set(PROTECTED) - {"all"}}

KEY = {"Get": "Parameters.KmsKeyArn"}
PROCESSING = ("Download", "Preprocess", "Package", "Evaluate")
# Step -> where its request has keys, as paths.
KEYS = {
    **{
        name: {
            "ProcessingOutputConfig.KmsKeyId",
            "ProcessingResources.ClusterConfig.VolumeKmsKeyId",
        }
        for name in PROCESSING
    },
    "Train": {"OutputDataConfig.KmsKeyId", "ResourceConfig.VolumeKmsKeyId"},
    "Transform": {"TransformOutput.KmsKeyId", "TransformResources.VolumeKmsKeyId"},
}
KEY_ARN = {"KmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/mine"}


@cache
def _text(name: str) -> str:
    from pipeline_steps.render import render

    return render(PipelineSettings(**PROTECTED[name]))


def _definition(name: str) -> dict[str, Any]:
    definition: dict[str, Any] = json.loads(_text(name))
    return definition


def _steps(definition: dict[str, Any]) -> dict[str, dict[str, Any]]:
    gate = definition["Steps"][-1]["Arguments"]
    return {
        step["Name"]: step for step in (*definition["Steps"], *gate["IfSteps"], *gate["ElseSteps"])
    }


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value that isn't an object or list with its path; references count as values."""
    items: Any = ()
    if isinstance(value, dict) and set(value) != {"Get"}:
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    else:
        yield path, value
    for key, item in items:
        yield from _leaves(item, f"{path}.{key}".removeprefix("."))


def _key_paths(step: dict[str, Any]) -> set[str]:
    return {path for path, value in _leaves(step["Arguments"]) if value == KEY}


def _network(step: dict[str, Any]) -> dict[str, Any]:
    """Return the part of a request that configures its network."""
    arguments: dict[str, Any] = step["Arguments"]
    if step["Type"] == "Processing":
        return dict(arguments["NetworkConfig"])
    return arguments


@pytest.fixture(params=PROTECTED)
def name(request: pytest.FixtureRequest) -> str:
    """Each protection alone, and all of them."""
    return str(request.param)


# --- whole definitions ---


def test_protected_definition_is_valid(name: str) -> None:
    assert problems(_text(name)) == []


def test_protected_definition_can_be_planned(name: str) -> None:
    key = KEY_ARN if "customer_key" in ON[name] else {}
    plan = prepare(_text(name), given={}, deployed=DEPLOYED | key)
    assert [planned.step.name for planned in plan.steps][:3] == ["Download", "Preprocess", "Train"]


def test_protection_keeps_all_steps_in_order(name: str, committed: dict[str, Any]) -> None:
    assert list(_steps(_definition(name))) == list(_steps(committed))


def test_protected_definition_has_no_null_values(name: str) -> None:
    empty = [path for path, value in _leaves(_definition(name)) if value is None]
    assert empty == []


ATTRIBUTES = {
    "customer_key": ("Parameters.", "KmsKeyId"),
    "vpc": ("VpcConfig",),
    "encrypt_traffic": ("EnableInterContainerTrafficEncryption",),
    "spot": ("EnableManagedSpotTraining", "StoppingCondition"),
}


@pytest.mark.parametrize("protection", ATTRIBUTES)
def test_protection_changes_only_its_own_attributes(
    protection: str, committed: dict[str, Any]
) -> None:
    before, after = dict(_leaves(committed)), dict(_leaves(_definition(protection)))
    changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    assert changed
    assert [
        path for path in changed if not any(place in path for place in ATTRIBUTES[protection])
    ] == []


# --- customer_key ---


@pytest.mark.parametrize("step", KEYS)
@pytest.mark.parametrize("name", ["customer_key", "all"])
def test_every_job_encrypts_volume_and_outputs_with_the_key(name: str, step: str) -> None:
    assert _key_paths(_steps(_definition(name))[step]) == KEYS[step]


def test_only_steps_that_run_jobs_have_a_key() -> None:
    steps = _steps(_definition("all"))
    assert {step for step, value in steps.items() if _key_paths(value)} == set(KEYS)


def test_key_is_a_parameter_without_default() -> None:
    for name in ("customer_key", "all"):
        [parameter] = [
            item for item in _definition(name)["Parameters"] if item["Name"] == "KmsKeyArn"
        ]
        assert parameter == {"Name": "KmsKeyArn", "Type": "String"}


def test_key_appears_only_with_customer_key(name: str) -> None:
    assert ("Kms" in _text(name)) is ("customer_key" in ON[name])


# --- subnets, security_groups ---


@pytest.mark.parametrize("name", ["vpc", "all"])
@pytest.mark.parametrize("step", [*PROCESSING, "Train", "CreateModel"])
def test_every_job_and_the_model_are_in_the_vpc(name: str, step: str) -> None:
    assert _network(_steps(_definition(name))[step])["VpcConfig"] == {
        "SecurityGroupIds": list(GROUPS),
        "Subnets": list(SUBNETS),
    }


def test_vpc_appears_only_with_its_settings(name: str) -> None:
    for trace in ("VpcConfig", "subnet-", "sg-"):
        assert (trace in _text(name)) is ("vpc" in ON[name])


def test_protection_keeps_network_isolation(name: str) -> None:
    steps = _steps(_definition(name))
    isolated = {
        step: _network(steps[step])["EnableNetworkIsolation"]
        for step in (*PROCESSING, "Train", "CreateModel")
    }
    assert isolated == {**dict.fromkeys(isolated, True), "Download": False}


# --- encrypt_traffic ---


def test_encrypt_traffic_applies_to_every_job_with_several_instances(name: str) -> None:
    steps = _steps(_definition(name))
    encrypted = {
        step
        for step in steps
        if any("InterContainerTraffic" in path for path, _ in _leaves(steps[step]["Arguments"]))
    }
    assert encrypted == ({*PROCESSING, "Train"} if "encrypt_traffic" in ON[name] else set())
    for step in encrypted:
        assert _network(steps[step])["EnableInterContainerTrafficEncryption"] is True


# --- spot ---


@pytest.mark.parametrize("name", ["spot", "all"])
def test_spot_training_waits_as_long_as_algorithms_without_checkpoints_may(name: str) -> None:
    train = _steps(_definition(name))["Train"]["Arguments"]
    assert train["EnableManagedSpotTraining"] is True
    assert train["StoppingCondition"] == {
        "MaxRuntimeInSeconds": 45 * 60,
        "MaxWaitTimeInSeconds": 3600,
    }


def test_same_steps_are_cached_with_and_without_spot(name: str) -> None:
    cached = {step for step, value in _steps(_definition(name)).items() if "CacheConfig" in value}
    assert cached == {"Download", "Preprocess", "Train", "Package"}


def test_training_has_no_checkpoints_which_the_image_would_not_read(name: str) -> None:
    assert "Checkpoint" not in _text(name)


def test_spot_appears_only_with_its_setting(name: str) -> None:
    for trace in ("Spot", "MaxWait"):
        assert (trace in _text(name)) is ("spot" in ON[name])


def test_only_train_uses_spot() -> None:
    steps = _steps(_definition("all"))
    assert {step for step, value in steps.items() if "Spot" in json.dumps(value)} == {"Train"}
