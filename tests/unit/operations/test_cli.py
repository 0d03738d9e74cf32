"""`sentiment run` and `show`: usage errors, exit codes, output."""

from __future__ import annotations

import copy
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from operations.local.git_commit import checked_out_commit
from operations.options import DEFINITION
from processing.names import Step
from tests.support.archives import tiny_dataset
from tests.support.aws_samples import deploy, execution_arn
from tests.support.clean_room import ROOT
from tests.support.command_line import assert_refused, invoke, json_output
from tests.support.scripted_aws import ScriptedAws

SKLEARN = "1.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.4-2"
REPORT = {"binary_classification_metrics": {"accuracy": {"value": 0.75}}}
WRITE = (
    "import pathlib, sys; pathlib.Path(sys.argv[1], 'evaluation.json').write_text(sys.argv[2]); "
    "print('working')"
)

# Like the committed definition in everything that the command reads, but done in a second.
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
    return str(tiny_dataset(root / "reviews.tar"))


def run(root: Path, *arguments: str) -> Result:
    given = ("--dataset", archive(root), "--workdir", str(root / "runs"), *arguments)
    if "--definition" not in arguments:
        given = ("--definition", definition(root), *given)
    return invoke("run", *given)


BOTH = pytest.mark.parametrize("verb", ["run", "show"])


def test_an_unknown_parameter_is_a_usage_error(tmp_path: Path) -> None:
    result = run(tmp_path, "--parameter", "Sise=5")
    assert_refused(result, 2, "'Sise'", "did you mean Size?")
    assert not (tmp_path / "runs").exists()


def test_show_accepts_the_definition_of_a_run(tmp_path: Path) -> None:
    result = invoke("show", "--definition", definition(tmp_path))
    assert (result.exit_code, result.stderr) == (0, "")


def test_unknown_parameter_of_the_committed_definition_is_a_usage_error() -> None:
    result = invoke("show", "--parameter", "NumRounds=5")
    assert_refused(result, 2, "'NumRounds'")


@pytest.mark.parametrize(
    ("given", "message"),
    [("Mode=c", "parameter Mode"), ("Size=1.5", "parameter Size"), ("Size=", "parameter Size")],
    ids=["enum", "type", "empty"],
)
def test_invalid_value_is_a_usage_error_before_anything_is_written(
    tmp_path: Path, given: str, message: str
) -> None:
    assert_refused(run(tmp_path, "--parameter", given), 2, message)
    assert not (tmp_path / "runs").exists()


@BOTH
@pytest.mark.parametrize("given", ["Size", "=5", ""])
def test_parameter_without_name_and_value_is_a_usage_error(verb: str, given: str) -> None:
    result = invoke(verb, "--parameter", given)
    assert_refused(result, 2, f"NAME=VALUE, got {given!r} (see `sentiment {verb} --help`)")


def test_value_can_contain_an_equals_sign_and_the_last_one_counts(tmp_path: Path) -> None:
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
    assert_refused(result, 2, "--definition", str(path))


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("{", "line 1, column 2"),
        ({"Version": "2020-12-01"}, "Steps"),
        (
            {**SMALL, "Steps": [{"Name": "A", "Type": "Tunings"}]},
            "step A",
        ),
    ],
    ids=["cut", "no-steps", "unknown-type"],
)
@BOTH
def test_a_definition_that_cannot_run_here_is_a_usage_error(
    tmp_path: Path, verb: str, document: Any, message: str
) -> None:
    path = definition(tmp_path, document)
    assert_refused(invoke(verb, "--definition", path), 2, f"{path}: ", message)


def test_show_accepts_what_only_aws_runs(tmp_path: Path) -> None:
    steps = [{"Name": "A", "Type": "AutoML"}, {"Name": "B", "Type": "Lambda"}]
    path = definition(tmp_path, {**SMALL, "Steps": steps})
    result = invoke("show", "--definition", path)
    assert result.exit_code == 0
    assert "AutoML" in result.output
    assert_refused(invoke("run", "--definition", path), 2, "step A", "--handler B=")


