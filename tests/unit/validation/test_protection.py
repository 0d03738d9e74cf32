"""The security lint inside the definition: silent about ours, and not about any of these."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from pipeline_steps.render import render
from pipeline_steps.settings import PipelineSettings
from tests.support.clean_room import DEFINITION
from validation.definition import problems

KEY_ID = "AKIA" + "ABCDEFGH12345678"


def changed(step: str, path: str, value: Any) -> str:
    document = json.loads(DEFINITION.read_text(encoding="utf-8"))
    [target] = [item for item in document["Steps"] if item["Name"] == step]
    *way, last = path.split(".")
    for key in way:
        target = target[int(key)] if isinstance(target, list) else target[key]
    target[last] = value
    return json.dumps(document)


@pytest.mark.parametrize(
    ("step", "path", "value", "said"),
    [
        (
            *("Preprocess", "Arguments.NetworkConfig.EnableNetworkIsolation", False),
            "step Preprocess: must run in network isolation",
        ),
        (
            *("Train", "Arguments.EnableNetworkIsolation", False),
            "step Train: must run in network isolation",
        ),
        (
            *("CreateModel", "Arguments.EnableNetworkIsolation", False),
            "step CreateModel: must run in network isolation",
        ),
        (
            *("Train", "Arguments.AlgorithmSpecification.TrainingImage"),
            "1.dkr.ecr/sagemaker-xgboost:latest",
            "isn't pinned to a version",
        ),
        (
            *("Train", "Arguments.InputDataConfig.0.DataSource.S3DataSource.S3Uri"),
            "s3://bucket/*/train",
            "holds a wildcard",
        ),
        (
            *("Preprocess", "Arguments.Environment", {"KEY": KEY_ID}),
            "step Preprocess: KEY holds an access key",
        ),
    ],
    ids=["processing", "training", "model", "floating-image", "wildcard", "access-key"],
)
def test_what_a_security_review_would_find_is_found(
    step: str, path: str, value: Any, said: str
) -> None:
    assert any(said in problem for problem in problems(changed(step, path, value)))


@pytest.mark.parametrize("name", ["DatabasePassword", "ApiKey", "GitToken", "ClientSecret"])
def test_a_parameter_that_holds_a_secret_is_found(name: str) -> None:
    document = json.loads(DEFINITION.read_text(encoding="utf-8"))
    document["Parameters"].append({"Name": name, "Type": "String", "DefaultValue": "x"})
    assert any(f"parameter {name}" in problem for problem in problems(json.dumps(document)))


def test_download_may_reach_the_internet() -> None:
    assert problems(DEFINITION.read_text(encoding="utf-8")) == []


@cache
def encrypted() -> str:
    return render(PipelineSettings(customer_key=True))


ENCRYPTED = [
    ("Preprocess", "ProcessingResources.ClusterConfig.VolumeKmsKeyId"),
    ("Evaluate", "ProcessingOutputConfig.KmsKeyId"),
    ("Train", "ResourceConfig.VolumeKmsKeyId"),
    ("Train", "OutputDataConfig.KmsKeyId"),
    ("Transform", "TransformResources.VolumeKmsKeyId"),
    ("Transform", "TransformOutput.KmsKeyId"),
]


@pytest.mark.parametrize(("step", "path"), ENCRYPTED)
@pytest.mark.parametrize("value", [None, "alias/aws/s3", {"Get": "Parameters.CodeUri"}])
def test_a_job_that_does_not_use_the_definitions_key_is_found(
    step: str, path: str, value: Any
) -> None:
    document = json.loads(encrypted())
    assert problems(json.dumps(document)) == []
    [target] = [item["Arguments"] for item in document["Steps"] if item["Name"] == step]
    *way, last = path.split(".")
    for key in way:
        target = target[key]
    if value is None:
        del target[last]
    else:
        target[last] = value
    assert f"step {step}: {path} must be parameter KmsKeyArn" in problems(json.dumps(document))
