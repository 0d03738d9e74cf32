"""Parsing a definition: fields, and refusals that name the field."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from local_runner.definition.model import Parameter, PropertyFile, RetryPolicy
from local_runner.definition.parsing import parse
from local_runner.errors import DefinitionError

COMMITTED = Path(__file__).parents[4] / "pipeline_steps" / "definition.json"

VALID: dict[str, Any] = {
    "Version": "2020-12-01",
    "Metadata": {},
    "Parameters": [
        {"Name": "Size", "Type": "Integer", "DefaultValue": 5},
        {"Name": "Format", "Type": "String", "EnumValues": ["a", "b"]},
    ],
    "Steps": [
        {
            "Name": "Prepare",
            "Type": "Processing",
            "Arguments": {"AppSpecification": {"ImageUri": "sagemaker-scikit-learn:1.4-2"}},
            "CacheConfig": {"Enabled": True, "ExpireAfter": "P30D"},
            "DependsOn": [],
            "RetryPolicies": [
                {
                    "ExceptionType": ["SageMaker.JOB_INTERNAL_ERROR"],
                    "IntervalSeconds": 60,
                    "BackoffRate": 1.5,
                    "MaxAttempts": 3,
                }
            ],
            "PropertyFiles": [
                {"PropertyFileName": "Report", "OutputName": "report", "FilePath": "r.json"}
            ],
        },
        {
            "Name": "Gate",
            "Type": "Condition",
            "Arguments": {
                "Conditions": [{"Type": "Equals", "LeftValue": 1, "RightValue": 1}],
                "IfSteps": [],
                "ElseSteps": [
                    {"Name": "Reject", "Type": "Fail", "Arguments": {"ErrorMessage": "no"}}
                ],
            },
        },
    ],
}

PREPARE = ("Steps", 0)
GATE = ("Steps", 1, "Arguments")
RETRY = (*PREPARE, "RetryPolicies")
FILES = (*PREPARE, "PropertyFiles")
CACHE = (*PREPARE, "CacheConfig")

Path_ = tuple[str | int, ...]


def changed(path: Path_, value: Any) -> str:
    """The valid document with one value put at a path, as text."""
    document = copy.deepcopy(VALID)
    target: Any = document
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    return json.dumps(document)


def test_response_of_describe_pipeline_is_read() -> None:
    definition = json.dumps({"Version": "2020-12-01", "Steps": [{"Name": "A", "Type": "EMR"}]})
    response = {"PipelineArn": "arn", "PipelineName": "p", "PipelineDefinition": definition}
    assert parse(json.dumps(response)) == parse(definition)


def test_committed_definition_is_read_whole() -> None:
    definition = parse(COMMITTED.read_text())
    assert [(step.name, step.type) for step in definition.all_steps()] == [
        ("Download", "Processing"),
        ("Preprocess", "Processing"),
        ("Train", "Training"),
        ("CreateModel", "Model"),
        ("Package", "Processing"),
        ("Transform", "Transform"),
        ("Evaluate", "Processing"),
        ("QualityGate", "Condition"),
        ("RegisterModel", "RegisterModel"),
        ("Reject", "Fail"),
    ]
    steps = {step.name: step for step in definition.all_steps()}
    assert [step.name for step in steps.values() if step.cache_enabled] == [
        "Download",
        "Preprocess",
        "Train",
        "Package",
    ]
    assert steps["Train"].cache_seconds == 30 * 86_400
    assert steps["Evaluate"].property_files == (
        PropertyFile("EvaluationReport", "evaluation", "evaluation.json"),
        PropertyFile("ModelCard", "evaluation", "model-card.json"),
    )
    assert [step.name for step in steps["QualityGate"].if_steps] == ["RegisterModel"]
    assert [step.name for step in steps["QualityGate"].else_steps] == ["Reject"]
    defaults = {parameter.name: parameter.default for parameter in definition.parameters}
    assert defaults["VocabularySize"] == 5000
    assert defaults["Gamma"] == 4.0
    assert defaults["ArtifactsUri"] is None


def test_every_field_of_the_small_document_is_kept() -> None:
    definition = parse(json.dumps(VALID))
    assert definition.parameters == (
        Parameter("Size", "Integer", 5, ()),
        Parameter("Format", "String", None, ("a", "b")),
    )
    prepare = definition.steps[0]
    assert prepare.display_name == "Prepare"
    assert (prepare.cache_enabled, prepare.cache_seconds) == (True, 30 * 86_400)
    assert prepare.retry_policies == (RetryPolicy(("SageMaker.JOB_INTERNAL_ERROR",), 60, 1.5, 3),)
    assert prepare.property_files == (PropertyFile("Report", "report", "r.json"),)


def test_retry_policy_without_numbers_gets_the_services_defaults() -> None:
    text = changed(RETRY, [{"ExceptionType": ["SageMaker.CAPACITY_ERROR"]}])
    assert parse(text).steps[0].retry_policies == (
        RetryPolicy(("SageMaker.CAPACITY_ERROR",), 1, 2, 5),
    )


def test_retry_policy_keeps_its_expiry() -> None:
    given = {"ExceptionType": ["SageMaker.CAPACITY_ERROR"], "ExpireAfterMin": 90}
    assert parse(changed(RETRY, [given])).steps[0].retry_policies[0].expire_after == 90


def test_retry_policy_may_name_one_exception_without_an_array() -> None:
    policy = parse(changed((*RETRY, 0, "ExceptionType"), "Step.THROTTLING"))
    assert policy.steps[0].retry_policies[0].exceptions == ("Step.THROTTLING",)


def test_parameter_without_type_is_a_string() -> None:
    definition = parse(changed(("Parameters", 0), {"Name": "Bucket", "DefaultValue": "b"}))
    assert definition.parameters[0].type == "String"


NULLS: list[Path_] = [
    ("MlflowConfig",),
    ("Parameters",),
    ("Parameters", 0, "DefaultValue"),
    ("Parameters", 0, "Type"),
    ("Metadata",),
    ("Unknown",),
    (*PREPARE, "DependsOn"),
    (*PREPARE, "DisplayName"),
    (*PREPARE, "Timeout"),
    (*PREPARE, "Arguments", "Environment"),
    CACHE,
    (*CACHE, "ExpireAfter"),
    RETRY,
    (*RETRY, 0, "IntervalSeconds"),
    FILES,
    (*GATE, "IfSteps"),
    (*GATE, "Conditions"),
]


def without(path: Path_) -> str:
    document = json.loads(changed(path, None))
    target: Any = document
    for key in path[:-1]:
        target = target[key]
    del target[path[-1]]
    return json.dumps(document)


@pytest.mark.parametrize("path", NULLS, ids=lambda path: ".".join(map(str, path)))
def test_key_whose_value_is_null_is_absent(path: Path_) -> None:
    assert parsed_or_refused(changed(path, None)) == parsed_or_refused(without(path))


def parsed_or_refused(text: str) -> Any:
    try:
        return parse(text)
    except DefinitionError as error:
        return str(error)


@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        ("30d", 2_592_000),
        ("T16m", 960),
        ("30dT5h", 2_610_000),
        ("5y", 157_680_000),
        ("p30d", 2_592_000),
        ("T12H", 43_200),
        ("PT1H", 3_600),
        ("P30M", 77_760_000),
        ("2w", 1_209_600),
    ],
)
def test_lifetime_of_cached_results_takes_the_services_forms(duration: str, expected: int) -> None:
    step = parse(changed((*CACHE, "ExpireAfter"), duration)).steps[0]
    assert step.cache_seconds == expected


@pytest.mark.parametrize("duration", ["", "P", "T", "PT", "30", "30dT", "30 d", "d30", "5h", "٣d"])
def test_other_lifetime_is_refused(duration: str) -> None:
    with pytest.raises(DefinitionError, match="ExpireAfter"):
        parse(changed((*CACHE, "ExpireAfter"), duration))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "the definition isn't JSON: line 1, column 2: Expecting property name"),
        ('{\n "Version": 1,\n "Steps" [] }', "the definition isn't JSON: line 3, column 10: "),
        ("", "the definition isn't JSON: line 1, column 1: Expecting value"),
        ("[]", r"the definition must be a JSON object, got \[\]"),
        ("null", "the definition must be a JSON object, got None"),
    ],
    ids=["cut", "colon-missing", "empty", "array", "null"],
)
def test_text_that_is_not_a_json_object_is_refused_with_its_position(
    text: str, message: str
) -> None:
    with pytest.raises(DefinitionError, match=f"^{message}"):
        parse(text)


REFUSED: dict[str, tuple[Path_, Any, str]] = {
    "unknown top-level key": (
        ("Stepz",),
        [],
        "the definition: unknown key 'Stepz'; use one of Metadata, MlflowConfig, Parameters, "
        "PipelineExperimentConfig, Steps, Version",
    ),
    "old version": (
        ("Version",),
        "2019-01-01",
        "the definition's Version must be '2020-12-01', got '2019-01-01'",
    ),
    "parameters no array": (("Parameters",), {}, "Parameters must be a JSON array, got {}"),
    "parameter no object": (
        ("Parameters", 0),
        "Size",
        "a parameter must be a JSON object, got 'Size'",
    ),
    "parameter without name": (
        ("Parameters", 0, "Name"),
        None,
        "a parameter's Name must be a non-empty string, got None",
    ),
    "parameter's empty name": (("Parameters", 0, "Name"), "", "a parameter's Name must be"),
    "parameter's unknown key": (
        ("Parameters", 0, "Minimum"),
        1,
        "parameter Size: unknown key 'Minimum'",
    ),
    "parameter's type": (
        ("Parameters", 0, "Type"),
        "Text",
        "parameter Size: unknown type 'Text'; use one of String, Integer, Float, Boolean",
    ),
    "enum no array": (
        ("Parameters", 1, "EnumValues"),
        "ab",
        "parameter Format: EnumValues must be a JSON array, got 'ab'",
    ),
    "steps missing": (("Steps",), None, "Steps must be a JSON array, got None"),
    "steps no array": (("Steps",), {}, "Steps must be a JSON array, got {}"),
    "step no object": (PREPARE, "Prepare", "a step must be a JSON object, got 'Prepare'"),
    "step without name": ((*PREPARE, "Name"), None, "a step's Name must be"),
    "step's number as name": ((*PREPARE, "Name"), 5, "a step's Name must be"),
    "step's unknown key": ((*PREPARE, "Timeout"), 5, "step Prepare: unknown key 'Timeout'"),
    "step without type": ((*PREPARE, "Type"), None, "step Prepare: Type must be"),
    "step's unknown type": (
        (*PREPARE, "Type"),
        "Tunings",
        "step Prepare: unknown step type 'Tunings'; use one of Processing, Training, Model, "
        "Transform, RegisterModel, Tuning, Cleanup, Condition, Fail, ForEach, Lambda, Callback",
    ),
    "arguments no object": (
        (*PREPARE, "Arguments"),
        [],
        "step Prepare: Arguments must be a JSON object, got []",
    ),
    "condition's unknown argument": (
        (*GATE, "Otherwise"),
        [],
        "step Gate: Arguments: unknown key 'Otherwise'",
    ),
    "unknown type inside a branch": (
        (*GATE, "ElseSteps", 0, "Type"),
        "Spark",
        "step Reject: unknown step type 'Spark'",
    ),
    "branch no array": (
        (*GATE, "IfSteps"),
        "Reject",
        "step Gate: Arguments: IfSteps must be a JSON array, got 'Reject'",
    ),
}


@pytest.mark.parametrize(("path", "value", "message"), REFUSED.values(), ids=REFUSED)
def test_unknown_or_malformed_value_is_refused_by_name(
    path: Path_, value: Any, message: str
) -> None:
    with pytest.raises(DefinitionError) as refusal:
        parse(changed(path, value))
    assert str(refusal.value).startswith(message)


CRASHES: dict[str, tuple[Path_, Any, str]] = {
    "parameter's type an array": (("Parameters", 0, "Type"), ["Integer"], "Size"),
    "depends on a number": ((*PREPARE, "DependsOn"), 5, "Prepare"),
    "cache no object": (CACHE, "on", "Prepare"),
    "retry no object": (RETRY, ["often"], "Prepare"),
    "retry null": (RETRY, [None], "Prepare"),
    "retry exceptions a number": ((*RETRY, 0, "ExceptionType"), 5, "Prepare"),
    "retry interval a word": ((*RETRY, 0, "IntervalSeconds"), "often", "Prepare"),
    "retry attempts a word": ((*RETRY, 0, "MaxAttempts"), "five", "Prepare"),
    "retry attempts without end": ((*RETRY, 0, "MaxAttempts"), float("inf"), "Prepare"),
    "arguments an expression": ((*PREPARE, "Arguments"), {"Get": "Parameters.Size"}, "Prepare"),
    "property file no object": (FILES, ["Report"], "Prepare"),
    "property file empty": (FILES, [{}], "Prepare"),
    "property file without path": (
        FILES,
        [{"PropertyFileName": "Report", "OutputName": "report"}],
        "Prepare",
    ),
}


@pytest.mark.parametrize(("path", "value", "named"), CRASHES.values(), ids=CRASHES)
def test_malformed_value_is_refused_by_name_without_a_traceback(
    path: Path_, value: Any, named: str
) -> None:
    with pytest.raises(DefinitionError, match=named):
        parse(changed(path, value))


SWALLOWED: dict[str, tuple[Path_, Any, str]] = {
    "depends on a string": ((*PREPARE, "DependsOn"), "Gate", "Prepare"),
    "cache's unknown key": (CACHE, {"Enable": True}, "Enable"),
    "cache enabled by a word": ((*CACHE, "Enabled"), "false", "Prepare"),
    "expiry no duration": ((*CACHE, "ExpireAfter"), "30 days", "Prepare"),
    "expiry a number": ((*CACHE, "ExpireAfter"), 30, "Prepare"),
    "retries no array": (RETRY, {}, "Prepare"),
    "retry's unknown key": ((*RETRY, 0, "Interval"), 5, "Interval"),
    "property file's unknown key": ((*FILES, 0, "Path"), "x", "Path"),
    "property file's number as path": ((*FILES, 0, "FilePath"), 5, "Prepare"),
    "conditions no array": ((*GATE, "Conditions"), {}, "Gate"),
}


@pytest.mark.parametrize(("path", "value", "named"), SWALLOWED.values(), ids=SWALLOWED)
def test_unknown_nested_value_is_refused(path: Path_, value: Any, named: str) -> None:
    with pytest.raises(DefinitionError, match=named):
        parse(changed(path, value))
