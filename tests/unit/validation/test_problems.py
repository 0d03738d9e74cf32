"""The validator accepts the committed definition and finds each of its mutations."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.clean_room import DEFINITION, ROOT
from validation.definition import problems

GONE, APPENDED = object(), "+"

PREPROCESS_ARGUMENTS = "Arguments.AppSpecification.ContainerArguments"
DOWNLOAD_IMAGE = "Arguments.AppSpecification.ImageUri"
CHANNEL = "Arguments.InputDataConfig.0"
FIRST_OUTPUT = "Arguments.ProcessingOutputConfig.Outputs.0"
GATE_LEFT = "Arguments.Conditions.0.LeftValue.Std:JsonGet"
EXECUTION_ID = {"Get": "Execution.PipelineExecutionId"}
SEED_AS_TEXT = {"Std:Join": {"On": "", "Values": [{"Get": "Parameters.Seed"}]}}

# (owner, path, new value, text in the problem). The owner is a step or a parameter.
STRUCTURE = {
    "unresolved-parameter": (
        *("Preprocess", f"{PREPROCESS_ARGUMENTS}.+", {"Get": "Parameters.Nope"}),
        "refers to Parameters.Nope, which doesn't exist",
    ),
    "unresolved-step": (
        *("Train", f"{CHANNEL}.DataSource.S3DataSource.S3Uri", {"Get": "Steps.Nope.Uri"}),
        "refers to Steps.Nope, which doesn't exist",
    ),
    "unresolved-execution-variable": (
        *("Train", "Arguments.OutputDataConfig.S3OutputPath", {"Get": "Execution.Nope"}),
        "refers to Execution.Nope",
    ),
    "cycle": ("Download", "DependsOn", ["Evaluate"], "cycle"),
    "dependency-on-no-step": ("Download", "DependsOn", ["Nope"], "'Nope', which isn't a step"),
    "illegal-step-name": ("QualityGate", "Name", "Quality Gate", "the name must be"),
    "step-name-too-long": ("QualityGate", "Name", "Q" * 65, "the name must be"),
    "duplicate-step-name": ("Reject", "Name", "RegisterModel", "defined twice"),
    "unknown-key-of-step": ("Train", "Retries", 3, "unknown key 'Retries'"),
    "unknown-key-of-parameter": ("Seed", "Minimum", 0, "unknown key 'Minimum'"),
    "unknown-step-type": ("Train", "Type", "Lambdas", "'Lambdas'"),
    "unknown-condition": ("QualityGate", "Arguments.Conditions.0.Type", "AtLeast", "'AtLeast'"),
    "json-get-of-unknown-property-file": (
        "QualityGate",
        f"{GATE_LEFT}.PropertyFile",
        {"Get": "Steps.Evaluate.PropertyFiles.Nope"},
        "Evaluate has no property file 'Nope'",
    ),
    "parameter-default-of-wrong-type": ("NumRound", "DefaultValue", "many", "of type Integer"),
    "parameter-default-outside-its-values": ("FeatureFormat", "DefaultValue", "tsv", "one of"),
    "display-name-with-spaces": ("Train", "DisplayName", "Train it", "display name"),
    "display-name-too-long": ("Train", "DisplayName", "x" * 65, "display name"),
    "description-too-long": ("Train", "Description", "x" * 4_097, "description is longer"),
}
REQUESTS = {
    "missing-role": ("Train", "Arguments.RoleArn", GONE, '"RoleArn"'),
    "missing-image": ("Download", DOWNLOAD_IMAGE, GONE, "ImageUri is missing"),
    "empty-image-of-job": ("Download", DOWNLOAD_IMAGE, "", "image ''"),
    "empty-image-of-registered-model": (
        *("RegisterModel", "Arguments.InferenceSpecification.Containers.0.Image", ""),
        "Image is empty",
    ),
    "unknown-argument": ("Train", "Arguments.Colour", "red", "Colour"),
    "argument-of-wrong-type": (
        *("Train", "Arguments.ResourceConfig.VolumeSizeInGB", "30"),
        "VolumeSizeInGB",
    ),
    "integer-parameter-as-container-argument": (
        *("Preprocess", f"{PREPROCESS_ARGUMENTS}.+", {"Get": "Parameters.Seed"}),
        "parameter Seed",
    ),
    "integer-parameter-as-hyperparameter": (
        *("Train", "Arguments.HyperParameters.seed", {"Get": "Parameters.Seed"}),
        "parameter Seed",
    ),
    "string-parameter-as-count": (
        *("Train", "Arguments.ResourceConfig.InstanceCount", {"Get": "Parameters.EvalMetric"}),
        "parameter EvalMetric",
    ),
    "joined-text-as-count": (
        *("Train", "Arguments.ResourceConfig.InstanceCount", SEED_AS_TEXT),
        "Std:Join",
    ),
    "unknown-split-type": (
        *("Transform", "Arguments.TransformInput.SplitType", "Lines"),
        "'Lines'",
    ),
    "unknown-instance-type-as-default": (
        *("TrainingInstanceType", "DefaultValue", "ml.m5.larg"),
        "'ml.m5.larg'",
    ),
    "more-in-flight-than-transform-takes": (
        *("Transform", "Arguments.MaxConcurrentTransforms", 17),
        "got 102",
    ),
}
ALGORITHM = {
    "hyperparameter-as-number": (
        *("Train", "Arguments.HyperParameters.max_depth", 5),
        "HyperParameters.max_depth must be a string, got 5",
    ),
    "hyperparameter-that-image-refuses": (
        *("Train", "Arguments.HyperParameters.silent", "0"),
        "Extraneous hyperparameter found: silent",
    ),
    "hyperparameter-out-of-range": (
        *("Train", "Arguments.HyperParameters.subsample", "1.5"),
        "subsample: 1.5 is not in",
    ),
    "hyperparameter-out-of-range-by-parameters-default": (
        *("Subsample", "DefaultValue", 1.5),
        "subsample: 1.5 is not in",
    ),
    "hyperparameter-missing": (
        *("Train", "Arguments.HyperParameters.num_round", GONE),
        "Missing required hyperparameter: num_round",
    ),
    "unknown-channel": ("Train", f"{CHANNEL}.ChannelName", "test", "channel"),
    "content-type-with-option": (
        *("Train", f"{CHANNEL}.ContentType", "text/csv;label_size=1"),
        "'train' channel is not supported",
    ),
    "scored-in-another-format-than-trained": (
        *("Transform", "Arguments.TransformInput.ContentType", "text/csv"),
        "content types differ",
    ),
}
WIRING = {
    "property-file-that-names-no-output": (
        *("Evaluate", "PropertyFiles.0.OutputName", "nope"),
        "EvaluationReport",
    ),
    "no-step-for-a-bad-model": ("QualityGate", "Arguments.ElseSteps", [], "ElseSteps"),
    "processing-without-time-limit": (
        *("Preprocess", "Arguments.StoppingCondition", GONE),
        "no StoppingCondition",
    ),
    "training-without-time-limit": (
        *("Train", "Arguments.StoppingCondition", GONE),
        "StoppingCondition",
    ),
    "no-retries-of-download": ("Download", "RetryPolicies", GONE, "no retry policy"),
    "no-retries-of-model": ("CreateModel", "RetryPolicies", [], "no retry policy"),
    "no-retries-inside-gate": ("RegisterModel", "RetryPolicies", GONE, "no retry policy"),
    "execution-id-in-argument-of-cached-step": (
        *("Preprocess", f"{PREPROCESS_ARGUMENTS}.+", EXECUTION_ID),
        "execution ID",
    ),
    "execution-id-in-environment-of-cached-step": (
        *("Preprocess", "Arguments.Environment", {"ID": EXECUTION_ID}),
        "execution ID",
    ),
    "processing-output-without-execution-id": (
        *("Preprocess", f"{FIRST_OUTPUT}.S3Output.S3Uri", {"Get": "Parameters.ArtifactsUri"}),
        "overwrites older outputs",
    ),
    "model-without-execution-id": (
        *("Train", "Arguments.OutputDataConfig.S3OutputPath", "s3://bucket/model"),
        "overwrites older outputs",
    ),
    "predictions-without-execution-id": (
        *("Transform", "Arguments.TransformOutput.S3OutputPath", "s3://bucket/out"),
        "overwrites older outputs",
    ),
}
# Problems without the name of the step.
UNNAMED = {
    "unknown-root": ("Train", "Arguments.RoleArn", {"Get": "Step.Nope"}, "Step.Nope"),
    "unknown-function": (
        *("Preprocess", f"{PREPROCESS_ARGUMENTS}.+", {"Std:Upper": "x"}),
        "'Std:Upper'",
    ),
}
# Problems that AWS reports only during an execution.
RUN_TIME = {
    "unknown-output-of-a-step": (
        "Train",
        f"{CHANNEL}.DataSource.S3DataSource.S3Uri",
        {"Get": "Steps.Preprocess.ProcessingOutputConfig.Outputs['trian'].S3Output.S3Uri"},
        "trian",
    ),
    "unknown-exception-of-retry-policy": (
        *("Train", "RetryPolicies.0.ExceptionType", ["Step.SERVICE_FALT"]),
        "Step.SERVICE_FALT",
    ),
    "cache-time-not-as-iso-8601": ("Train", "CacheConfig.ExpireAfter", "30 days", "30 days"),
    "gate-without-condition": ("QualityGate", "Arguments.Conditions", [], "ondition"),
    "rejection-without-message": ("Reject", "Arguments", {}, "ErrorMessage"),
    "join-without-separator": (
        *("Reject", "Arguments.ErrorMessage.Std:Join.On", GONE),
        "Std:Join",
    ),
    "json-get-without-path": ("QualityGate", f"{GATE_LEFT}.Path", GONE, "Std:JsonGet"),
    "comparison-without-left-value": (
        *("QualityGate", "Arguments.Conditions.0.LeftValue", GONE),
        "LeftValue",
    ),
}
# Missing keys: problems that name the step, no KeyError or TypeError.
MISSING_KEYS = {
    "training-without-channels": ("Train", "Arguments.InputDataConfig", GONE, "train"),
    "transform-without-input": ("Transform", "Arguments.TransformInput", GONE, "TransformInput"),
    "channel-without-name": ("Train", f"{CHANNEL}.ChannelName", GONE, "ChannelName"),
    "output-without-name": ("Download", f"{FIRST_OUTPUT}.OutputName", GONE, "OutputName"),
    "output-without-place": ("Download", f"{FIRST_OUTPUT}.S3Output.S3Uri", GONE, "S3Uri"),
    "property-file-without-path": ("Evaluate", "PropertyFiles.0.FilePath", GONE, "FilePath"),
    "concurrency-as-parameter": (
        *("Transform", "Arguments.MaxConcurrentTransforms", {"Get": "Parameters.MaxDepth"}),
        "MaxConcurrentTransforms",
    ),
}


def _cases(table: dict[str, tuple[str, str, Any, str]], *marks: Any) -> list[Any]:
    return [pytest.param(*case, id=name, marks=marks) for name, case in table.items()]


def _edit(owner: Any, path: str, value: Any) -> None:
    """Set ``value`` at the dotted path; delete for GONE, append for ``+``."""
    *way, last = (int(key) if key.isdigit() else key for key in path.split("."))
    for key in way:
        owner = owner[key]
    if value is GONE:
        del owner[last]
    elif last == APPENDED:
        owner.append(value)
    else:
        owner[last] = value


def test_committed_definition_has_no_problem() -> None:
    assert problems(DEFINITION.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("whose", "where", "value", "matter"),
    [
        *_cases(STRUCTURE),
        *_cases(REQUESTS),
        *_cases(ALGORITHM),
        *_cases(WIRING),
        *_cases(UNNAMED),
        *_cases(RUN_TIME),
        *_cases(MISSING_KEYS),
    ],
)
def test_mutation_is_found(
    committed: dict[str, Any],
    steps: dict[str, Any],
    whose: str,
    where: str,
    value: Any,
    matter: str,
) -> None:
    owners = {item["Name"]: item for item in committed["Parameters"]} | steps
    _edit(owners[whose], where, value)

    found = problems(json.dumps(committed))

    assert [problem for problem in found if matter in problem], found
    if whose in steps and where != "DependsOn":
        name = steps[whose]["Name"]
        assert any(name in problem for problem in found if matter in problem), found


@pytest.mark.parametrize(
    ("change", "matter"),
    [
        pytest.param({"Version": "2019-01-01"}, "'2019-01-01'", id="other-version"),
        pytest.param({"Stages": []}, "unknown key 'Stages'", id="unknown-key"),
        pytest.param({"Steps": {}}, "Steps must be a JSON array", id="steps-no-array"),
    ],
)
def test_invalid_definition_is_found(
    committed: dict[str, Any], change: dict[str, Any], matter: str
) -> None:
    [problem] = problems(json.dumps(committed | change))
    assert matter in problem


def test_invalid_json_is_found_with_its_line() -> None:
    [problem] = problems('{\n "Version": ,\n}')
    assert "line 2" in problem


@pytest.mark.parametrize(
    ("parameter", "matter"),
    [
        pytest.param({"Name": "Seed", "Type": "Integer", "DefaultValue": 1}, "Seed", id="twice"),
        pytest.param({"Name": "A seed", "Type": "String"}, "'A seed'", id="illegal-name"),
        pytest.param({"Name": "Seed2", "Type": "Number"}, "'Number'", id="unknown-type"),
    ],
)
def test_invalid_parameter_is_found(
    committed: dict[str, Any], parameter: dict[str, Any], matter: str
) -> None:
    committed["Parameters"].append(parameter)
    found = problems(json.dumps(committed))
    assert any(matter in problem for problem in found), found


@pytest.mark.parametrize(
    "parameter",
    [
        pytest.param({"Name": "Note", "Type": "String"}, id="string"),
        pytest.param({"Name": "Share", "Type": "Float"}, id="float"),
        pytest.param({"Name": "Rate", "Type": "Float", "Description": "x"}, id="described"),
        pytest.param(
            {"Name": "Cached", "Type": "Boolean"},
            id="boolean",
        ),
        pytest.param(
            {"Name": "Size", "Type": "String", "EnumValues": ["small", "big"]},
            id="one-of-some",
        ),
    ],
)
def test_parameter_without_default_is_valid(
    committed: dict[str, Any], parameter: dict[str, Any]
) -> None:
    committed["Parameters"].append(parameter)
    assert problems(json.dumps(committed)) == []


@pytest.mark.parametrize("name", ["Download", "Preprocess", "Train", "Evaluate"])
def test_unknown_image_is_found(
    committed: dict[str, Any], steps: dict[str, Any], name: str
) -> None:
    where = "Arguments.AlgorithmSpecification.TrainingImage" if name == "Train" else DOWNLOAD_IMAGE
    _edit(steps[name], where, "alpine:3")
    [problem] = problems(json.dumps(committed))
    assert name in problem
    assert "'alpine:3'" in problem


def _command(path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "validation", str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_command_prints_nothing_for_a_valid_definition() -> None:
    ended = _command(DEFINITION)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def test_command_prints_problems_and_exits_with_1(
    committed: dict[str, Any], steps: dict[str, Any], tmp_path: Path
) -> None:
    del steps["Train"]["RetryPolicies"]
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(committed))

    ended = _command(path)

    assert ended.returncode == 1
    assert ended.stdout == f"{path}: step Train: has no retry policy\n"
