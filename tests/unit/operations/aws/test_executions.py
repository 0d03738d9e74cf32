"""`sentiment list`, `stop` and `logs`, and missing resources for every AWS command."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tests.support.aws_samples import (
    ACCOUNT,
    BUCKET,
    HERE,
    ID,
    PIPELINE_ARN,
    START,
    SUCCEEDED,
    deploy,
    execution,
    execution_arn,
    job_name,
    pipeline,
    step,
    summary,
)
from tests.support.cdk_context import write_cdk_json
from tests.support.command_line import assert_refused, invoke, json_output
from tests.support.scripted_aws import ScriptedAws, error

VERBS = pytest.mark.parametrize(
    "arguments",
    [
        ("start",),
        ("watch",),
        ("list",),
        ("logs", "Train"),
        ("stop",),
        ("report",),
        ("compare", ID, ID),
        ("approve", "1"),
        ("reject", "1"),
        ("cost",),
        ("clean",),
    ],
    ids=lambda arguments: arguments[0],
)
UNKNOWN = pytest.mark.parametrize("code", ["ResourceNotFound", "ValidationException"])


@VERBS
@UNKNOWN
def test_unknown_environment_is_refused_with_the_existing_ones(
    aws: ScriptedAws, arguments: tuple[str, ...], code: str
) -> None:
    aws.on("DescribePipeline", error(code, "no such pipeline"))
    for kind in ("Models", "Endpoints", "EndpointConfigs"):
        aws.on(f"List{kind}", {kind: []})
    aws.on("ListModelPackages", error(code, "no such group"))
    aws.pages(
        "ListPipelines",
        "PipelineSummaries",
        [{"PipelineName": "sentiment-dev"}],
        [{"PipelineName": "sentiment-prod"}],
    )
    known = "sentiment-dev, sentiment-prod"
    assert_refused(invoke(*arguments, "-e", "tset"), 1, "sentiment-tset", "us-east-1", known)
    assert [request["PipelineNamePrefix"] for request in aws.requests("ListPipelines")] == [
        "sentiment-"
    ] * 2


def test_credentials_of_another_account_are_named_where_nothing_is_found(
    aws: ScriptedAws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = {"dev": {"region": "us-east-1", "account": "999999999999"}}
    path = write_cdk_json(tmp_path, {"environments": found})
    monkeypatch.setattr("operations.environments.CDK_JSON", path)
    aws.on("DescribePipeline", error("ResourceNotFound", "no such pipeline"))
    aws.on("GetCallerIdentity", {"Account": ACCOUNT})
    assert_refused(invoke("list"), 1, "sentiment-dev", ACCOUNT, "999999999999")


def test_environment_of_the_same_name_in_another_account_is_refused(
    aws: ScriptedAws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = {"dev": {"region": "us-east-1", "account": "999999999999"}}
    path = write_cdk_json(tmp_path, {"environments": found})
    monkeypatch.setattr("operations.environments.CDK_JSON", path)
    aws.on("DescribePipeline", pipeline())
    assert_refused(invoke("start"), 1, "sentiment-dev", ACCOUNT, "999999999999")
    assert "StartPipelineExecution" not in aws.names()


def test_region_without_environments_is_refused(aws: ScriptedAws) -> None:
    aws.on("DescribePipeline", error("ResourceNotFound", "no such pipeline"))
    aws.pages("ListPipelines", "PipelineSummaries", [])
    result = invoke("list", "--region", "eu-west-1")
    assert_refused(result, 1, "sentiment-dev", "eu-west-1", "existing pipelines: none")


@pytest.mark.parametrize(
    "arguments", [("watch",), ("logs", "Train", "--execution"), ("stop",), ("report",), ("cost",)]
)
@UNKNOWN
def test_unknown_execution_is_refused_with_the_command_that_lists_executions(
    aws: ScriptedAws, arguments: tuple[str, ...], code: str
) -> None:
    deploy(aws)
    aws.on("DescribePipelineExecution", error(code, "no such execution"))
    assert_refused(invoke(*arguments, "nope"), 2, "nope", f"`sentiment list {HERE}`")


def test_an_execution_of_another_pipeline_is_a_usage_error(aws: ScriptedAws) -> None:
    deploy(aws)
    foreign = f"{PIPELINE_ARN}-other/execution/{ID}"
    assert_refused(invoke("stop", foreign), 2, foreign, "--environment")


@pytest.mark.parametrize("wanted", [ID, execution_arn()], ids=["id", "arn"])
def test_an_execution_is_found_by_its_id_and_by_its_arn(aws: ScriptedAws, wanted: str) -> None:
    deploy(aws, "Stopping")
    assert json_output(invoke("stop", wanted, "--json"))["execution_id"] == ID
    assert aws.requests("DescribePipelineExecution") == [{"PipelineExecutionArn": execution_arn()}]


@pytest.mark.parametrize("arguments", [("watch",), ("report",), ("cost",)])
def test_pipeline_without_executions_is_refused(
    aws: ScriptedAws, arguments: tuple[str, ...]
) -> None:
    deploy(aws)
    aws.pages("ListPipelineExecutions", "PipelineExecutionSummaries", [])
    assert_refused(invoke(*arguments), 1, "sentiment-dev", f"`sentiment start {HERE}`")


def test_list_is_newest_first_and_limited(aws: ScriptedAws) -> None:
    deploy(aws, steps=[])
    pages = [[summary(f"{page}{number}") for number in range(3)] for page in "ab"]
    aws.pages("ListPipelineExecutions", "PipelineExecutionSummaries", *pages)
    executions = json_output(invoke("list", "--limit", "4", "--json"))["executions"]
    assert [execution["execution_id"] for execution in executions] == ["a0", "a1", "a2", "b0"]
    parameters = executions[0].pop("parameters")
    assert parameters["ArtifactsUri"] == f"s3://{BUCKET}"
    assert {name: value for name, value in executions[0].items() if value is not None} == {
        "arn": execution_arn("a0"),
        "display_name": "name-of-a0",
        "execution_id": "a0",
        "seconds": 0.0,
        "started": "2026-11-22T20:00:00+00:00",
        "status": "Succeeded",
        "steps": [],
    }
    (first, _) = aws.requests("ListPipelineExecutions")
    assert first == {
        "PipelineName": "sentiment-dev",
        "MaxResults": 100,
        "SortBy": "CreationTime",
        "SortOrder": "Descending",
    }


def test_list_requests_no_more_pages_than_needed(aws: ScriptedAws) -> None:
    deploy(aws)
    pages = [[summary(f"{page}{number}") for number in range(3)] for page in "ab"]
    aws.pages("ListPipelineExecutions", "PipelineExecutionSummaries", *pages)
    assert len(json_output(invoke("list", "--limit", "3", "--json"))["executions"]) == 3
    assert len(aws.requests("ListPipelineExecutions")) == 1
    for operation in (
        "ListPipelineExecutionSteps",
        "ListPipelineParametersForExecution",
        "DescribeProcessingJob",
        "GetObject",
    ):
        assert len(aws.requests(operation)) == 3


def listed_parameters(request: dict[str, Any]) -> dict[str, Any]:
    """ListPipelineParametersForExecution: the execution's ID ends with its MaxDepth."""
    depth = request["PipelineExecutionArn"][-1]
    return {"PipelineParameters": [{"Name": "MaxDepth", "Value": depth}]}