def test_malformed_handler_is_a_usage_error(tmp_path: Path) -> None:
    assert_refused(run(tmp_path, "--handler", "functions"), 2, "--handler must be STEP=MODULE")


def test_binary_definition_is_a_usage_error(tmp_path: Path) -> None:
    path = tmp_path / "definition.json"
    path.write_bytes(b"\xff\xfe")
    result = invoke("show", "--definition", str(path))
    assert_refused(result, 2, f"{path}: ")


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        ("none.tar.gz", "none.tar.gz: "),
        ("s3://b/a.tar", "s3://b/a.tar: "),
    ],
)
def test_unusable_dataset_is_a_usage_error(tmp_path: Path, dataset: str, message: str) -> None:
    assert_refused(run(tmp_path, "--dataset", dataset), 2, message)


@pytest.mark.parametrize("arguments", [("run", "--datasett", "x"), ("go",), ("run", "more")])
def test_an_unknown_option_or_command_is_a_usage_error(arguments: tuple[str, ...]) -> None:
    result = invoke(*arguments)
    assert_refused(result, 2)


def test_json_output_is_one_object(tmp_path: Path) -> None:
    result = run(tmp_path, "--json")
    summary = json.loads(result.stdout)
    (step, gate) = summary.pop("steps")
    assert result.stderr == ""
    assert result.exit_code == 0
    assert step.pop("seconds") > 0
    assert gate.pop("seconds") >= 0
    assert [reason["text"] for reason in step["reasons"]] == ["not run before"]
    assert step == {
        "attempts": 1,
        "cached": False,
        "cached_from": None,
        "failure_reason": None,
        "name": "Evaluate",
        "reasons": step["reasons"],
        "reused_from": None,
        "status": "Succeeded",
    }
    assert gate == {**step, "name": "Gate", "reasons": None}
    evaluation = tmp_path / "runs/s3/b/evaluation/evaluation.json"
    assert json.loads(evaluation.read_text()) == REPORT
    assert datetime.fromisoformat(summary.pop("started")).tzinfo
    assert summary.pop("seconds") > 0
    assert summary.pop("parameters").keys() == {"DatasetUri", "Mode", "Size"}
    assert {name: value for name, value in summary.items() if value is not None} == {
        "accuracy": 0.75,
        "arn": "arn:aws:sagemaker:local-1:000000000000:pipeline/local/execution/local-0001",
        "artifacts": {"evaluation": str(evaluation)},
        "demo": False,
        "execution_id": "local-0001",
        "metrics": {"accuracy": 0.75},
        "status": "Succeeded",
    }


def test_json_output_has_the_same_keys_locally_and_on_aws(aws: ScriptedAws, tmp_path: Path) -> None:
    deploy(aws)
    aws.on("StartPipelineExecution", {"PipelineExecutionArn": execution_arn()})
    local = json_output(run(tmp_path, "--json"))
    watched = json_output(invoke("watch", "--json"))
    [listed] = json_output(invoke("list", "--json"))["executions"]
    others = [
        json_output(invoke(*arguments, "--json")) for arguments in (("start",), ("start", "--wait"))
    ]
    assert {frozenset(found) for found in (local, watched, listed, *others)} == {frozenset(local)}
    assert local["steps"][0].keys() == watched["steps"][0].keys()


def test_json_output_has_failure_and_cached_steps(tmp_path: Path) -> None:
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


def test_steps_are_on_stderr_and_results_on_stdout(tmp_path: Path) -> None:
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


def test_metric_of_the_gate_is_shown(tmp_path: Path) -> None:
    document = copy.deepcopy(SMALL)
    gate = {"metric": "f1", "measured": 0.7, "threshold": 0.6, "passed": True}
    report = {**REPORT, "gate": gate}
    application = document["Steps"][0]["Arguments"]["AppSpecification"]
    application["ContainerArguments"][1] = json.dumps(report)
    path = definition(tmp_path, document)
    result = run(tmp_path, "--definition", path)
    assert "accuracy     0.75000\nf1           0.70000\n" in result.stdout
    document = json.loads(run(tmp_path, "--definition", path, "--json").stdout)
    assert document["gate"] == gate


