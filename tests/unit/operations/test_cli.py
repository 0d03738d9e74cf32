"""The command `sentiment`: usage, exit codes, what stands on stdout."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from operations.cli import sentiment
from operations.commit import commit
from operations.options import DEFINITION
from tests.support.clean_room import ROOT

SKLEARN = "1.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.4-2"
REPORT = {"binary_classification_metrics": {"accuracy": {"value": 0.75}}}
WRITE = (
    "import pathlib, sys; pathlib.Path(sys.argv[1], 'evaluation.json').write_text(sys.argv[2]); "
    "print('working')"
)

# Like the committed definition, as far as the command looks into it, but done in a second.
SMALL: dict[str, Any] = {
    "Version": "2020-12-01",
    "Parameters": [
        {"Name": "DatasetUri", "Type": "String"},
        {"Name": "Mode", "Type": "String", "DefaultValue": "a", "EnumValues": ["a", "b"]},
        {"Name": "Size", "Type": "Integer", "DefaultValue": 5},
    ],
    "Steps": [
        {
            "Name": "Evaluate",
            "Type": "Processing",
            "CacheConfig": {"Enabled": True},
            "Arguments": {
                "AppSpecification": {
                    "ImageUri": SKLEARN,
                    "ContainerEntrypoint": ["python3", "-c", WRITE],
                    "ContainerArguments": ["/opt/ml/processing/output/x", json.dumps(REPORT)],
                },
                "Environment": {"DATASET": {"Get": "Parameters.DatasetUri"}},
                "ProcessingOutputConfig": {
                    "Outputs": [
                        {
                            "OutputName": "evaluation",
                            "S3Output": {
                                "S3Uri": "s3://b/evaluation",
                                "LocalPath": "/opt/ml/processing/output/x",
                            },
                        }
                    ]
                },
            },
        },
        {
            "Name": "Gate",
            "Type": "Condition",
            "DependsOn": ["Evaluate"],
            "Arguments": {
                "Conditions": [
                    {
                        "Type": "Equals",
                        "LeftValue": {"Get": "Parameters.Mode"},
                        "RightValue": "a",
                    }
                ],
                "IfSteps": [],
                "ElseSteps": [
                    {"Name": "Reject", "Type": "Fail", "Arguments": {"ErrorMessage": "not [a]"}}
                ],
            },
        },
    ],
}


def definition(root: Path, document: Any = SMALL) -> str:
    path = root / "definition.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return str(path)


def archive(root: Path) -> str:
    path = root / "reviews.tar"
    path.write_bytes(b"looked at by nobody")
    return str(path)


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(sentiment, arguments, prog_name="sentiment")


def run(root: Path, *arguments: str) -> Result:
    given = ("--dataset", archive(root), "--workdir", str(root / "runs"), *arguments)
    if "--definition" not in arguments:
        given = ("--definition", definition(root), *given)
    return invoke("run", *given)


def insist_refused(result: Result, code: int, message: str) -> None:
    """One line on stderr, nothing on stdout, no traceback."""
    assert result.exit_code == code
    assert isinstance(result.exception, SystemExit)
    assert (result.stdout, result.stderr) == ("", f"error: {message}\n")


BOTH = pytest.mark.parametrize("verb", ["run", "show"])


def test_an_unknown_parameter_is_a_usage_error(tmp_path: Path) -> None:
    message = "there is no parameter 'Sise'; the definition has DatasetUri, Mode, Size"
    insist_refused(run(tmp_path, "--parameter", "Sise=5"), 2, message)
    assert not (tmp_path / "runs").exists()


def test_what_can_be_run_can_be_shown(tmp_path: Path) -> None:
    result = invoke("show", "--definition", definition(tmp_path))
    assert (result.exit_code, result.stderr) == (0, "")


def test_show_tells_an_unknown_parameter_of_the_committed_definition() -> None:
    result = invoke("show", "--parameter", "NumRounds=5")
    assert result.exit_code == 2
    assert result.stderr.startswith("error: there is no parameter 'NumRounds'; the definition has")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("Mode=c", "parameter Mode must be one of a, b, got 'c'"),
        ("Size=1.5", "parameter Size must be of type Integer, got '1.5'"),
        ("Size=", "parameter Size must be of type Integer, got ''"),
    ],
    ids=["enum", "type", "empty"],
)
def test_a_bad_value_is_a_usage_error_before_anything_is_made(
    tmp_path: Path, given: str, message: str
) -> None:
    insist_refused(run(tmp_path, "--parameter", given), 2, message)
    assert not (tmp_path / "runs").exists()


@BOTH
@pytest.mark.parametrize("given", ["Size", "=5", ""])
def test_a_parameter_that_is_no_pair_is_a_usage_error(verb: str, given: str) -> None:
    result = invoke(verb, "--parameter", given)
    insist_refused(
        result, 2, f"--parameter {given!r} must be written NAME=VALUE; see sentiment {verb} --help"
    )


def test_a_value_may_hold_an_equals_sign_and_the_last_one_counts(tmp_path: Path) -> None:
    result = invoke(
        *("show", "--definition", definition(tmp_path)),
        *("--parameter", "DatasetUri=http://h/?a=b", "--parameter", "Size=1"),
        *("--parameter", "Size=2"),
    )
    assert result.exit_code == 0
    assert "DatasetUri = http://h/?a=b\n" in result.stdout
    assert "Size = 2\n" in result.stdout


@BOTH
def test_a_missing_definition_is_a_usage_error(tmp_path: Path, verb: str) -> None:
    path = tmp_path / "none.json"
    result = invoke(verb, "--definition", str(path))
    insist_refused(
        result,
        2,
        f"Invalid value for '--definition': File '{path}' does not exist; "
        f"see sentiment {verb} --help",
    )


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("{", "the definition isn't JSON: line 1, column 2: "),
        ({"Version": "2020-12-01"}, "Steps must be a JSON array, got None"),
        (
            {**SMALL, "Steps": [{"Name": "A", "Type": "Tuning"}]},
            "step A: unknown step type 'Tuning'; use one of Processing, ",
        ),
    ],
    ids=["cut", "no-steps", "unknown-type"],
)
@BOTH
def test_a_definition_that_cannot_run_here_is_a_usage_error(
    tmp_path: Path, verb: str, document: Any, message: str
) -> None:
    result = invoke(verb, "--definition", definition(tmp_path, document))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"error: {message}")
    assert result.stderr.count("\n") == 1


def test_a_definition_that_is_no_text_is_a_usage_error(tmp_path: Path) -> None:
    path = tmp_path / "definition.json"
    path.write_bytes(b"\xff\xfe")
    result = invoke("show", "--definition", str(path))
    assert result.exit_code == 2
    assert result.stderr.startswith(f"error: {path}: can't be read (")


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        ("none.tar.gz", "none.tar.gz: no such file or folder"),
        ("s3://b/a.tar", "s3://b/a.tar: S3 is for executions on AWS; give a local run a file"),
    ],
)
def test_a_dataset_that_cannot_be_used_is_told_in_one_line(
    tmp_path: Path, dataset: str, message: str
) -> None:
    insist_refused(run(tmp_path, "--dataset", dataset), 1, message)


@pytest.mark.parametrize("arguments", [("run", "--datasett", "x"), ("go",), ("run", "more")])
def test_an_unknown_option_or_verb_is_a_usage_error(arguments: tuple[str, ...]) -> None:
    result = invoke(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1


def test_json_is_one_object_and_all_that_stands_on_stdout(tmp_path: Path) -> None:
    result = run(tmp_path, "--json")
    summary = json.loads(result.stdout)
    (step, gate) = summary.pop("steps")
    assert result.stderr == ""
    assert result.exit_code == 0
    assert step.pop("seconds") > 0
    assert gate.pop("seconds") >= 0
    assert step == {
        "cached": False,
        "failure_reason": None,
        "name": "Evaluate",
        "status": "Succeeded",
    }
    assert gate == {"cached": False, "failure_reason": None, "name": "Gate", "status": "Succeeded"}
    evaluation = tmp_path / "runs/s3/b/evaluation/evaluation.json"
    assert json.loads(evaluation.read_text()) == REPORT
    assert summary == {
        "accuracy": 0.75,
        "artifacts": {"evaluation": str(evaluation)},
        "demo": False,
        "execution_id": "local-0001",
        "failure_reason": None,
        "status": "Succeeded",
    }


def test_json_tells_a_failure_and_what_was_cached(tmp_path: Path) -> None:
    run(tmp_path, "--json")
    result = run(tmp_path, "--json", "--parameter", "Mode=b")
    summary = json.loads(result.stdout)
    assert (result.exit_code, result.stderr) == (1, "")
    assert summary["status"] == "Failed"
    assert summary["execution_id"] == "local-0002"
    assert summary["failure_reason"] == "step Reject: not [a]"
    assert [(step["name"], step["status"], step["cached"]) for step in summary["steps"]] == [
        ("Evaluate", "Succeeded", True),
        ("Gate", "Succeeded", False),
        ("Reject", "Failed", False),
    ]


def test_people_are_told_of_steps_on_stderr_and_of_results_on_stdout(tmp_path: Path) -> None:
    result = run(tmp_path)
    assert result.exit_code == 0
    assert [line.split()[:2] for line in result.stderr.splitlines()] == [
        ["execution", "local-0001"],
        ["✓", "Evaluate"],
        ["✓", "Gate"],
    ]
    assert "Succeeded: execution local-0001\n" in result.stdout
    assert "accuracy     0.75000\n" in result.stdout
    assert "working" not in result.stdout


def test_a_gate_of_another_metric_is_told_beside_the_accuracy(tmp_path: Path) -> None:
    document = copy.deepcopy(SMALL)
    report = {**REPORT, "gate": {"metric": "f1", "measured": 0.7}}
    application = document["Steps"][0]["Arguments"]["AppSpecification"]
    application["ContainerArguments"][1] = json.dumps(report)
    path = definition(tmp_path, document)
    result = run(tmp_path, "--definition", path)
    assert "accuracy     0.75000\nf1           0.70000\n" in result.stdout
    told = json.loads(run(tmp_path, "--definition", path, "--json").stdout)
    assert told["gate"] == {"metric": "f1", "measured": 0.7}


def test_the_page_that_lies_beside_the_evaluation_is_told(tmp_path: Path) -> None:
    document = copy.deepcopy(SMALL)
    entry = document["Steps"][0]["Arguments"]["AppSpecification"]["ContainerEntrypoint"]
    entry[2] = f"{WRITE}; pathlib.Path(sys.argv[1], 'report.html').touch()"
    result = run(tmp_path, "--definition", definition(tmp_path, document))
    assert f"report       {tmp_path}/runs/s3/b/evaluation/report.html\n" in result.stdout


def test_the_commit_is_given_and_another_one_that_is_named_wins(tmp_path: Path) -> None:
    document = copy.deepcopy(SMALL)
    document["Parameters"].append({"Name": "Commit", "Type": "String", "DefaultValue": "unknown"})
    path = definition(tmp_path, document)
    for number, (given, expected) in enumerate(
        [((), commit(ROOT)), (("--parameter", "Commit=abc"), "abc")], start=1
    ):
        run(tmp_path, "--definition", path, *given)
        record = tmp_path / f"runs/executions/local-{number:04}/execution.json"
        assert json.loads(record.read_text())["parameters"]["Commit"] == expected


def test_people_are_told_why_it_failed_with_every_character(tmp_path: Path) -> None:
    result = run(tmp_path, "--parameter", "Mode=b")
    assert result.exit_code == 1
    assert "✗ Reject" in result.stderr
    assert "Failed: execution local-0001\nstep Reject: not [a]\n" in result.stdout


def test_the_plan_is_shown_with_its_branches_and_parameters() -> None:
    result = invoke("show", "--parameter", "NumRound=7")
    assert (result.exit_code, result.stderr) == (0, "")
    for line in (
        "Download (Processing) cached",
        "Train (Training) after Preprocess cached",
        "if it holds",
        "Reject (Fail) after Evaluate, QualityGate",
        "NumRound = 7",
        "FeatureFormat = text/libsvm",
    ):
        assert line in result.stdout


def test_the_committed_definition_can_be_planned() -> None:
    assert DEFINITION.name == "definition.json"
    assert invoke("show").exit_code == 0


def test_a_dataset_given_as_parameter_is_no_demo(tmp_path: Path) -> None:
    uri = Path(archive(tmp_path)).as_uri()
    result = invoke(
        *("run", "--definition", definition(tmp_path), "--workdir", str(tmp_path / "runs")),
        *("--json", "--parameter", f"DatasetUri={uri}"),
    )
    assert json.loads(result.stdout)["demo"] is False


def test_a_dataset_given_twice_over_is_a_usage_error(tmp_path: Path) -> None:
    result = run(tmp_path, "--parameter", "DatasetUri=https://host/a.tar")
    assert result.exit_code == 2


@pytest.mark.parametrize("verb", ["with-dataset", "demo"])
def test_a_work_folder_that_cannot_be_made_is_told_in_one_line(tmp_path: Path, verb: str) -> None:
    (tmp_path / "file").write_text("")
    given = ("--dataset", archive(tmp_path)) if verb == "with-dataset" else ()
    result = invoke("run", *given, "--workdir", str(tmp_path / "file" / "runs"))
    assert isinstance(result.exception, SystemExit)
    assert result.stderr.count("\n") == 1


def test_names_are_shown_as_they_are_written(tmp_path: Path) -> None:
    document = copy.deepcopy(SMALL)
    document["Steps"][0]["Name"] = "Evaluate[bold]"
    document["Steps"][1]["DependsOn"] = ["Evaluate[bold]"]
    result = invoke(
        *("show", "--definition", definition(tmp_path, document)),
        *("--parameter", "DatasetUri=x"),
    )
    assert "Evaluate[bold] (Processing)" in result.stdout