def test_list_has_the_given_parameters_else_the_defaults(aws: ScriptedAws) -> None:
    deploy(aws)
    listed = [summary("a3"), summary("a4")]
    aws.pages("ListPipelineExecutions", "PipelineExecutionSummaries", listed)
    aws.on("ListPipelineParametersForExecution", listed_parameters)
    executions = json_output(invoke("list", "--json"))["executions"]
    assert [it["parameters"]["MaxDepth"] for it in executions] == [3, 4]
    assert [it["parameters"]["Seed"] for it in executions] == [0, 0]
    header, *lines = cells(invoke("list", "--sort", "accuracy"))
    assert (header[-1], [line[-1] for line in lines]) == ("MaxDepth", ["3", "4"])


def test_parameters_that_may_not_be_read_are_null(aws: ScriptedAws) -> None:
    deploy(aws)
    aws.on("ListPipelineParametersForExecution", error("AccessDeniedException", "no"))
    [execution] = json_output(invoke("list", "--json"))["executions"]
    assert (execution["parameters"], execution["accuracy"]) == (None, 0.86812)


def cells(result: Result) -> list[list[str]]:
    """The header and the lines of a table, split at two spaces."""
    assert result.exit_code == 0, result.output
    return [re.split(r" {2,}", line.strip()) for line in result.stdout.splitlines()]


