"""Arguments of steps against the requests that they become."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local_runner.definition.model import Step
from local_runner.definition.parsing import parse
from local_runner.definition.requests import (
    SHAPES,
    argument_faults,
    missing_arguments,
    unknown_property,
)
from local_runner.errors import DefinitionError
from tests.support.clean_room import DEFINITION, SCORE_DEFINITION
from tests.support.runner_samples import document, planned, processing
from validation import api_shapes


def step_of(kind: str, **arguments: Any) -> Step:
    step = {"Name": "A", "Type": kind, "Arguments": arguments}
    return parse(json.dumps(document(step))).steps[0]


def faults(kind: str, **arguments: Any) -> list[str]:
    return list(argument_faults(step_of(kind, **arguments)))


def test_shapes_are_those_of_the_installed_botocore() -> None:
    assert SHAPES.read_text() == api_shapes.document(), "python -m validation.api_shapes"


@pytest.mark.parametrize("path", [DEFINITION, SCORE_DEFINITION], ids=lambda path: path.stem)
def test_committed_definition_has_no_faults(path: Any) -> None:
    steps = parse(path.read_text()).all_steps()
    for step in steps:
        assert [*argument_faults(step), *missing_arguments(step)] == []


def test_unknown_argument_is_refused_in_the_plan_with_the_nearest_one() -> None:
    step = processing("Prepare")
    step["Arguments"]["ProcessingOutputs"] = step["Arguments"].pop("ProcessingOutputConfig")
    with pytest.raises(DefinitionError) as refusal:
        planned(document(step))
    assert str(refusal.value) == (
        "step Prepare: ProcessingOutputs: unknown argument; did you mean ProcessingInputs or "
        "ProcessingOutputConfig?"
    )


UNKNOWN: dict[str, tuple[str, dict[str, Any], str]] = {
    "in a list": (
        "Processing",
        {"ProcessingInputs": [{"InputName": "a", "S3Input": {"Uri": "s3://b"}}]},
        "ProcessingInputs[0].S3Input.Uri",
    ),
    "of another call": ("Training", {"ProcessingInputs": []}, "ProcessingInputs"),
    "of a container": ("Model", {"PrimaryContainer": {"ModelData": "s3://b"}}, "PrimaryContainer"),
    "of a transform": ("Transform", {"TransformOutput": {"S3Uri": "s3://b"}}, "TransformOutput"),
    "of a version": ("RegisterModel", {"ModelPackageGroup": "g"}, "ModelPackageGroup"),
    "text for an object": ("Processing", {"AppSpecification": "x"}, "AppSpecification"),
    "object for a list": ("Training", {"InputDataConfig": {}}, "InputDataConfig"),
    "list for a map": ("Processing", {"Environment": ["A=1"]}, "Environment"),
    "number for a text": ("Training", {"HyperParameters": {"eta": 0.1}}, "HyperParameters.eta"),
    "text for a number": ("Transform", {"MaxPayloadInMB": "6"}, "MaxPayloadInMB"),
    "boolean for a number": ("Transform", {"MaxPayloadInMB": True}, "MaxPayloadInMB"),
    "text for a boolean": (
        "Training",
        {"EnableNetworkIsolation": "false"},
        "EnableNetworkIsolation",
    ),
    "parameter for an object": (
        "Processing",
        {"AppSpecification": {"Get": "Parameters.Application"}},
        "AppSpecification",
    ),
    "joined text for a list": (
        "Processing",
        {"ProcessingInputs": {"Std:Join": {"On": "", "Values": []}}},
        "ProcessingInputs",
    ),
}


@pytest.mark.parametrize(("kind", "arguments", "where"), UNKNOWN.values(), ids=UNKNOWN)
def test_argument_that_the_service_refuses_is_named(
    kind: str, arguments: dict[str, Any], where: str
) -> None:
    [fault] = faults(kind, **arguments)
    assert fault.startswith(where)


@pytest.mark.parametrize(
    "expression",
    [
        {"Get": "Parameters.Value"},
        {"Get": "Steps.Other.Value"},
        {"Std:Join": {"On": "", "Values": ["a", {"Get": "Parameters.Value"}]}},
        {"Std:JsonGet": {"PropertyFile": {"Get": "Steps.A.PropertyFiles.F"}, "Path": "a"}},
    ],
    ids=["parameter", "property", "join", "property-file"],
)
def test_expression_may_have_any_value(expression: Any) -> None:
    arguments: dict[str, Any] = {
        "HyperParameters": {"eta": expression},
        "ResourceConfig": {"InstanceCount": expression, "InstanceType": expression},
    }
    assert faults("Training", **arguments) == []


def test_every_fault_of_a_step_is_named() -> None:
    assert len(faults("Transform", Model="m", MaxPayloadInMB="6")) == 2


def test_items_that_are_no_objects_have_no_names() -> None:
    step = step_of("Processing", ProcessingInputs=["x"])
    assert unknown_property(step, ["ProcessingInputs", "x", "InputName"]) is None


def test_missing_arguments_that_a_job_needs_are_named() -> None:
    channel: dict[str, Any] = {"DataSource": {"S3DataSource": {}}}
    step = step_of(
        "Training",
        AlgorithmSpecification={"TrainingImage": {"Get": "Parameters.Image"}},
        InputDataConfig=[channel, {"Get": "Parameters.Channel"}],
    )
    assert list(missing_arguments(step)) == [
        "OutputDataConfig is missing",
        "InputDataConfig[0].ChannelName is missing",
        "InputDataConfig[0].DataSource.S3DataSource.S3Uri is missing",
    ]


def test_arguments_without_a_meaning_on_this_machine_may_be_missing() -> None:
    assert list(missing_arguments(step_of("Processing", AppSpecification={"ImageUri": "x"}))) == []
