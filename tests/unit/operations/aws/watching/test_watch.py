"""`sentiment watch`: steps, retries, and Ctrl-C."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import pytest
from botocore import exceptions

from operations.aws import executions, pipelines
from operations.aws.client import Deployment
from operations.aws.watching.polling import Polling
from operations.aws.watching.watch import watch as watch_execution
from operations.errors import CliError, Interrupted
from operations.execution_summary import ExecutionSummary
from tests.support.aws_samples import (
    ARN,
    CACHED,
    GROUP,
    HERE,
    ID,
    START,
    SUCCEEDED,
    definition,
    deploy,
    execution,
    job_name,
    package,
    step,
)
from tests.support.clock import Clock
from tests.support.command_line import assert_refused, invoke, json_output
from tests.support.scripted_aws import Answer, ScriptedAws, error

WATCH_COMMAND = f"`sentiment watch {ID} {HERE}`"
LONG_AGO = datetime.now(UTC) - timedelta(minutes=2)
BROKEN = exceptions.EndpointConnectionError(endpoint_url="https://api.sagemaker")
THROTTLED = error("ThrottlingException", "Rate exceeded", "DescribePipelineExecution")


def watch(clock: Clock, **polling: Any) -> ExecutionSummary:
    deployment = Deployment.of("dev", None)
    found = executions.find_execution(deployment, pipelines.find_pipeline(deployment), ID)
    return watch_execution(deployment, found, clock.polling(**polling), quiet=False)


def lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines()]


def test_succeeded_execution_is_shown_step_by_step(aws: ScriptedAws) -> None:
    deploy(aws)
    result = invoke("watch", ID)
    assert result.exit_code == 0
    assert lines(result.stderr) == [
        f"execution {ID}",
        "  ✓ Download        60.0 s  cached (earlier00000)",
        "  ✓ Preprocess      60.0 s",
        "  ✓ Train           60.0 s",
        "  ✓ CreateModel     60.0 s",
        "  ✓ Package         60.0 s",
        "  ✓ Transform       60.0 s",
        "  ✓ Evaluate        60.0 s",
        "  ✓ QualityGate     60.0 s  condition true",
        "  ✓ RegisterModel   60.0 s",
    ]
    assert lines(result.stdout) == [
        f"Succeeded: execution {ID}",
        "accuracy     0.86812",
        f"version      {ARN}:model-package/{GROUP}/3",
        "started      2026-11-22 20:00:00 UTC",
        "duration     1 min 0 s",
        f"next         sentiment approve 3 {HERE}",
    ]


def test_an_approved_version_is_not_suggested_for_approval(aws: ScriptedAws) -> None:
    deploy(aws)
    aws.on("DescribeModelPackage", package(3, "Approved"))
    assert "approve" not in invoke("watch", ID).stdout


def test_versions_that_cannot_be_read_do_not_fail_the_command(aws: ScriptedAws) -> None:
    deploy(aws)
    aws.on("DescribeModelPackage", error("AccessDeniedException", "no", "DescribeModelPackage"))
    assert invoke("watch", ID).exit_code == 0


def test_json_output_is_one_object(aws: ScriptedAws) -> None:
    deploy(aws)
    result = invoke("watch", "--json")
    document = json_output(result)
    assert result.stderr == ""
    assert (document["status"], document["accuracy"]) == ("Succeeded", 0.86812)
    assert document["failure_reason"] is None
    assert document["model_package_arn"] == f"{ARN}:model-package/{GROUP}/3"
    assert document["steps"][0] == {
        "attempts": 1,
        "cached": True,
        "cached_from": "earlier00000",
        "failure_reason": None,
        "name": "Download",
        "reasons": None,
        "reused_from": None,
        "seconds": 60.0,
        "status": "Succeeded",
    }


@pytest.mark.parametrize("status", ["Failed", "Stopped"])
def test_an_execution_that_has_not_succeeded_is_exit_code_1(aws: ScriptedAws, status: str) -> None:
    deploy(aws, status, steps=[step("Download", status=status)])
    aws.pages("DescribeLogStreams", "logStreams", [], token="nextToken")
    assert invoke("watch").exit_code == 1


def test_failed_job_is_shown_with_its_reason_and_the_end_of_its_log(aws: ScriptedAws) -> None:
    reason = "AlgorithmError: [bad] input, exit code: 1"
    failed = step("Train", "TrainingJob", "Failed", FailureReason=reason)
    deploy(aws, "Failed", steps=[step("Preprocess"), failed])
    stream = f"{job_name('Train')}/algo-1"
    aws.pages("DescribeLogStreams", "logStreams", [{"logStreamName": stream}], token="nextToken")
    stamp = int(START.timestamp() * 1000)
    events = [{"timestamp": stamp, "message": f"line [{number}]"} for number in range(30)]
    events.append({"timestamp": stamp, "message": "error: [bad] input"})
    aws.on("GetLogEvents", {"events": events, "nextBackwardToken": "b", "nextForwardToken": "f"})
    result = invoke("watch")
    assert lines(result.stderr)[2:] == [
        "  ✗ Train           60.0 s  [bad] input",
        *(f"      line [{number}]" for number in range(11, 30)),
        f"      more: `sentiment logs Train --execution {ID} -e dev --region us-east-1`",
    ]
    assert result.output.count("[bad] input") == 1
    assert lines(result.stdout)[0] == f"Failed: execution {ID}, step Train"


def test_unreadable_log_does_not_end_watching(aws: ScriptedAws) -> None:
    deploy(aws, "Failed", steps=[step("Train", "TrainingJob", "Failed", FailureReason="bad")])
    aws.on("DescribeLogStreams", error("AccessDeniedException", "no", "DescribeLogStreams"))
    result = invoke("watch")
    assert "access denied to DescribeLogStreams" in result.stderr
    assert f"Failed: execution {ID}" in result.stdout


def test_rejected_model_is_shown_with_its_reason(aws: ScriptedAws) -> None:
    steps = [
        *SUCCEEDED[:7],
        step("QualityGate", "Condition", outcome="False"),
        step("Reject", "Fail", "Failed", FailureReason="not good enough"),
    ]
    deploy(aws, "Failed", steps=steps)
    result = invoke("watch")
    assert lines(result.stderr)[-2:] == [
        "  ✓ QualityGate     60.0 s  condition false",
        "  ✗ Reject          60.0 s  not good enough",
    ]
    assert f"Failed: execution {ID}, step Reject\naccuracy     0.86812\n" in result.stdout


def test_stopped_step_is_shown(aws: ScriptedAws) -> None:
    deploy(aws, "Stopped", steps=[step("Train", "TrainingJob", "Stopped")])
    assert lines(invoke("watch").stderr)[1:] == ["  ✗ Train           60.0 s  Stopped"]


def test_execution_that_failed_before_any_step_is_shown_with_its_reason(
    aws: ScriptedAws,
) -> None:
    deploy(aws, steps=[])
    aws.on("DescribePipelineExecution", execution("Failed", reason="no role"))
    assert lines(invoke("watch").stdout)[:2] == [f"Failed: execution {ID}", "no role"]


def test_each_step_is_shown_once_when_it_has_ended(
    aws: ScriptedAws, capsys: pytest.CaptureFixture[str]
) -> None:
    deploy(aws)
    running, done = execution("Executing"), execution("Succeeded")
    aws.on("DescribePipelineExecution", running, running, running, done)
    seen = [
        [],
        [step("Download", status="Executing")],
        [step("Download", **CACHED), step("Preprocess", status="Executing")],
    ]
    answers = [{"PipelineExecutionSteps": steps} for steps in [*seen[1:], SUCCEEDED]]
    aws.on("ListPipelineExecutionSteps", *answers)
    clock = Clock()
    watch(clock, interval=7.0)
    assert clock.pauses == [7.0, 7.0]
    shown = lines(capsys.readouterr().err)
    assert [line.split()[1] for line in shown[1:]] == [step["StepName"] for step in SUCCEEDED]


def test_each_failed_attempt_is_shown(aws: ScriptedAws, capsys: pytest.CaptureFixture[str]) -> None:
    deploy(aws)
    first = step("Evaluate", status="Failed", FailureReason="first")
    second = step("Evaluate", status="Failed", FailureReason="second", AttemptCount=2)
    aws.on(
        "DescribePipelineExecution",
        *(execution(status) for status in ("Executing", "Executing", "Executing", "Failed")),
    )
    answers = [{"PipelineExecutionSteps": [found]} for found in (first, first, second)]
    aws.on("ListPipelineExecutionSteps", *answers)
    aws.pages("DescribeLogStreams", "logStreams", [], token="nextToken")
    watch(Clock())
    shown = [line for line in lines(capsys.readouterr().err) if "✗" in line]
    assert [line.split()[-1] for line in shown] == ["first", "second"]


def waiting(name: str, **more: Any) -> dict[str, Any]:
    """A running step without a job."""
    started = more.pop("StartTime", datetime.now(UTC))
    found = {**step(name, status="Executing", **more), "StartTime": started}
    return {key: value for key, value in found.items() if key != "Metadata"}


def watched_notes(
    aws: ScriptedAws,
    capsys: pytest.CaptureFixture[str],
    *found: dict[str, Any],
    answers: Mapping[str, Answer] = MappingProxyType({}),
) -> list[str]:
    """The lines about missing jobs while the steps look like this, in two polls."""
    deploy(aws)
    aws.on("DescribePipelineDefinitionForExecution", {"PipelineDefinition": definition()})
    for operation, answer in answers.items():
        aws.on(operation, answer)
    running, done = execution("Executing"), execution("Failed")
    aws.on("DescribePipelineExecution", running, running, running, done)
    aws.on("ListPipelineExecutionSteps", {"PipelineExecutionSteps": [*found]})
    watch(Clock())
    return [line for line in lines(capsys.readouterr().err) if line.startswith("  ! ")]


@pytest.mark.parametrize("sign", [{"AttemptCount": 2}, {"StartTime": LONG_AGO}])
def test_step_without_a_job_is_explained_once_with_the_remedy(
    aws: ScriptedAws, capsys: pytest.CaptureFixture[str], sign: dict[str, Any]
) -> None:
    [note] = watched_notes(aws, capsys, waiting("Train", **sign))
    for text in (
        "Train: no job after ",
        "'ml.m5.large for training job usage'",
        "--parameter TrainingInstanceType=TYPE",
        "about 31 minutes",
        f"preflight {HERE}",
    ):
        assert text in note


def test_explanation_has_the_executions_own_instance_type(
    aws: ScriptedAws, capsys: pytest.CaptureFixture[str]
) -> None:
    own = [{"Name": "TrainingInstanceType", "Value": "ml.p3.2xlarge"}]
    answers = {"ListPipelineParametersForExecution": {"PipelineParameters": own}}
    [note] = watched_notes(aws, capsys, waiting("Train", AttemptCount=2), answers=answers)
    assert "'ml.p3.2xlarge for training job usage'" in note
    assert "ml.m5.large" not in note


@pytest.mark.parametrize(
    "operation",
    ["DescribePipelineDefinitionForExecution", "ListPipelineParametersForExecution"],
)
def test_refused_call_for_an_explanation_does_not_end_watching(
    aws: ScriptedAws, capsys: pytest.CaptureFixture[str], operation: str
) -> None:
    refused = error("AccessDeniedException", "no", operation)
    step = waiting("Train", AttemptCount=2)
    assert watched_notes(aws, capsys, step, answers={operation: refused}) == []
    assert len(aws.requests("ListPipelineExecutionSteps")) == 3


def test_steps_that_need_no_explanation_have_none(
    aws: ScriptedAws, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = [
        waiting("Preprocess"),  # just started
        step("Train", "TrainingJob", "Executing", AttemptCount=2),  # its second job runs
        waiting("QualityGate", StartTime=LONG_AGO),  # starts no job
        waiting("Unknown", StartTime=LONG_AGO),
    ]
    assert watched_notes(aws, capsys, *steps) == []


def test_steps_are_read_to_their_last_page(aws: ScriptedAws) -> None:
    deploy(aws)
    pages = [[found] for found in SUCCEEDED]
    aws.pages("ListPipelineExecutionSteps", "PipelineExecutionSteps", *pages)
    assert len(json_output(invoke("watch", "--json"))["steps"]) == len(SUCCEEDED)


@pytest.mark.parametrize(
    "trouble",
    [
        BROKEN,
        THROTTLED,
        exceptions.ReadTimeoutError(endpoint_url="https://api.sagemaker"),
        exceptions.ConnectionClosedError(endpoint_url="https://api.sagemaker"),
        error("InternalFailure", "sorry", status=500),
    ],
    ids=["no connection", "throttled", "timeout", "closed", "fault"],
)
def test_transient_errors_are_shown_and_retried(
    aws: ScriptedAws, trouble: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    deploy(aws)
    running, done = execution("Executing"), execution("Succeeded")
    aws.on("DescribePipelineExecution", running, trouble, trouble, trouble, done)
    clock = Clock()
    assert watch(clock).succeeded
    assert clock.pauses == [2.0, 4.0, 8.0]
    notes = [line for line in lines(capsys.readouterr().err) if line.startswith("  no response (")]
    assert [note.rpartition("; ")[2] for note in notes] == [
        "retrying in 2 s",
        "retrying in 4 s",
        "retrying in 8 s",
    ]


def test_patience_starts_again_after_each_answer(aws: ScriptedAws) -> None:
    deploy(aws)
    running, done = execution("Executing"), execution("Succeeded")
    rounds: list[Any] = [BROKEN, BROKEN, running] * 5
    aws.on("DescribePipelineExecution", running, *rounds, done)
    assert watch(Clock(), patience=10.0).succeeded


def test_watching_ends_after_five_minutes_without_an_answer(aws: ScriptedAws) -> None:
    deploy(aws)
    aws.on("DescribePipelineExecution", execution("Executing"), BROKEN)
    clock = Clock()
    with pytest.raises(CliError) as end:
        watch(clock)
    assert "300 s (Could not connect" in str(end.value)
    assert WATCH_COMMAND in str(end.value)
    assert 250 < clock.now <= 300
    assert max(clock.pauses) == 30.0


def test_permanent_error_ends_watching_at_once(aws: ScriptedAws) -> None:
    deploy(aws)
    expired = error("ExpiredTokenException", "expired", "DescribePipelineExecution")
    aws.on("DescribePipelineExecution", execution("Executing"), expired)
    result = invoke("watch", ID)
    assert result.exit_code == 1
    assert "ExpiredTokenException" in lines(result.stderr)[-1]
    assert WATCH_COMMAND in lines(result.stderr)[-1]


def test_ctrl_c_leaves_the_execution_running_and_names_the_watch_command(aws: ScriptedAws) -> None:
    deploy(aws, "Executing")

    def press(_: float) -> None:
        raise KeyboardInterrupt

    deployment = Deployment.of("dev", None)
    found = executions.find_execution(deployment, pipelines.find_pipeline(deployment), ID)
    with pytest.raises(Interrupted) as end:
        watch_execution(deployment, found, Polling(sleep=press), quiet=True)
    assert str(end.value) == f"the execution continues; {WATCH_COMMAND} watches it again"
    assert end.value.exit_code == 130
    assert "StopPipelineExecution" not in aws.names()


def test_watch_retries_itself_instead_of_the_client(aws: ScriptedAws) -> None:
    deploy(aws)
    invoke("watch")
    assert aws.attempts["ListPipelineExecutionSteps"] == 1
    assert aws.attempts["DescribePipeline"] == 8


def test_missing_report_leaves_the_accuracy_null(aws: ScriptedAws) -> None:
    deploy(aws)
    aws.on("GetObject", error("AccessDenied", "no", "GetObject"))
    result = invoke("watch", "--json")
    assert (result.exit_code, json_output(result)["accuracy"]) == (0, None)


@pytest.mark.parametrize("seconds", ["0", "-1", "soon", "inf"])
def test_invalid_interval_is_a_usage_error(aws: ScriptedAws, seconds: str) -> None:
    assert invoke("watch", "--interval", seconds).exit_code == 2


def test_unknown_execution_is_refused(aws: ScriptedAws) -> None:
    deploy(aws)
    aws.on("DescribePipelineExecution", error("ResourceNotFound", "no"))
    assert_refused(invoke("watch", "nope"), 2, "nope")