def test_list_shows_accuracy_version_and_duration(aws: ScriptedAws) -> None:
    deploy(aws)
    header, line = cells(invoke("list"))
    assert dict(zip(header, line, strict=True)) == {
        "execution": ID,
        "name": f"name-of-{ID}",
        "started": "2026-11-22 20:00:00 UTC",
        "duration": "1 min 0 s",
        "status": "Succeeded",
        "accuracy": "0.86812",
        "version": "3",
    }


def test_list_shows_the_failed_step_and_one_line_of_its_reason(aws: ScriptedAws) -> None:
    reason = f"first\n{'x' * 500}"
    failed = step(
        "Train", "TrainingJob", "Failed", FailureReason=f"AlgorithmError: {reason}, exit code: 1"
    )
    deploy(aws, "Failed", steps=[step("Preprocess"), failed])
    header, line = cells(invoke("list"))
    assert header[-2:] == ["status", "failure reason"]
    assert line[-1].startswith("step Train: first xxx")
    assert line[-1].endswith("x…")
    (execution,) = json_output(invoke("list", "--json"))["executions"]
    assert execution["failure_reason"] == f"step Train: {reason}"


def test_list_keeps_the_order_of_executions_of_which_some_have_no_results(
    aws: ScriptedAws,
) -> None:
    deploy(aws)
    known = {"a": SUCCEEDED, "b": [step("Download", status="Executing")], "c": SUCCEEDED[:7]}
    aws.pages("ListPipelineExecutions", "PipelineExecutionSummaries", [*map(summary, known)])
    aws.on(
        "ListPipelineExecutionSteps",
        lambda asked: {
            "PipelineExecutionSteps": known[asked["PipelineExecutionArn"].rpartition("/")[2]]
        },
    )
    executions = json_output(invoke("list", "--json"))["executions"]
    found = {
        execution["execution_id"]: (execution["accuracy"], execution["model_package_arn"])
        for execution in executions
    }
    version = SUCCEEDED[-1]["Metadata"]["RegisterModel"]["Arn"]
    assert [*found.items()] == [
        ("a", (0.86812, version)),
        ("b", (None, None)),
        ("c", (0.86812, None)),
    ]


def test_list_omits_the_names_that_aws_gives(aws: ScriptedAws) -> None:
    deploy(aws)
    named = {**summary(ID), "PipelineExecutionDisplayName": "execution-1795000000000"}
    aws.pages("ListPipelineExecutions", "PipelineExecutionSummaries", [named])
    assert "name" not in cells(invoke("list"))[0]


def test_list_without_executions_says_so(aws: ScriptedAws) -> None:
    deploy(aws)
    aws.pages("ListPipelineExecutions", "PipelineExecutionSummaries", [])
    assert json_output(invoke("list", "--json")) == {"executions": []}
    assert invoke("list").stdout.startswith("no executions of sentiment-dev in us-east-1 ")


def test_unreadable_evaluation_leaves_the_accuracy_out(aws: ScriptedAws) -> None:
    deploy(aws)
    aws.on("GetObject", error("AccessDenied", "no", "GetObject"))
    assert "accuracy" not in cells(invoke("list"))[0]


@pytest.mark.parametrize("arguments", [(), (ID,)], ids=["the only one", "id"])
def test_a_running_execution_is_stopped(aws: ScriptedAws, arguments: tuple[str, ...]) -> None:
    deploy(aws, "Executing")
    newest = [summary("ended0000000"), summary(ID, "Executing")]
    aws.pages("ListPipelineExecutions", "PipelineExecutionSummaries", newest)
    described = [execution("Executing")] if arguments else []
    aws.on("DescribePipelineExecution", *described, execution("Stopping"))
    aws.on("StopPipelineExecution", {"PipelineExecutionArn": execution_arn()})
    result = invoke("stop", *arguments)
    assert result.stdout.splitlines() == [
        f"Stopping: execution {ID}",
        f"next         sentiment watch {ID} {HERE}",
    ]
    (request,) = aws.requests("StopPipelineExecution")
    assert request["PipelineExecutionArn"] == execution_arn()