def test_html_report_is_listed(tmp_path: Path) -> None:
    document = copy.deepcopy(SMALL)
    entry = document["Steps"][0]["Arguments"]["AppSpecification"]["ContainerEntrypoint"]
    entry[2] = f"{WRITE}; pathlib.Path(sys.argv[1], 'report.html').touch()"
    result = run(tmp_path, "--definition", definition(tmp_path, document))
    assert f"report       {tmp_path}/runs/s3/b/evaluation/report.html\n" in result.stdout


def test_commit_is_a_parameter_that_can_be_overridden(tmp_path: Path) -> None:
    document = copy.deepcopy(SMALL)
    document["Parameters"].append({"Name": "Commit", "Type": "String", "DefaultValue": "unknown"})
    path = definition(tmp_path, document)
    for number, (given, expected) in enumerate(
        [((), checked_out_commit(ROOT)), (("--parameter", "Commit=abc"), "abc")], start=1
    ):
        run(tmp_path, "--definition", path, *given)
        record = tmp_path / f"runs/executions/local-{number:04}/execution.json"
        assert json.loads(record.read_text())["parameters"]["Commit"] == expected


def test_failure_reason_is_printed_without_markup(tmp_path: Path) -> None:
    result = run(tmp_path, "--parameter", "Mode=b")
    assert result.exit_code == 1
    [line] = [line for line in result.output.splitlines() if "not [a]" in line]
    assert line.split()[:2] == ["✗", "Reject"]
    assert "Failed: execution local-0001, step Reject\n" in result.stdout


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("print('working'); sys.exit('error: no column [b]')", "no column [b]"),
        ("raise ValueError('a bug')", "ValueError: a bug"),
        ("import os; os.kill(os.getpid(), 9)", "killed by signal 9"),
        ("sys.exit(3)", "printed nothing"),
    ],
    ids=["message", "traceback", "killed", "silent"],
)
def test_failed_job_is_shown_once_with_its_step_and_log(
    tmp_path: Path, code: str, reason: str
) -> None:
    document = copy.deepcopy(SMALL)
    application = document["Steps"][0]["Arguments"]["AppSpecification"]
    application["ContainerEntrypoint"][2] = f"import sys; {code}"
    result = run(tmp_path, "--definition", definition(tmp_path, document))
    line, *_, log = result.stderr.splitlines()[1:]
    assert line.split()[:2] == ["✗", "Evaluate"]
    assert line.count(reason) == result.output.count(reason) == 1
    path = tmp_path / "runs/executions/local-0001/logs/Evaluate.log"
    assert log == f"      log: {path}"
    assert path.is_file()
    assert "Failed: execution local-0001, step Evaluate\n" in result.stdout


def test_logs_of_all_hosts_are_named(tmp_path: Path) -> None:
    document = copy.deepcopy(SMALL)
    arguments = document["Steps"][0]["Arguments"]
    arguments["AppSpecification"]["ContainerEntrypoint"][2] = "raise SystemExit('no')"
    arguments["ProcessingResources"] = {"ClusterConfig": {"InstanceCount": 2}}
    result = run(tmp_path, "--definition", definition(tmp_path, document))
    assert "Evaluate.algo-1.log, " in result.stderr
    assert "Evaluate.algo-2.log\n" in result.stderr


def test_show_prints_steps_branches_and_parameters() -> None:
    result = invoke("show", "--parameter", "NumRound=7")
    assert (result.exit_code, result.stderr) == (0, "")
    for line in (
        "Download (Processing) cacheable",
        "Train (Training) after Preprocess cacheable",
        "if true",
        "Reject (Fail) after Evaluate, QualityGate",
        "NumRound = 7",
        "FeatureFormat = text/libsvm",
    ):
        assert line in result.stdout


def test_show_has_the_run_conditions(tmp_path: Path) -> None:
    notify = {"Name": "B", "Type": "Lambda", "DependsOn": [{"Step": "A", "Trigger": "Failed"}]}
    steps = [{"Name": "A", "Type": "Lambda"}, notify]
    options = ("show", "--definition", definition(tmp_path, {**SMALL, "Steps": steps}))
    assert "B (Lambda) after A (Failed)" in invoke(*options).stdout
    assert json_output(invoke(*options, "--json"))["steps"][1]["triggers"] == {"A": "Failed"}


