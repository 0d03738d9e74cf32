"""The plan: order, dependencies, parameters, and refusals before anything runs."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from local_runner.definition.parsing import parse
from local_runner.errors import DefinitionError, ParameterError
from local_runner.plan import make_plan
from local_runner.refusals import notes
from local_runner.run import prepare
from tests.support.runner_samples import (
    Document,
    compare,
    condition,
    document,
    fail,
    output_of,
    parameter,
    planned,
    processing,
)

REPORT = [{"PropertyFileName": "Report", "OutputName": "report", "FilePath": "report.json"}]


def json_get(step: str, path: str = "accuracy") -> Document:
    file = {"Get": f"Steps.{step}.PropertyFiles.Report"}
    return {"Std:JsonGet": {"PropertyFile": file, "Path": path}}


def order(*steps: Document) -> list[str]:
    return [step.step.name for step in planned(document(*steps)).steps]


def dependencies(*steps: Document) -> dict[str, tuple[str, ...]]:
    return {step.step.name: step.depends_on for step in planned(document(*steps)).steps}


def test_steps_without_dependencies_keep_the_order_of_the_document() -> None:
    assert order(processing("B"), processing("A"), processing("C")) == ["B", "A", "C"]


def test_step_runs_after_the_one_whose_output_it_reads() -> None:
    steps = (
        processing("Second", {"x": output_of("First", "out")}),
        processing("First", outputs={"out": "s3://b/out"}),
    )
    assert order(*steps) == ["First", "Second"]
    assert dependencies(*steps) == {"First": (), "Second": ("First",)}


def test_depends_on_orders_steps_that_share_no_data() -> None:
    assert order(processing("A", DependsOn=["B"]), processing("B")) == ["B", "A"]


def test_property_file_is_a_dependency() -> None:
    steps = (
        condition("Gate", compare("GreaterThan", json_get("Evaluate"), 0.5)),
        processing("Evaluate", outputs={"report": "s3://b/r"}, PropertyFiles=REPORT),
    )
    assert dependencies(*steps) == {"Evaluate": (), "Gate": ("Evaluate",)}


def test_step_of_a_branch_waits_for_every_condition_around_it() -> None:
    inner = condition(
        "Inner",
        compare("Equals", 1, 1),
        if_steps=(processing("Deep", {"x": output_of("First", "out")}),),
        else_steps=(fail("Stop"),),
    )
    steps = (
        condition("Outer", compare("Equals", 1, 1), if_steps=(inner,)),
        processing("First", outputs={"out": "s3://b/out"}),
    )
    assert dependencies(*steps) == {
        "Outer": (),
        "First": (),
        "Inner": ("Outer",),
        "Deep": ("First", "Inner"),
        "Stop": ("Inner",),
    }
    branches = {step.step.name: step.branch for step in planned(document(*steps)).steps}
    assert branches == {
        "Outer": None,
        "First": None,
        "Inner": ("Outer", True),
        "Deep": ("Inner", True),
        "Stop": ("Inner", False),
    }


def test_cycle_of_steps_is_named_in_its_order() -> None:
    steps = (
        processing("A", DependsOn=["C"]),
        processing("B", DependsOn=["A"]),
        processing("C", DependsOn=["B"]),
    )
    with pytest.raises(DefinitionError) as refusal:
        planned(document(*steps))
    message = str(refusal.value)
    assert message.startswith("the steps depend on each other in a cycle: ")
    cycle = message.rsplit(": ", 1)[1].split(" -> ")
    assert len(cycle) == 4
    assert cycle[0] == cycle[-1]
    # Each step is followed by one that it waits for, or each by one that waits for it.
    assert "".join(cycle) in {"ACBA", "CBAC", "BACB", "ABCA", "BCAB", "CABC"}


REFUSED = {
    "unknown parameter": (
        (processing("A", program=({"Get": "Parameters.Nope"},)),),
        "step A: refers to Parameters.Nope, which doesn't exist",
    ),
    "unknown step": (
        (processing("A", {"x": output_of("Nope", "out")}),),
        "step A: refers to Steps.Nope, which doesn't exist",
    ),
    "unknown execution variable": (
        (processing("A", program=({"Get": "Execution.Owner"},)),),
        "step A: refers to Execution.Owner, which doesn't exist",
    ),
    "job name of another type": (
        (processing("A", program=({"Get": "Execution.TrainingJobName"},)),),
        "step A: refers to Execution.TrainingJobName, which only a Training step has",
    ),
    "unknown property file": (
        (processing("E"), condition("Gate", compare("Equals", json_get("E"), 1))),
        "step Gate: E has no property file 'Report'",
    ),
    "unknown dependency": (
        (processing("A", DependsOn=["Nope"]),),
        "step A: depends on 'Nope', which isn't a step",
    ),
    "a step of its own": (
        (processing("A", DependsOn=["A"]),),
        "the steps depend on each other in a cycle: A -> A",
    ),
    "the same name twice": (
        (processing("A"), condition("Gate", if_steps=(fail("A"),))),
        "step A is defined twice; step names must be unique",
    ),
    "unknown function": (
        (processing("A", program=({"Std:Lower": "X"},)),),
        "step A: unknown function 'Std:Lower'; use one of Get, Std:Join, Std:JsonGet",
    ),
    "reference inside a branch": (
        (condition("Gate", else_steps=(fail("Stop", {"Get": "Parameters.Nope"}),)),),
        "step Stop: refers to Parameters.Nope, which doesn't exist",
    ),
}


@pytest.mark.parametrize(("steps", "message"), REFUSED.values(), ids=REFUSED)
def test_invalid_reference_is_refused_before_anything_runs(
    steps: tuple[Document, ...], message: str
) -> None:
    with pytest.raises(DefinitionError) as refusal:
        planned(document(*steps))
    assert str(refusal.value) == message


def test_image_that_is_not_emulated_is_refused_before_anything_runs() -> None:
    step = processing("A")
    step["Arguments"]["AppSpecification"]["ImageUri"] = "1.dkr.ecr/sagemaker-pytorch:2"
    message = (
        "step A: local runs have no emulation of the image '1.dkr.ecr/sagemaker-pytorch:2'; use "
        "one of sagemaker-scikit-learn, sagemaker-spark-processing, sagemaker-xgboost, or run the "
        "step on AWS"
    )
    with pytest.raises(DefinitionError, match=f"^{re.escape(message)}$"):
        planned(document(condition("Gate", if_steps=(step,))))


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("String", "", ""),
        ("String", "5", "5"),
        ("Integer", "5", 5),
        ("Integer", "-3", -3),
        ("Float", "5", 5.0),
        ("Float", "1e-3", 0.001),
        ("Boolean", "true", True),
        ("Boolean", "False", False),
    ],
)
def test_given_value_gets_its_parameters_type(kind: str, text: str, value: Any) -> None:
    parameters = planned(document(parameters=(parameter("P", kind),)), P=text).parameters
    assert parameters == {"P": value}
    assert type(parameters["P"]) is type(value)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("Integer", "1.5"),
        ("Integer", "2.0"),
        ("Integer", "many"),
        ("Integer", ""),
        ("Integer", "true"),
        ("Float", "half"),
        ("Boolean", "yes"),
        ("Boolean", "1"),
        ("Boolean", ""),
    ],
)
def test_value_of_the_wrong_type_is_refused(kind: str, text: str) -> None:
    with pytest.raises(ParameterError) as refusal:
        planned(document(parameters=(parameter("P", kind),)), P=text)
    assert str(refusal.value) == f"parameter P must be of type {kind}, got {text!r}"


@pytest.mark.parametrize(
    ("kind", "default"),
    [
        ("Integer", True),
        ("Float", False),
        ("String", True),
        ("Boolean", 1),
        ("Integer", [1]),
        ("Integer", "x"),
        ("Integer", 1.5),
        ("Integer", float("inf")),
        ("String", 5),
        ("String", {"a": 1}),
    ],
)
def test_default_of_the_wrong_type_is_refused(kind: str, default: Any) -> None:
    with pytest.raises(DefinitionError) as refusal:
        planned(document(parameters=(parameter("P", kind, DefaultValue=default),)))
    assert str(refusal.value) == f"parameter P: the default {default!r} isn't of type {kind}"


@pytest.mark.parametrize("text", ["nan", "inf", "-Infinity"])
def test_number_that_is_not_finite_is_refused(text: str) -> None:
    with pytest.raises(ParameterError, match="P"):
        planned(document(parameters=(parameter("P", "Float"),)), P=text)


def test_parameter_that_is_defined_twice_is_refused() -> None:
    twice = (parameter("P", DefaultValue="a"), parameter("P", DefaultValue="b"))
    with pytest.raises(DefinitionError, match="P"):
        planned(document(parameters=twice))


@pytest.mark.parametrize("path", ["Parameters.P.length", "Execution.PipelineName[0]"])
def test_parameter_has_no_properties(path: str) -> None:
    step = processing("A", program=({"Get": path},))
    with pytest.raises(DefinitionError, match="A"):
        planned(document(step, parameters=(parameter("P", DefaultValue="x"),)))


def test_value_outside_the_enumeration_is_refused() -> None:
    definition = document(parameters=(parameter("P", EnumValues=["a", "b"], DefaultValue="a"),))
    assert planned(definition, P="b").parameters == {"P": "b"}
    with pytest.raises(ParameterError) as refusal:
        planned(definition, P="c")
    assert str(refusal.value) == "parameter P must be one of a, b, got 'c'"


def test_parameter_without_default_must_be_given() -> None:
    with pytest.raises(ParameterError) as refusal:
        planned(document(parameters=(parameter("P"),)))
    assert str(refusal.value) == "parameter P has no default; give it a value"


@pytest.mark.parametrize(
    ("given", "mention"),
    [
        ("MaxDept", "did you mean MaxDepth?"),
        ("max_depth", "did you mean MaxDepth?"),
        ("ETA", "did you mean Eta?"),
    ],
)
def test_unknown_parameter_is_refused_with_the_nearest_one(given: str, mention: str) -> None:
    known = tuple(parameter(name, DefaultValue="a") for name in ("Eta", "Gamma", "MaxDepth"))
    with pytest.raises(ParameterError) as refusal:
        planned(document(parameters=known), **{given: "1"})
    assert repr(given) in str(refusal.value)
    assert mention in str(refusal.value)
    assert "Gamma" not in str(refusal.value)


def test_unknown_parameter_without_a_near_one_is_refused_with_those_that_exist() -> None:
    known = tuple(parameter(name, DefaultValue="a") for name in ("Eta", "Gamma"))
    with pytest.raises(ParameterError, match="Eta, Gamma"):
        planned(document(parameters=known), Nothing="1")


def test_users_value_overrides_the_deployments_which_overrides_the_default() -> None:
    definition = parse(
        json.dumps(
            document(parameters=tuple(parameter(name, DefaultValue="default") for name in "PQR"))
        )
    )
    parameters = make_plan(
        definition,
        given={"P": "given"},
        deployed={"P": "deployed", "Q": "deployed", "Unknown": "ignored"},
    ).parameters
    assert parameters == {"P": "given", "Q": "deployed", "R": "default"}


@pytest.mark.parametrize(
    "arguments",
    [{"AppSpecification": "x"}, {"AlgorithmSpecification": 5}, {"PrimaryContainer": []}],
    ids=["text", "number", "array"],
)
def test_malformed_image_specification_is_refused_without_a_traceback(arguments: Any) -> None:
    step = {"Name": "A", "Type": "Processing", "Arguments": arguments}
    with pytest.raises(DefinitionError, match="A"):
        prepare(json.dumps(document(step)), {}, {})


def test_image_in_a_parameter_is_checked_before_anything_runs() -> None:
    step = processing("A")
    step["Arguments"]["AppSpecification"]["ImageUri"] = {"Get": "Parameters.Image"}
    with pytest.raises(DefinitionError, match="a/pytorch:2"):
        planned(document(step, parameters=(parameter("Image", DefaultValue="a/pytorch:2"),)))


def test_other_major_version_of_an_image_is_noted_with_its_step() -> None:
    step = processing("A")
    step["Arguments"]["AppSpecification"]["ImageUri"] = "1.dkr.ecr/sagemaker-xgboost:1.0-1"
    (note,) = notes(planned(document(step)))
    assert note.startswith("step A: sagemaker-xgboost:1.0-1 ")


def test_program_that_is_not_on_this_machine_is_refused_with_its_step() -> None:
    step = processing("A")
    step["Arguments"]["AppSpecification"]["ContainerEntrypoint"] = ["no-such-program"]
    with pytest.raises(DefinitionError, match=r"^step A: .*no-such-program"):
        planned(document(step))


def test_training_in_an_image_without_training_is_refused() -> None:
    specification = {"TrainingImage": "1.dkr.ecr/sagemaker-scikit-learn:1.4-2"}
    step = {
        "Name": "A",
        "Type": "Training",
        "Arguments": {"AlgorithmSpecification": specification},
    }
    with pytest.raises(DefinitionError, match=r"^step A: .*train"):
        planned(document(step))


@pytest.mark.parametrize(
    "path",
    [
        "Job",
        "ProcessingJobStatus.Value",
        "ProcessingOutputConfig.Outputs['rows'].S3Output.S3Uri",
        "ProcessingOutputConfig.Outputs['train'].Uri",
        "ModelArtifacts.S3ModelArtifacts",
        "ProcessingOutputs['train']",
    ],
)
def test_reference_to_an_unknown_property_is_refused_before_anything_runs(path: str) -> None:
    first = processing("A", outputs={"train": "s3://b/train"})
    second = processing("B", inputs={"x": {"Get": f"Steps.A.{path}"}})
    with pytest.raises(DefinitionError, match=r"^step B: A has no property '"):
        planned(document(first, second))


@pytest.mark.parametrize(
    "path",
    [
        "ProcessingJobStatus",
        "CreationTime",
        "Environment.Anything",
        "ProcessingOutputConfig.Outputs['train'].S3Output.S3Uri",
        "ProcessingOutputConfig.Outputs[0].OutputName",
        "ProcessingInputs['data'].S3Input.LocalPath",
    ],
)
def test_reference_to_a_property_of_the_description_is_planned(path: str) -> None:
    first = processing("A", inputs={"data": "s3://b/data"}, outputs={"train": "s3://b/train"})
    second = processing("B", inputs={"x": {"Get": f"Steps.A.{path}"}})
    assert [it.step.name for it in planned(document(first, second)).steps] == ["A", "B"]