@pytest.mark.parametrize("arguments", [(), (ID,)], ids=["the only one", "id"])
def test_execution_that_is_stopping_is_not_stopped_again(
    aws: ScriptedAws, arguments: tuple[str, ...]
) -> None:
    deploy(aws, "Stopping")
    assert invoke("stop", *arguments).exit_code == 0
    assert "StopPipelineExecution" not in aws.names()


@pytest.mark.parametrize(
    ("arguments", "mention"), [((), f"`sentiment list {HERE}`"), ((ID,), "Succeeded")]
)
def test_stopping_an_ended_execution_fails(
    aws: ScriptedAws, arguments: tuple[str, ...], mention: str
) -> None:
    deploy(aws)
    assert_refused(invoke("stop", *arguments), 1, mention)
    assert "StopPipelineExecution" not in aws.names()


def test_stopping_an_execution_that_ends_meanwhile_fails(aws: ScriptedAws) -> None:
    deploy(aws, "Executing")
    aws.on("DescribePipelineExecution", execution("Failed"))
    aws.on("StopPipelineExecution", {"PipelineExecutionArn": execution_arn()})
    assert_refused(invoke("stop"), 1, ID, "Failed")


def test_several_running_executions_are_listed_instead_of_stopped(aws: ScriptedAws) -> None:
    deploy(aws)
    running = [summary("a", "Executing"), summary("b", "Executing"), summary("c")]
    aws.pages("ListPipelineExecutions", "PipelineExecutionSummaries", running)
    result = invoke("stop")
    assert_refused(result, 2, f"`sentiment stop a {HERE}`, `sentiment stop b {HERE}`")
    assert "stop c" not in result.stderr
    assert "StopPipelineExecution" not in aws.names()


# Logs


def event(seconds: float, message: str) -> dict[str, Any]:
    time = START + timedelta(seconds=seconds)
    return {"timestamp": int(time.timestamp() * 1000), "message": message, "ingestionTime": 0}


def streams(aws: ScriptedAws, **events: list[list[dict[str, Any]]]) -> None:
    """Log streams by name, each in pages that can be read in both directions, as on AWS."""

    def read(request: dict[str, Any]) -> dict[str, Any]:
        pages = events[request["logStreamName"].rsplit("-", 1)[1]]
        forward = request["startFromHead"]
        at = int(request.get("nextToken", -1 if forward else len(pages)))
        at = at + 1 if forward else at - 1
        inside = 0 <= at < len(pages)
        edge = len(pages) - 1 if forward else 0
        token = str(at if inside else edge)
        # At its end, the stream repeats the token it was given.
        key = "nextForwardToken" if forward else "nextBackwardToken"
        other = "nextBackwardToken" if forward else "nextForwardToken"
        return {"events": pages[at] if inside else [], key: token, other: "unused"}

    names = [[{"logStreamName": f"{job_name('Train')}/algo-{name}"}] for name in events]
    aws.pages("DescribeLogStreams", "logStreams", *names, token="nextToken")
    aws.on("GetLogEvents", read)


TWO_HOSTS = {
    "1": [[event(0, "one\n"), event(2, "three")], [], [event(4, "five")]],
    "2": [[event(1, "two"), event(3, "four")]],
}


def trained(aws: ScriptedAws, **more: Any) -> None:
    deploy(aws, steps=[step("Train", "TrainingJob", **more)])


def test_all_hosts_logs_are_printed_in_time_order_page_by_page(aws: ScriptedAws) -> None:
    trained(aws)
    streams(aws, **TWO_HOSTS)
    result = invoke("logs", "Train")
    assert (result.stdout, result.stderr) == ("one\ntwo\nthree\nfour\nfive\n", "")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [(1, ["five"]), (3, ["three", "four", "five"]), (9, ["one", "two", "three", "four", "five"])],
)
def test_the_newest_lines_are_printed_in_time_order(
    aws: ScriptedAws, lines: int, expected: list[str]
) -> None:
    trained(aws)
    streams(aws, **TWO_HOSTS)
    assert invoke("logs", "Train", "--lines", str(lines)).stdout.splitlines() == expected


