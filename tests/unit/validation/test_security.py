"""Security checks of a definition."""

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
    ("step", "path", "value", "expected"),
    [
        (
            *("Preprocess", "Arguments.NetworkConfig.EnableNetworkIsolation", False),
            "step Preprocess: ",
        ),
        (
            *("Train", "Arguments.EnableNetworkIsolation", False),
            "step Train: ",
        ),
        (
            *("CreateModel", "Arguments.EnableNetworkIsolation", False),
            "step CreateModel: ",
        ),
        (
            *("Train", "Arguments.AlgorithmSpecification.TrainingImage"),
            "1.dkr.ecr/sagemaker-xgboost:latest",
            "sagemaker-xgboost:latest",
        ),
        (
            *("Train", "Arguments.InputDataConfig.0.DataSource.S3DataSource.S3Uri"),
            "s3://bucket/*/train",
            "s3://bucket/*/train",
        ),
        (
            *("Preprocess", "Arguments.Environment", {"KEY": KEY_ID}),
            "step Preprocess: KEY ",
        ),
    ],
    ids=["processing", "training", "model", "floating-image", "wildcard", "access-key"],
)
def test_insecure_value_is_found(step: str, path: str, value: Any, expected: str) -> None:
    assert any(expected in problem for problem in problems(changed(step, path, value)))


@pytest.mark.parametrize("name", ["DatabasePassword", "ApiKey", "GitToken", "ClientSecret"])
def test_secret_parameter_is_found(name: str) -> None:
    document = json.loads(DEFINITION.read_text(encoding="utf-8"))
    document["Parameters"].append({"Name": name, "Type": "String", "DefaultValue": "x"})
    assert any(f"parameter {name}" in problem for problem in problems(json.dumps(document)))


def test_only_the_given_steps_may_have_a_network() -> None:
    text = DEFINITION.read_text(encoding="utf-8")
    assert problems(text, network_steps=["Download"]) == []
    [problem] = problems(text, network_steps=[])
    assert problem.startswith("step Download: ")


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
def test_job_without_the_key_of_the_definition_is_found(step: str, path: str, value: Any) -> None:
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