def test_show_has_one_json_object_with_steps_and_parameters(tmp_path: Path) -> None:
    result = invoke(
        *("show", "--definition", definition(tmp_path), "--json"),
        *("--parameter", "DatasetUri=s3://b/k", "--parameter", "Size=7"),
    )
    assert json_output(result) == {
        "inputs": [{"name": "DATASET", "step": "Evaluate", "uri": "s3://b/k"}],
        "parameters": {"DatasetUri": "s3://b/k", "Mode": "a", "Size": 7},
        "steps": [
            {
                "branch": None,
                "cacheable": True,
                "depends_on": [],
                "name": "Evaluate",
                "triggers": {},
                "type": "Processing",
            },
            {
                "branch": None,
                "cacheable": False,
                "depends_on": ["Evaluate"],
                "name": "Gate",
                "triggers": {},
                "type": "Condition",
            },
            {
                "branch": {"condition": "Gate", "outcome": False},
                "cacheable": False,
                "depends_on": ["Gate"],
                "name": "Reject",
                "triggers": {},
                "type": "Fail",
            },
        ],
    }


@pytest.mark.parametrize(
    ("options", "step"), [((), Step.TRAIN), (("--scoring",), Step.JOIN)], ids=["train", "score"]
)
def test_show_has_both_committed_definitions(options: tuple[str, ...], step: str) -> None:
    shown = json_output(invoke("show", *options, "--json"))
    assert step in [found["name"] for found in shown["steps"]]
    assert step in invoke("show", *options).stdout


@pytest.mark.parametrize("more", [("--preset", "accurate"), ("--definition", str(DEFINITION))])
def test_show_refuses_options_that_contradict_scoring(more: tuple[str, str]) -> None:
    assert_refused(invoke("show", "--scoring", *more), 2, more[0])


def test_dataset_parameter_is_not_the_demo(tmp_path: Path) -> None:
    uri = Path(archive(tmp_path)).as_uri()
    result = invoke(
        *("run", "--definition", definition(tmp_path), "--workdir", str(tmp_path / "runs")),
        *("--json", "--parameter", f"DatasetUri={uri}"),
    )
    assert json.loads(result.stdout)["demo"] is False


def test_dataset_given_twice_is_a_usage_error(tmp_path: Path) -> None:
    result = run(tmp_path, "--parameter", "DatasetUri=https://host/a.tar")
    assert result.exit_code == 2


@pytest.mark.parametrize("dataset", ["archive", "demo"])
def test_unusable_work_folder_is_an_error(tmp_path: Path, dataset: str) -> None:
    (tmp_path / "file").write_text("")
    given = ("--dataset", archive(tmp_path)) if dataset == "archive" else ()
    result = invoke("run", *given, "--workdir", str(tmp_path / "file" / "runs"))
    assert isinstance(result.exception, SystemExit)
    assert result.stderr.count("\n") == 1


def test_show_prints_names_without_markup(tmp_path: Path) -> None:
    document = copy.deepcopy(SMALL)
    document["Steps"][0]["Name"] = "Evaluate[bold]"
    document["Steps"][1]["DependsOn"] = ["Evaluate[bold]"]
    result = invoke(
        *("show", "--definition", definition(tmp_path, document)),
        *("--parameter", "DatasetUri=s3://b/k"),
    )
    assert "Evaluate[bold] (Processing)" in result.stdout


def test_show_warns_of_what_a_local_run_refuses(tmp_path: Path) -> None:
    path = tmp_path / "definition.json"
    text = DEFINITION.read_text(encoding="utf-8")
    path.write_text(text.replace("sagemaker-xgboost:3.0-5", "sagemaker-xgboost:9"))
    shown = invoke("show", "--json", "--definition", str(path))
    assert shown.exit_code == 0
    assert "sagemaker-xgboost:9" in shown.stderr
    assert json.loads(shown.stdout)["steps"]