def test_json_log_has_times_and_streams(aws: ScriptedAws) -> None:
    trained(aws)
    streams(aws, **TWO_HOSTS)
    document = json_output(invoke("logs", "train", "--lines", "1", "--json"))
    line = {
        "message": "five",
        "stream": f"{job_name('Train')}/algo-1",
        "time": datetime(2026, 11, 22, 20, 0, 4, tzinfo=UTC).isoformat(),
    }
    assert document == {"lines": [line], "step": "Train"}


def test_log_includes_every_attempt(aws: ScriptedAws) -> None:
    trained(aws)
    streams(aws, **TWO_HOSTS)
    invoke("logs", "Train")
    assert aws.requests("DescribeLogStreams")[0] == {
        "logGroupName": "/aws/sagemaker/TrainingJobs",
        "logStreamNamePrefix": f"pipelines-{ID}-Train-",
    }


def test_log_of_a_cached_step_is_from_the_execution_that_ran_it(
    aws: ScriptedAws,
) -> None:
    trained(aws, job=job_name("Train", execution_id="earlier00000"))
    streams(aws, **TWO_HOSTS)
    invoke("logs", "Train")
    prefix = aws.requests("DescribeLogStreams")[0]["logStreamNamePrefix"]
    assert prefix == "pipelines-earlier00000-Train-"


def test_log_of_a_job_with_a_custom_name_is_found(aws: ScriptedAws) -> None:
    trained(aws, job="Train-by-hand")
    streams(aws, **TWO_HOSTS)
    invoke("logs", "Train")
    assert aws.requests("DescribeLogStreams")[0]["logStreamNamePrefix"] == "Train-by-hand"


def test_log_of_the_step_that_failed_else_of_the_one_that_runs_is_the_default(
    aws: ScriptedAws,
) -> None:
    steps = [step("Train", "TrainingJob", "Executing"), step("Reject", "Fail", "Failed")]
    deploy(aws, steps=steps)
    streams(aws, **TWO_HOSTS)
    for failed in (None, "Preprocess"):
        if failed:
            steps.append(step(failed, status="Failed"))
        aws.pages("ListPipelineExecutionSteps", "PipelineExecutionSteps", steps)
        assert json_output(invoke("logs", "--json"))["step"] == (failed or "Train")
    assert len(aws.requests("ListPipelineExecutionSteps")) == 2  # once for each command
    deploy(aws, steps=[step("Download"), step("Reject", "Fail", "Failed")])
    assert_refused(invoke("logs"), 2, "Download")


def test_step_that_has_not_started_is_refused_with_started_steps(aws: ScriptedAws) -> None:
    deploy(aws, steps=[step("Download"), step("Preprocess")])
    assert_refused(invoke("logs", "Train"), 1, "Train", ID, "Download, Preprocess")


def test_unknown_step_is_a_usage_error_with_the_steps_that_have_logs(aws: ScriptedAws) -> None:
    deploy(aws, steps=[step("Download")])
    assert_refused(invoke("logs", "Trian"), 2, "Trian", "Download, Preprocess, Train")


def test_a_step_without_a_job_has_no_log(aws: ScriptedAws) -> None:
    deploy(aws)
    assert_refused(invoke("logs", "QualityGate"), 1, "QualityGate", "no job")


@pytest.mark.parametrize("answer", ["empty", "no group"])
def test_missing_log_is_refused(aws: ScriptedAws, answer: str) -> None:
    trained(aws)
    aws.pages("DescribeLogStreams", "logStreams", [], token="nextToken")
    if answer == "no group":
        missing = error("ResourceNotFoundException", "The specified log group does not exist.")
        aws.on("DescribeLogStreams", missing)
    assert_refused(invoke("logs", "Train"), 1, "Train", "/aws/sagemaker/TrainingJobs")
