"""sentiment diff: what is said of each kind of change to a definition."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.support.diff_samples import (
    Document,
    Edit,
    committed,
    default,
    edited,
    parameter,
    renamed,
    section,
    step,
    told,
    told_of,
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


ROWS: dict[str, tuple[Edit, str, str]] = {
    "a hyperparameter": (
        nested("Train", ("HyperParameters", "eta"), "0.3"),
        "`Train`",
        "| hyperparameter `eta` | `{Eta}` = `0.2` | `0.3` |",
    ),
    "a new hyperparameter": (
        nested("Train", ("HyperParameters", "lambda"), "2"),
        "`Train`",
        "| hyperparameter `lambda` | — | `2` |",
    ),
    "an image": (
        nested("Train", ("AlgorithmSpecification", "TrainingImage"), f"{XGBOOST}:3.2-0"),
        "`Train`",
        "| image | `sagemaker-xgboost:3.0-5` | `sagemaker-xgboost:3.2-0` |",
    ),
    "an image of another registry": (
        nested(
            "Train",
            ("AlgorithmSpecification", "TrainingImage"),
            "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:3.0-5",
        ),
        "`Train`",
        f"`{XGBOOST}:3.0-5` | `141502667606.dkr.ecr.eu-west-1.amazonaws.com/",
    ),
    "an instance type": (
        nested("Train", ("ResourceConfig", "InstanceType"), "ml.c5.xlarge"),
        "`Train`",
        "| instance type | `{TrainingInstanceType}` = `ml.m5.large` | `ml.c5.xlarge` |",
    ),
    "a number of instances": (
        nested("Transform", ("TransformResources", "InstanceCount"), 2),
        "`Transform`",
        "| instances | `{TransformInstanceCount}` = `1` | `2` |",
    ),
    "an environment variable": (
        arguments("Preprocess", Environment={"LOG": "debug"}),
        "`Preprocess`",
        "| environment variable `LOG` | — | `debug` |",
    ),
    "an argument": (
        command("Preprocess", 19, 20, "6000"),
        "`Preprocess`",
        "| arguments `--vocabulary-size` | `{VocabularySize}` = `5000` | `6000` |",
    ),
    "a new argument": (
        command("Evaluate", 8, 8, "--verbose"),
        "`Evaluate`",
        "| arguments | — | `--verbose` |",
    ),
    "an argument that is gone": (
        command("Preprocess", 18, 20),
        "`Preprocess`",
        "| arguments | `--vocabulary-size {VocabularySize}` | — |",
    ),
    "an input": (
        nested(
            "Preprocess", ("ProcessingInputs", 1, "S3Input", "S3Uri"), "s3://reviews/imdb.tar.gz"
        ),
        "`Preprocess`",
        "| input `raw` `S3Uri` | `{Download output raw}` | `s3://reviews/imdb.tar.gz` |",
    ),
    "an output": (
        nested(
            "Download",
            ("ProcessingOutputConfig", "Outputs", 0, "S3Output", "S3UploadMode"),
            "Continuous",
        ),
        "`Download`",
        "| output `raw` `S3UploadMode` | `EndOfJob` | `Continuous` |",
    ),
    "a channel": (
        nested("Train", ("InputDataConfig", 0, "InputMode"), "Pipe"),
        "`Train`",
        "| channel `train` `InputMode` | `File` | `Pipe` |",
    ),
    "isolation that is given up": (
        arguments("Train", EnableNetworkIsolation=False),
        "`Train`",
        "| **network isolation** | `true` | `false` |",
    ),
    "isolation that isn't mentioned any more": (
        without("Train", "EnableNetworkIsolation"),
        "`Train`",
        "| **network isolation** | `true` | — |",
    ),
    "isolation that is gained": (
        arguments("Download", NetworkConfig={"EnableNetworkIsolation": True}),
        "`Download`",
        "| network isolation | `false` | `true` |",
    ),
    "a private network": (
        arguments("Train", VpcConfig={"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}),
        "`Train`",
        "| subnets of a VPC | — | `subnet-1` |",
    ),
    "a key": (
        nested("Train", ("OutputDataConfig", "KmsKeyId"), "alias/x"),
        "`Train`",
        "| encryption key of `OutputDataConfig` | — | `alias/x` |",
    ),
    "a runtime limit": (
        nested("Train", ("StoppingCondition", "MaxRuntimeInSeconds"), 7200),
        "`Train`",
        "| runtime limit in seconds | `3600` | `7200` |",
    ),
    "a cache that is turned off": (
        of_step("Train", CacheConfig={"Enabled": False}),
        "`Train`",
        "| cache | `true` | `false` |",
    ),
    "how long the cache holds": (
        of_step("Train", CacheConfig={"Enabled": True, "ExpireAfter": "P7D"}),
        "`Train`",
        "| cache holds for | `30 days` | `7 days` |",
    ),
    "a retry policy": (
        lambda document: step(document, "Train")["RetryPolicies"][0].update(MaxAttempts=9),
        "`Train`",
        "| tried again on `Step.SERVICE_FAULT, Step.THROTTLING` | `5 times, first after 30 s, "
        "each pause 2 times as long` | `9 times,",
    ),
    "a property file": (
        lambda document: step(document, "Evaluate")["PropertyFiles"][0].update(FilePath="e.json"),
        "`Evaluate`",
        "| property file `EvaluationReport` | `evaluation.json in output evaluation` | `e.json in",
    ),
    "a description": (
        of_step("Train", Description="Trains."),
        "`Train`",
        "| `Trains.` |",
    ),
    "anything else of a request": (
        arguments("Transform", MaxPayloadInMB=5),
        "`Transform`",
        "| `MaxPayloadInMB` | `6` | `5` |",
    ),
    "an error message": (
        arguments("Reject", ErrorMessage="no"),
        "`Reject`",
        "| `no` |",
    ),
    "a default": (
        default("MaxDepth", 7),
        "Parameters",
        "| `MaxDepth` | default | `5` | `7` | `Train`, `Evaluate` |",
    ),
    "a default that is dropped": (
        lambda document: parameter(document, "MaxDepth").pop("DefaultValue"),
        "Parameters",
        "| `MaxDepth` | default | `5` | no default | `Train`, `Evaluate` |",
    ),
    "a parameter's type": (
        lambda document: parameter(document, "NumRound").update(Type="Float"),
        "Parameters",
        "| `NumRound` | type | Integer | Float | `Train`, `Evaluate` |",
    ),
    "a parameter's choices": (
        lambda document: parameter(document, "FeatureFormat").update(EnumValues=["text/csv"]),
        "Parameters",
        "| `FeatureFormat` | allowed | `text/libsvm`, `text/csv` | `text/csv` |",
    ),
    "a new parameter": (
        lambda document: document["Parameters"].append(
            {"Name": "Mode", "Type": "String", "DefaultValue": "a", "EnumValues": ["a", "b"]}
        ),
        "Parameters",
        "| `Mode` | added | — | String, default `a`, one of `a`, `b` | — |",
    ),
    "a parameter that is gone": (
        lambda document: document["Parameters"].remove(parameter(document, "KeptOut")),
        "Parameters",
        "| `KeptOut` | removed | Integer, no default | — | — |",
    ),
    "a gate's threshold": (
        default("GateThreshold", 0.85),
        "Gates",
        "| `QualityGate` | `measured >= GateThreshold (0.8)` "
        "| `measured >= GateThreshold (0.85)` |",
    ),
    "a gate's comparison": (
        nested("QualityGate", ("Conditions", 0, "Type"), "GreaterThan"),
        "Gates",
        "| `measured > GateThreshold (0.8)` |",
    ),
    "a gate that measures something else": (
        nested(
            "QualityGate",
            ("Conditions", 0, "LeftValue", "Std:JsonGet", "Path"),
            "binary_classification_metrics.f1.value",
        ),
        "Gates",
        "| `f1 >= GateThreshold (0.8)` |",
    ),
    "a gate that measures something else of the same name": (
        nested(
            "QualityGate",
            ("Conditions", 0, "LeftValue", "Std:JsonGet", "Path"),
            "other.measured",
        ),
        "Gates",
        "| `{Evaluate.EvaluationReport: other.measured} >= GateThreshold (0.8)` |",
    ),
    "a gate with any, none and one of several": (
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
                            "Expression": {"Type": "Equals", "LeftValue": 1, "RightValue": 2},
                        },
                    ],
                }
            ]
        ),
        "Gates",
        "| `(FeatureFormat (text/libsvm) is one of a, b or not (1 = 2))` |",
    ),
    "a step that is gone": (
        lambda document: document["Steps"].remove(step(document, "Spare")),
        "Steps",
        "* `Spare` is removed",
    ),
    "a step with another name": (
        renamed("Preprocess", "Prepare"),
        "Steps",
        "* `Preprocess` is now called `Prepare`",
    ),
    "a dependency": (
        of_step("Evaluate", DependsOn=["Download"]),
        "Steps",
        "* `Evaluate` waits for `Download` now",
    ),
    "a step that moves into a branch": (
        lambda document: step(document, "QualityGate")["Arguments"]["IfSteps"].append(
            document["Steps"].pop()
        ),
        "Steps",
        "* `Spare` runs if `QualityGate` holds; before always",
    ),
}


@pytest.fixture
def base() -> Document:
    """The committed definition, and a step and a parameter that nothing depends on."""
    document = committed()
    document["Parameters"].append({"Name": "KeptOut", "Type": "Integer"})
    document["Steps"].append({"Name": "Spare", "Type": "Model", "Arguments": {}})
    return document


@pytest.mark.parametrize("what", ROWS)
def test_the_change_is_told_where_a_reviewer_looks_for_it(what: str, base: Document) -> None:
    edit, title, words = ROWS[what]
    new = copy.deepcopy(base)
    edit(new)
    assert words in section(told(base, new), title)


def test_a_new_step_is_told_with_all_that_it_does() -> None:
    audit = {
        **edited()["Steps"][0],
        "Name": "Audit",
        "DependsOn": ["Evaluate"],
    }
    text = told_of(
        lambda document: step(document, "QualityGate")["Arguments"]["ElseSteps"].append(audit)
    )
    assert "* `Audit` (Processing) is added, after `Evaluate` if `QualityGate` fails" in text
    _, _, details = text.partition("<details><summary>What Audit is</summary>")
    assert "| network isolation | `false` |" in details
    assert "| arguments | `--uri {DatasetUri} --output /opt/ml/processing/output/raw` |" in details


def test_a_renamed_step_takes_those_that_refer_to_it_along() -> None:
    text = told_of(renamed("Preprocess", "Prepare"), renamed("Train", "Fit"))
    assert section(text, "Steps").split("\n")[1:3] == [
        "* `Preprocess` is now called `Prepare`",
        "* `Train` is now called `Fit`",
    ]
    for name in ("Prepare", "Fit", "CreateModel", "Transform", "Evaluate", "RegisterModel"):
        assert not section(text, f"`{name}`")


def test_a_step_that_is_renamed_and_changed_is_another_step() -> None:
    text = told_of(renamed("Train", "Fit"), nested("Fit", ("HyperParameters", "eta"), "0.3"))
    assert "* `Fit` (Training) is added, after `Preprocess`" in text
    assert "* `Train` is removed" in text


def test_an_order_of_inputs_is_a_change_and_that_of_steps_and_parameters_is_none() -> None:
    inputs = told_of(
        lambda document: step(document, "Evaluate")["Arguments"]["ProcessingInputs"].reverse()
    )
    assert "`ProcessingInputs (order)` | `code predictions model labels rows train" in inputs
    others = told_of(lambda document: (document["Parameters"].reverse(),))
    assert "Nothing changed in the pipeline" in others


@pytest.mark.parametrize(
    ("one", "other"),
    [(4.0, 4), (6.0, 6)],
)
def test_numbers_are_compared_as_numbers(one: float, other: int) -> None:
    assert "Nothing changed" in told(edited(default("Gamma", one)), edited(default("Gamma", other)))


def test_a_number_and_its_text_are_told_apart() -> None:
    text = told_of(nested("Train", ("StoppingCondition", "MaxRuntimeInSeconds"), "3600"))
    assert '| runtime limit in seconds | `3600` | `"3600"` |' in text


def test_of_long_values_the_part_that_differs_is_shown() -> None:
    long = "x" * 300
    text = told_of(of_step("Train", Description=f"{long}.a"))
    other = told(
        edited(of_step("Train", Description=f"{long}.a")),
        edited(of_step("Train", Description=f"{long}.b")),
    )
    assert f"`{'x' * 100}…`" in text
    assert f"`…{'x' * 19}.a` | `…{'x' * 19}.b`" in other


def test_protections_come_first_and_head_the_summary() -> None:
    text = told_of(
        of_step("Train", DisplayName="T"),
        arguments("Train", EnableNetworkIsolation=False),
    )
    assert text.split("\n")[2].startswith("**`Train` gives up network isolation, 1 step changed")
    assert section(text, "`Train`").index("isolation") < section(text, "`Train`").index("display")


def test_the_summary_counts_what_there_is() -> None:
    text = told_of(
        default("GateThreshold", 0.9),
        default("TrainingInstanceType", "ml.m5.xlarge"),
        lambda document: document["Parameters"].append({"Name": "Mode", "Type": "String"}),
        renamed("Train", "Fit"),
    )
    assert text.split("\n")[2] == (
        "**1 step renamed, 1 gate changed, 1 parameter added, 2 parameters changed, "
        "1 cached step runs again, +0.0029 USD an execution.**"
    )


def test_nothing_is_told_of_equal_definitions() -> None:
    assert told_of() == "## The pipeline\n\n**Nothing changed in the pipeline.**\n"
