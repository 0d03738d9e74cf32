"""Changes of a definition as data, and as Markdown."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from pipeline_diff.render.attribute_labels import attribute_label
from pipeline_diff.render.format_values import MAX_LENGTH, format_pair, format_value
from pipeline_diff.step_attributes import ABSENT, AttributeChange
from pipeline_diff.values import text
from tests.support.diff_samples import (
    Document,
    Edit,
    committed,
    compared,
    default,
    edited,
    markdown_between,
    markdown_of,
    parameter,
    renamed,
    section,
    step,
)

XGBOOST = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost"


def arguments(name: str, **given: Any) -> Edit:
    return lambda document: step(document, name)["Arguments"].update(given)


def nested(name: str, keys: tuple[str | int, ...], value: Any) -> Edit:
    def edit(document: Document) -> None:
        inner = step(document, name)["Arguments"]
        for key in keys[:-1]:
            inner = inner[key]
        inner[keys[-1]] = value

    return edit


def without(name: str, key: str) -> Edit:
    return lambda document: step(document, name)["Arguments"].pop(key)


def of_step(name: str, **given: Any) -> Edit:
    return lambda document: step(document, name).update(given)


def command(name: str, start: int, end: int, *tokens: Any) -> Edit:
    def edit(document: Document) -> None:
        step(document, name)["Arguments"]["AppSpecification"]["ContainerArguments"][start:end] = (
            tokens
        )

    return edit


COMMAND_LINE = "Arguments.AppSpecification.ContainerArguments"


def joined(name: str) -> Any:
    """A parameter as text, as the SDK writes it."""
    return {"Std:Join": {"On": "", "Values": [{"Get": f"Parameters.{name}"}]}}


ATTRIBUTES: dict[str, tuple[Edit, str, str, Any, Any, str]] = {
    "hyperparameter": (
        nested("Train", ("HyperParameters", "eta"), "0.3"),
        *("Train", "Arguments.HyperParameters.eta", joined("Eta"), "0.3", ""),
    ),
    "new hyperparameter": (
        nested("Train", ("HyperParameters", "lambda"), "2"),
        *("Train", "Arguments.HyperParameters.lambda", ABSENT, "2", ""),
    ),
    "image": (
        nested("Train", ("AlgorithmSpecification", "TrainingImage"), f"{XGBOOST}:3.2-0"),
        "Train",
        "Arguments.AlgorithmSpecification.TrainingImage",
        f"{XGBOOST}:3.0-5",
        f"{XGBOOST}:3.2-0",
        "",
    ),
    "environment variable": (
        arguments("Preprocess", Environment={"LOG": "debug"}),
        *("Preprocess", "Arguments.Environment.LOG", ABSENT, "debug", ""),
    ),
    "changed command-line option": (
        command("Preprocess", 19, 20, "6000"),
        "Preprocess",
        COMMAND_LINE,
        joined("VocabularySize"),
        "6000",
        "--vocabulary-size",
    ),
    "new command-line option": (
        command("Evaluate", 8, 8, "--verbose"),
        *("Evaluate", COMMAND_LINE, ABSENT, "--verbose", ""),
    ),
    "removed command-line option": (
        command("Preprocess", 18, 20),
        "Preprocess",
        COMMAND_LINE,
        ["--vocabulary-size", joined("VocabularySize")],
        ABSENT,
        "",
    ),
    "input": (
        nested("Preprocess", ("ProcessingInputs", 1, "S3Input", "S3Uri"), "s3://reviews/imdb"),
        "Preprocess",
        "Arguments.ProcessingInputs[raw].S3Input.S3Uri",
        {
            "Std:Join": {
                "On": "",
                "Values": [
                    {"Get": "Steps.Download.ProcessingOutputConfig.Outputs['raw'].S3Output.S3Uri"},
                    "/",
                ],
            }
        },
        "s3://reviews/imdb",
        "",
    ),
    "output": (
        nested(
            "Download",
            ("ProcessingOutputConfig", "Outputs", 0, "S3Output", "S3UploadMode"),
            "Continuous",
        ),
        "Download",
        "Arguments.ProcessingOutputConfig.Outputs[raw].S3Output.S3UploadMode",
        *("EndOfJob", "Continuous", ""),
    ),
    "channel": (
        nested("Train", ("InputDataConfig", 0, "InputMode"), "Pipe"),
        *("Train", "Arguments.InputDataConfig[train].InputMode", "File", "Pipe", ""),
    ),
    "order of inputs": (
        lambda document: step(document, "Train")["Arguments"]["InputDataConfig"].reverse(),
        "Train",
        "Arguments.InputDataConfig (order)",
        ["train", "validation"],
        ["validation", "train"],
        "",
    ),
    "disabled cache": (
        of_step("Train", CacheConfig={"Enabled": False}),
        *("Train", "CacheConfig.Enabled", True, False, ""),
    ),
    "cache expiry": (
        of_step("Train", CacheConfig={"Enabled": True, "ExpireAfter": "P7D"}),
        *("Train", "CacheConfig.ExpireAfter", "30 days", "7 days", ""),
    ),
    "retry policy": (
        lambda document: step(document, "Train")["RetryPolicies"][0].update(MaxAttempts=9),
        "Train",
        "RetryPolicies[Step.SERVICE_FAULT, Step.THROTTLING]",
        "up to 5 attempts, interval 30 s, backoff rate 2",
        "up to 9 attempts, interval 30 s, backoff rate 2",
        "",
    ),
    "property file": (
        lambda document: step(document, "Evaluate")["PropertyFiles"][0].update(FilePath="e.json"),
        "Evaluate",
        "PropertyFiles[EvaluationReport]",
        "evaluation.json in output evaluation",
        "e.json in output evaluation",
        "",
    ),
    "request argument": (
        arguments("Transform", MaxPayloadInMB=5),
        *("Transform", "Arguments.MaxPayloadInMB", 6, 5, ""),
    ),
    "number replaced by its text": (
        nested("Train", ("StoppingCondition", "MaxRuntimeInSeconds"), "3600"),
        *("Train", "Arguments.StoppingCondition.MaxRuntimeInSeconds", 3600, "3600", ""),
    ),
}


@pytest.mark.parametrize("case", ATTRIBUTES)
def test_attribute_change_has_path_values_and_option(case: str) -> None:
    edit, name, path, old, new, option = ATTRIBUTES[case]
    found = compared(committed(), edited(edit))
    changes = next(change.attributes for change in found.steps if change.name_after == name)
    assert AttributeChange(path, old, new, option) in changes


@pytest.mark.parametrize(
    ("edit", "path", "weakens"),
    [
        (arguments("Train", EnableNetworkIsolation=False), "EnableNetworkIsolation", True),
        (without("Train", "EnableNetworkIsolation"), "EnableNetworkIsolation", True),
        (
            arguments("Download", NetworkConfig={"EnableNetworkIsolation": True}),
            *("NetworkConfig.EnableNetworkIsolation", False),
        ),
        (arguments("Train", VpcConfig={"Subnets": ["subnet-1"]}), "VpcConfig.Subnets", False),
        (
            nested("Train", ("OutputDataConfig", "KmsKeyId"), "k"),
            "OutputDataConfig.KmsKeyId",
            False,
        ),
    ],
    ids=["isolation off", "isolation removed", "isolation on", "VPC added", "key added"],
)
def test_only_removed_protections_weaken(edit: Edit, path: str, weakens: bool) -> None:
    [change] = compared(committed(), edited(edit)).steps
    found = {it.path: it.weakens_protection for it in change.attributes}
    assert found[f"Arguments.{path}"] is weakens


@pytest.mark.parametrize(
    ("added", "path"),
    [
        ({"VpcConfig": {"Subnets": ["subnet-1"]}}, "VpcConfig.Subnets"),
        ({"VolumeKmsKeyId": "key"}, "VolumeKmsKeyId"),
    ],
)
def test_removed_network_and_key_weaken(added: dict[str, Any], path: str) -> None:
    [change] = compared(edited(arguments("Train", **added)), committed()).steps
    assert [it.path for it in change.attributes if it.weakens_protection] == [f"Arguments.{path}"]


PARAMETERS: dict[str, tuple[Edit, str]] = {
    "default": (default("MaxDepth", 7), "MaxDepth"),
    "default removed": (
        lambda document: parameter(document, "MaxDepth").pop("DefaultValue"),
        "MaxDepth",
    ),
    "type": (lambda document: parameter(document, "NumRound").update(Type="Float"), "NumRound"),
    "allowed values": (
        lambda document: parameter(document, "FeatureFormat").update(EnumValues=["text/csv"]),
        "FeatureFormat",
    ),
    "added": (
        lambda document: document["Parameters"].append({"Name": "Mode", "Type": "String"}),
        "Mode",
    ),
    "removed": (
        lambda document: document["Parameters"].remove(parameter(document, "KeptOut")),
        "KeptOut",
    ),
}


@pytest.mark.parametrize("case", PARAMETERS)
def test_changed_parameter_has_both_definitions(case: str, base: Document) -> None:
    edit, name = PARAMETERS[case]
    new = copy.deepcopy(base)
    edit(new)
    [change] = compared(base, new).parameters
    assert change.name == name
    assert (change.old is None, change.new is None) == (case == "added", case == "removed")
    assert change.old != change.new


def test_parameter_names_the_steps_that_use_it() -> None:
    [change] = compared(committed(), edited(default("MaxDepth", 7))).parameters
    assert change.used_by == ("Train", "Evaluate")


CONDITIONS: dict[str, tuple[Edit, str]] = {
    "threshold": (default("GateThreshold", 0.85), "measured >= GateThreshold (0.85)"),
    "comparison": (
        nested("QualityGate", ("Conditions", 0, "Type"), "GreaterThan"),
        "measured > GateThreshold (0.8)",
    ),
    "another key": (
        nested(
            "QualityGate",
            ("Conditions", 0, "LeftValue", "Std:JsonGet", "Path"),
            "binary_classification_metrics.f1.value",
        ),
        "f1 >= GateThreshold (0.8)",
    ),
    "another path with the same last key": (
        nested(
            "QualityGate",
            ("Conditions", 0, "LeftValue", "Std:JsonGet", "Path"),
            "other.measured",
        ),
        "{Evaluate.EvaluationReport: other.measured} >= GateThreshold (0.8)",
    ),
    "or, in, not": (
        lambda document: step(document, "QualityGate")["Arguments"].update(
            Conditions=[
                {
                    "Type": "Or",
                    "Conditions": [
                        {
                            "Type": "In",
                            "QueryValue": {"Get": "Parameters.FeatureFormat"},
                            "Values": ["a", "b"],
                        },
                        {
                            "Type": "Not",
                            "Condition": {"Type": "Equals", "LeftValue": 1, "RightValue": 2},
                        },
                    ],
                }
            ]
        ),
        "(FeatureFormat (text/libsvm) is one of a, b or not (1 = 2))",
    ),
    "not equals, not in": (
        lambda document: step(document, "QualityGate")["Arguments"].update(
            Conditions=[
                {
                    "Type": "Or",
                    "Conditions": [
                        {"Type": "NotEquals", "LeftValue": 1, "RightValue": 2},
                        {"Type": "NotIn", "Value": 3, "In": [1, 2]},
                    ],
                }
            ]
        ),
        "(1 != 2 or 3 is not one of 1, 2)",
    ),
}


@pytest.mark.parametrize("case", CONDITIONS)
def test_changed_condition_is_text_with_parameter_defaults(case: str) -> None:
    edit, text = CONDITIONS[case]
    [change] = compared(committed(), edited(edit)).conditions
    assert (change.step, change.new) == ("QualityGate", text)
    assert change.old != change.new


@pytest.fixture
def base() -> Document:
    """The committed definition, and a step and a parameter that nothing depends on."""
    document = committed()
    document["Parameters"].append({"Name": "KeptOut", "Type": "Integer"})
    document["Steps"].append({"Name": "Spare", "Type": "Model", "Arguments": {}})
    return document


def test_removed_step_has_no_name_after(base: Document) -> None:
    [change] = compared(base, committed()).steps
    assert (change.name_before, change.name_after) == ("Spare", None)


def test_added_dependency_is_found() -> None:
    [change] = compared(committed(), edited(of_step("Evaluate", DependsOn=["Download"]))).steps
    assert change.added_dependencies == ("Download",)
    assert change.is_rewired


def test_step_that_moves_into_a_branch_is_found(base: Document) -> None:
    new = copy.deepcopy(base)
    step(new, "QualityGate")["Arguments"]["IfSteps"].append(new["Steps"].pop())
    [change] = compared(base, new).steps
    assert (change.branch_before, change.branch_after) == (None, ("QualityGate", True))
    assert change.is_moved


def test_new_step_has_all_its_attributes_dependencies_and_branch() -> None:
    audit = {**edited()["Steps"][0], "Name": "Audit", "DependsOn": ["Evaluate"]}
    new = edited(
        lambda document: step(document, "QualityGate")["Arguments"]["ElseSteps"].append(audit)
    )
    [change] = compared(committed(), new).steps
    assert (change.name_before, change.name_after) == (None, "Audit")
    assert change.added_dependencies == ("Evaluate",)
    assert change.branch_after == ("QualityGate", False)
    attributes = {it.path: it.new for it in change.attributes}
    assert attributes["Arguments.NetworkConfig.EnableNetworkIsolation"] is False


def test_references_to_a_renamed_step_are_no_changes() -> None:
    found = compared(committed(), edited(renamed("Preprocess", "Prepare"), renamed("Train", "Fit")))
    assert [(it.name_before, it.name_after) for it in found.steps] == [
        ("Preprocess", "Prepare"),
        ("Train", "Fit"),
    ]
    assert {it.path for change in found.steps for it in change.attributes} <= {"DisplayName"}


def test_step_that_is_renamed_and_changed_is_a_new_step() -> None:
    found = compared(
        committed(),
        edited(renamed("Train", "Fit"), nested("Fit", ("HyperParameters", "eta"), "0.3")),
    )
    names = {(it.name_before, it.name_after) for it in found.steps}
    assert {(None, "Fit"), ("Train", None)} <= names


def test_order_of_steps_and_parameters_is_ignored() -> None:
    assert not compared(
        committed(), edited(lambda document: (document["Parameters"].reverse(),))
    ).differs


@pytest.mark.parametrize(("one", "other"), [(4.0, 4), (6.0, 6)])
def test_numbers_are_compared_as_numbers(one: float, other: int) -> None:
    assert not compared(edited(default("Gamma", one)), edited(default("Gamma", other))).differs


def test_expression_is_formatted_with_its_default() -> None:
    value = format_value({"Get": "Parameters.Eta"}, {"Eta": 0.2})
    assert (value.text, value.resolved) == ("{Eta}", "0.2")


def test_number_and_its_text_are_formatted_differently() -> None:
    old, new = format_pair(3600, "3600", {}, {})
    assert (old.text, new.text) == ("3600", '"3600"')


def test_images_of_one_registry_are_formatted_without_it() -> None:
    old, new = format_pair(f"{XGBOOST}:3.0-5", f"{XGBOOST}:3.2-0", {}, {})
    assert (old.text, new.text) == ("sagemaker-xgboost:3.0-5", "sagemaker-xgboost:3.2-0")
    abroad = XGBOOST.replace("us-east-1", "eu-west-1")
    assert format_pair(f"{XGBOOST}:3.0-5", f"{abroad}:3.0-5", {}, {})[1].text.startswith(abroad)


def test_long_values_are_cut_to_the_part_that_differs() -> None:
    long = "x" * 3 * MAX_LENGTH
    assert format_value(long, {}).text == f"{'x' * MAX_LENGTH}…"
    old, new = format_pair(f"{long}.a", f"{long}.b", {}, {})
    assert (old.text, new.text) == (f"…{'x' * 19}.a", f"…{'x' * 19}.b")


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("Arguments.HyperParameters.eta", ("hyperparameter {}", ("eta",))),
        ("Arguments.ResourceConfig.VolumeKmsKeyId", ("encryption key of {}", ("ResourceConfig",))),
        (
            "Arguments.ProcessingInputs[raw].S3Input.S3Uri",
            ("input {} {}", ("raw", "S3Uri")),
        ),
        ("Arguments.MaxPayloadInMB", ("{}", ("MaxPayloadInMB",))),
        ("CacheConfig.Enabled", ("cache", ())),
    ],
)
def test_paths_have_readable_labels(path: str, label: tuple[str, tuple[str, ...]]) -> None:
    assert attribute_label(path) == label


def test_removed_protections_head_the_summary_and_their_table() -> None:
    text = markdown_of(
        of_step("Train", DisplayName="T"),
        arguments("Train", EnableNetworkIsolation=False),
    )
    assert text.split("\n")[2].startswith("**`Train` loses network isolation, 1 step changed")
    assert section(text, "`Train`").index("isolation") < section(text, "`Train`").index("display")


def test_summary_counts_each_kind_of_change() -> None:
    text = markdown_of(
        default("GateThreshold", 0.9),
        default("TrainingInstanceType", "ml.m5.xlarge"),
        lambda document: document["Parameters"].append({"Name": "Mode", "Type": "String"}),
        renamed("Train", "Fit"),
    )
    assert text.split("\n")[2] == (
        "**1 step renamed, 1 condition changed, 1 parameter added, 2 parameters changed, "
        "2 cached steps run again, +0.0029 USD per execution.**"
    )


STEP_LINES = """
* `Spare` (Model) is added, runs if `QualityGate` is true
* `Preprocess` is renamed to `Prepare`
* `Evaluate` now depends on `Download`
""".strip().split("\n")


def test_changes_of_whole_steps_are_listed() -> None:
    spare = {"Name": "Spare", "Type": "Model", "Arguments": {}}
    text = markdown_of(
        lambda document: step(document, "QualityGate")["Arguments"]["IfSteps"].append(spare),
        renamed("Preprocess", "Prepare"),
        of_step("Evaluate", DependsOn=["Download"]),
    )
    lines = [line for line in section(text, "Steps").split("\n") if line.startswith("* ")]
    assert sorted(lines) == sorted(STEP_LINES)
    assert "<details><summary>Attributes of Spare</summary>" in text


def test_moved_and_removed_steps_are_listed(base: Document) -> None:
    moved = copy.deepcopy(base)
    step(moved, "QualityGate")["Arguments"]["IfSteps"].append(moved["Steps"].pop())
    line = "* `Spare` now runs if `QualityGate` is true (before: unconditionally)"
    assert line in section(markdown_between(base, moved), "Steps")
    assert "* `Spare` is removed" in section(markdown_between(base, committed()), "Steps")


PARAMETER_TABLE = """
| parameter | attribute | before | after | used by |
|---|---|---|---|---|
| `FeatureFormat` | allowed values | `text/libsvm`, `text/csv` | `text/csv` | `Preprocess`, \
`Train`, `Transform`, `Evaluate` |
| `MaxDepth` | default | `5` | no default | `Train`, `Evaluate` |
| `NumRound` | type | Integer | Float | `Train`, `Evaluate` |
| `Mode` | added | — | String, default `a`, one of `a`, `b` | — |
""".replace("\\\n", "").strip()


def test_parameter_table_has_a_row_for_each_changed_attribute() -> None:
    mode = {"Name": "Mode", "Type": "String", "DefaultValue": "a", "EnumValues": ["a", "b"]}
    text = markdown_of(
        *(PARAMETERS[case][0] for case in ("default removed", "type", "allowed values")),
        lambda document: document["Parameters"].append(mode),
    )
    assert section(text, "Parameters").strip() == PARAMETER_TABLE


def test_equal_definitions_have_no_changes() -> None:
    assert markdown_of() == "## Training pipeline\n\n**No changes to the pipeline.**\n"


def test_another_tracking_server_is_shown_though_no_step_changes() -> None:
    server = "arn:aws:sagemaker:us-east-1:123456789012:mlflow-tracking-server/mine"
    text = markdown_of(lambda it: it.update(MlflowConfig={"MlflowResourceArn": server}))
    assert "**MLflow tracking server changed.**" in text
    assert f"| tracking server | — | `{server}` |" in section(text, "MLflow")


def test_value_of_an_object_is_shown_with_its_uri_and_path() -> None:
    uri = {"Std:Join": {"On": "/", "Values": ["s3://b", {"Get": "Parameters.Name"}]}}
    assert text({"Std:JsonGet": {"S3Uri": uri, "Path": "Result"}}) == "{s3://b/{Name}: Result}"
