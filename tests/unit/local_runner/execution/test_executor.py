"""The executor: statuses, reasons, branches, retries, cache and cleanup, in a fake container."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from local_runner.errors import DefinitionError, JobFailed, JobInterrupted
from local_runner.execution.record import PipelineExecution, StepExecution
from local_runner.jobs.context import JobContext
from local_runner.platform.containers import Invocation
from local_runner.platform.identity import Identity
from local_runner.platform.object_store import FolderStore
from tests.support.runner_samples import (
    SKLEARN,
    Document,
    FakeContainer,
    compare,
    condition,
    document,
    execute,
    fail,
    leave,
    output_of,
    parameter,
    planned,
    processing,
    put_object,
)

RETRIED = [
    {
        "ExceptionType": ["SageMaker.JOB_INTERNAL_ERROR"],
        "IntervalSeconds": 30,
        "BackoffRate": 2,
        "MaxAttempts": 2,
    }
]
REPORT = [{"PropertyFileName": "Report", "OutputName": "report", "FilePath": "report.json"}]
ACCURACY = {
    "Std:JsonGet": {
        "PropertyFile": {"Get": "Steps.Evaluate.PropertyFiles.Report"},
        "Path": "accuracy.value",
    }
}


def raising(error: BaseException) -> Any:
    def program(_: Invocation) -> None:
        raise error

    return program


def statuses(execution: PipelineExecution) -> dict[str, str]:
    return {name: step.status for name, step in execution.steps.items()}


def evaluated(accuracy: str = '{"accuracy": {"value": 0.75}}') -> tuple[FakeContainer, Document]:
    """A container that writes a report, and a pipeline with a gate on it."""
    container = FakeContainer({"Evaluate": leave("report", "report.json", accuracy)})
    message = {"Std:Join": {"On": "", "Values": ["only ", ACCURACY, " of ", 0.8]}}
    gate = condition(
        "Gate",
        compare("GreaterThanOrEqualTo", ACCURACY, {"Get": "Parameters.Threshold"}),
        if_steps=(processing("Register"),),
        else_steps=(fail("Reject", message),),
    )
    definition = document(
        processing("Evaluate", outputs={"report": "s3://b/report"}, PropertyFiles=REPORT),
        gate,
        parameters=(parameter("Threshold", "Float", DefaultValue=0.8),),
    )
    return container, definition


def test_step_reads_the_output_of_the_step_before(tmp_path: Path) -> None:
    seen: list[str] = []

    def read(invocation: Invocation) -> None:
        folder = invocation.opt_ml / "processing" / "input" / "x"
        seen.extend(path.read_text() for path in folder.iterdir())

    plan = planned(
        document(
            processing("Write", outputs={"out": "s3://b/out"}),
            processing("Read", {"x": output_of("Write", "out")}),
        )
    )
    container = FakeContainer({"Write": leave("out", "a.txt", "hello"), "Read": read})
    execution = execute(plan, tmp_path, container)
    assert seen == ["hello"]
    assert execution.status == "Succeeded"
    assert statuses(execution) == {"Write": "Succeeded", "Read": "Succeeded"}
    assert execution.failed_step() is None


def test_failure_ends_the_execution_with_its_reason(tmp_path: Path) -> None:
    plan = planned(document(*(processing(name) for name in "ABC")))
    container = FakeContainer({"B": raising(JobFailed("AlgorithmError: no, exit code: 1"))})
    execution = execute(plan, tmp_path, container)
    assert container.ran == ["A", "B"]
    assert execution.status == "Failed"
    assert statuses(execution) == {"A": "Succeeded", "B": "Failed"}
    assert execution.steps["B"].failure_reason == "AlgorithmError: no, exit code: 1"
    assert execution.failed_step() is execution.steps["B"]


def test_branch_that_is_not_taken_is_not_recorded(tmp_path: Path) -> None:
    container, definition = evaluated()
    execution = execute(planned(definition, Threshold="0.75"), tmp_path, container)
    assert execution.status == "Succeeded"
    assert statuses(execution) == dict.fromkeys(("Evaluate", "Gate", "Register"), "Succeeded")
    assert execution.steps["Gate"].outcome is True
    assert container.ran == ["Evaluate", "Register"]


def test_fail_step_reports_the_measured_value(tmp_path: Path) -> None:
    container, definition = evaluated()
    execution = execute(planned(definition), tmp_path, container)
    assert execution.status == "Failed"
    assert statuses(execution) == {
        "Evaluate": "Succeeded",
        "Gate": "Succeeded",
        "Reject": "Failed",
    }
    assert execution.steps["Gate"].outcome is False
    assert execution.steps["Reject"].failure_reason == "only 0.75 of 0.8"


@pytest.mark.parametrize(
    ("report", "reason"),
    [
        ('{"accuracy": {}}', "Std:JsonGet 'accuracy.value': there is no 'value'"),
        ('{"accuracy": {"value": "high"}}', "'high' and 0.8 can't be compared"),
        ("{", "ClientError: property file Report of step Evaluate can't be read: report.json"),
    ],
    ids=["no-such-key", "no-number", "no-json"],
)
def test_unusable_report_fails_the_gate(tmp_path: Path, report: str, reason: str) -> None:
    container, definition = evaluated(report)
    execution = execute(planned(definition), tmp_path, container)
    assert statuses(execution) == {"Evaluate": "Succeeded", "Gate": "Failed"}
    assert reason in execution.steps["Gate"].failure_reason


def test_missing_property_file_is_named(tmp_path: Path) -> None:
    container, definition = evaluated()
    container.programs = {"Evaluate": leave("report", "other.json", "{}")}
    execution = execute(planned(definition), tmp_path, container)
    assert execution.steps["Gate"].failure_reason.startswith(
        "ClientError: property file Report of step Evaluate can't be read: "
        "report.json in output report"
    )


def gate_on_object(uri: Any) -> Document:
    """A pipeline whose gate reads an object that a step writes."""
    score = {"Std:JsonGet": {"S3Uri": uri, "Path": "scores[0]"}}
    return document(
        processing("Score", outputs={"out": "s3://b/out"}),
        condition("Gate", compare("GreaterThan", score, 0.5), else_steps=(fail("Reject", score),)),
    )


JOINED = {"Std:Join": {"On": "/", "Values": [output_of("Score", "out"), "scores.json"]}}


def test_condition_reads_an_object_of_the_step_that_its_uri_refers_to(tmp_path: Path) -> None:
    container = FakeContainer({"Score": leave("out", "scores.json", '{"scores": [0.25]}')})
    execution = execute(planned(gate_on_object(JOINED)), tmp_path, container)
    assert execution.steps["Gate"].outcome is False
    assert execution.steps["Reject"].failure_reason == "0.25"


@pytest.mark.parametrize("text", ["{", None], ids=["no-json", "missing"])
def test_object_that_a_condition_cannot_read_is_named(tmp_path: Path, text: str | None) -> None:
    name = "other.json" if text is None else "scores.json"
    container = FakeContainer({"Score": leave("out", name, text or "{}")})
    execution = execute(planned(gate_on_object(JOINED)), tmp_path, container)
    assert "s3://b/out/scores.json" in execution.steps["Gate"].failure_reason


def test_object_with_a_fixed_uri_is_read_only_when_the_condition_is_evaluated(
    tmp_path: Path,
) -> None:
    container = FakeContainer({"Score": leave("out", "a.json", "{}")})
    execution = execute(planned(gate_on_object("s3://b/none")), tmp_path, container)
    assert statuses(execution) == {"Score": "Succeeded", "Gate": "Failed"}


def test_nested_branch_needs_every_condition_around_it(tmp_path: Path) -> None:
    inner = condition("Inner", compare("Equals", 1, 1), if_steps=(processing("Deep"),))
    outer = condition(
        "Outer", compare("Equals", 1, 2), if_steps=(inner,), else_steps=(processing("Other"),)
    )
    container = FakeContainer()
    execution = execute(planned(document(outer)), tmp_path, container)
    assert container.ran == ["Other"]
    assert statuses(execution) == {"Outer": "Succeeded", "Other": "Succeeded"}


def test_step_that_depends_on_a_step_that_did_not_run_does_not_run(tmp_path: Path) -> None:
    gate = condition("Gate", compare("Equals", 1, 2), if_steps=(processing("Skipped"),))
    container = FakeContainer()
    execute(
        planned(document(gate, processing("After", DependsOn=["Skipped"]))), tmp_path, container
    )
    assert "After" not in container.ran


def test_execution_variables_have_values(tmp_path: Path) -> None:
    seen: list[tuple[str, ...]] = []
    names = ("PipelineName", "PipelineExecutionId", "PipelineExecutionArn", "StartDateTime")
    program = ("A", *({"Get": f"Execution.{name}"} for name in names))
    container = FakeContainer({"A": lambda invocation: seen.append(invocation.command[2:])})
    execute(planned(document(processing("A", program=program))), tmp_path, container)
    arn = "arn:aws:sagemaker:local-1:000000000000:pipeline/local/execution/local-0001"
    assert seen == [("local", "local-0001", arn, "2026-01-01T00:00:00+00:00")]


def test_each_attempt_knows_its_own_name(tmp_path: Path) -> None:
    seen: list[str] = []
    step = processing(
        "A", program=("A", {"Get": "Execution.ProcessingJobName"}), RetryPolicies=RETRIED
    )

    def program(invocation: Invocation) -> None:
        seen.append(invocation.command[2])
        if len(seen) == 1:
            raise JobInterrupted("1")

    execution = execute(planned(document(step)), tmp_path, FakeContainer({"A": program}))
    assert seen == ["pipelines-local-0001-A-1", "pipelines-local-0001-A-2"]
    assert execution.steps["A"].properties["ProcessingJobName"] == seen[-1]


def test_arns_contain_the_identity(tmp_path: Path) -> None:
    seen: list[tuple[str, ...]] = []
    names = ("PipelineName", "PipelineArn", "PipelineExecutionArn")
    program = ("A", *({"Get": f"Execution.{name}"} for name in names))
    execution = execute(
        planned(document(processing("A", program=program))),
        tmp_path,
        FakeContainer({"A": lambda invocation: seen.append(invocation.command[2:])}),
        identity=Identity("reviews", "eu-west-1", "123456789012"),
    )
    arn = "arn:aws:sagemaker:eu-west-1:123456789012"
    pipeline = f"{arn}:pipeline/reviews"
    assert seen == [("reviews", pipeline, f"{pipeline}/execution/local-0001")]
    job = execution.steps["A"].properties["ProcessingJobArn"]
    assert job == f"{arn}:processing-job/pipelines-local-0001-A-1"


def test_given_jobs_replace_the_local_ones(tmp_path: Path) -> None:
    def job(arguments: Mapping[str, Any], context: JobContext) -> Mapping[str, Any]:
        return {"Ran": [arguments["AppSpecification"]["ImageUri"], context.name]}

    container = FakeContainer()
    plan = planned(document(processing("A")))
    execution = execute(plan, tmp_path, container, jobs={"Processing": job})
    assert execution.steps["A"].properties == {"Ran": [SKLEARN, "pipelines-local-0001-A-1"]}
    assert container.ran == []


def test_step_records_its_start_time(tmp_path: Path) -> None:
    before = datetime.now(UTC).isoformat(timespec="milliseconds")
    execution = execute(planned(document(processing("A"))), tmp_path, FakeContainer())
    after = datetime.now(UTC).isoformat(timespec="milliseconds")
    assert before <= execution.steps["A"].started <= after


def test_interruption_is_retried_after_the_policys_intervals(tmp_path: Path) -> None:
    attempts = iter([JobInterrupted("1"), JobInterrupted("2"), None])
    changes: list[tuple[str, int]] = []

    def program(_: Invocation) -> None:
        if error := next(attempts):
            raise error

    slept: list[float] = []
    execution = execute(
        planned(document(processing("A", RetryPolicies=RETRIED))),
        tmp_path,
        FakeContainer({"A": program}),
        listener=lambda record: changes.append((record.status, record.attempts)),
        sleep=slept.append,
    )
    assert slept == [30, 60]
    assert execution.steps["A"].attempts == 3
    assert execution.steps["A"].status == "Succeeded"
    assert changes == [("Executing", number) for number in (1, 1, 1, 2, 2, 3)] + [("Succeeded", 3)]


def test_failed_job_is_not_retried(tmp_path: Path) -> None:
    slept: list[float] = []
    container = FakeContainer({"A": raising(JobFailed("AlgorithmError: no"))})
    plan = planned(document(processing("A", RetryPolicies=RETRIED)))
    execution = execute(plan, tmp_path, container, sleep=slept.append)
    assert (container.ran, slept) == (["A"], [])
    assert execution.steps["A"].status == "Failed"


def test_job_that_is_always_interrupted_fails_after_its_attempts(tmp_path: Path) -> None:
    container = FakeContainer({"A": raising(JobInterrupted("InternalServerError: killed"))})
    plan = planned(document(processing("A", RetryPolicies=RETRIED)))
    execution = execute(plan, tmp_path, container)
    assert container.ran == ["A", "A", "A"]
    assert execution.status == "Failed"
    assert execution.steps["A"].failure_reason == "InternalServerError: killed"


def test_failed_job_publishes_nothing(tmp_path: Path) -> None:
    def program(invocation: Invocation) -> None:
        leave("out", "half.csv", "1")(invocation)
        raise JobFailed("AlgorithmError: half way")

    plan = planned(document(processing("A", outputs={"out": "s3://b/out"})))
    execute(plan, tmp_path, FakeContainer({"A": program}))
    assert FolderStore(tmp_path / "s3").exists("s3://b") is False


def test_retry_starts_with_empty_folders(tmp_path: Path) -> None:
    found: list[list[str]] = []

    def program(invocation: Invocation) -> None:
        out = invocation.opt_ml / "processing" / "output" / "out"
        found.append([path.name for path in out.iterdir()])
        (out / f"{len(found)}.csv").write_text("1")
        if len(found) == 1:
            raise JobInterrupted("killed")

    step = processing("A", outputs={"out": "s3://b/out"}, RetryPolicies=RETRIED)
    execute(planned(document(step)), tmp_path, FakeContainer({"A": program}))
    assert found == [[], []]
    stored = FolderStore(tmp_path / "s3").files("s3://b/out")
    assert [key for key, _ in stored] == ["2.csv"]


def make_folder(invocation: Invocation) -> None:
    (invocation.opt_ml / "processing/output/out/folder").mkdir()


@pytest.mark.parametrize("programs", [{}, {"A": make_folder}], ids=["nothing", "empty-folder"])
def test_empty_output_fails_the_job(
    tmp_path: Path, programs: dict[str, Callable[[Invocation], None]]
) -> None:
    plan = planned(document(processing("A", outputs={"out": "s3://b/out"}, program=("A",))))
    execution = execute(plan, tmp_path, FakeContainer(programs))
    reason = execution.steps["A"].failure_reason
    assert "/opt/ml/processing/output/out" in reason
    assert "'out'" in reason


def test_sandboxes_are_removed(tmp_path: Path) -> None:
    plan = planned(document(processing("A"), processing("B")))
    container = FakeContainer({"B": raising(JobFailed("no"))})
    execution = execute(plan, tmp_path, container)
    left = sorted(path.name for path in (tmp_path / "executions/local-0001").iterdir())
    assert execution.status == "Failed"
    assert left == ["execution.json", "logs"]


def test_keyboard_interrupt_leaves_the_execution_stopped(tmp_path: Path) -> None:
    plan = planned(document(processing("A"), processing("B"), processing("C")))
    container = FakeContainer({"B": raising(KeyboardInterrupt())})
    with pytest.raises(KeyboardInterrupt):
        execute(plan, tmp_path, container)
    record = json.loads((tmp_path / "executions/local-0001/execution.json").read_text())
    assert record["status"] == "Stopped"
    assert {name: step["status"] for name, step in record["steps"].items()} == {
        "A": "Succeeded",
        "B": "Stopped",
    }
    assert not (tmp_path / "executions/local-0001/sandboxes").exists()


def test_record_is_on_disk_while_a_step_runs(tmp_path: Path) -> None:
    seen: list[Any] = []
    path = tmp_path / "executions/local-0001/execution.json"
    container = FakeContainer({"B": lambda _: seen.append(json.loads(path.read_text()))})
    execute(planned(document(processing("A"), processing("B"))), tmp_path, container)
    assert seen[0]["status"] == "Executing"
    assert {name: step["status"] for name, step in seen[0]["steps"].items()} == {
        "A": "Succeeded",
        "B": "Executing",
    }


def test_continued_execution_runs_only_unfinished_steps(tmp_path: Path) -> None:
    definition = document(
        processing("A", outputs={"out": "s3://b/out"}),
        processing("B", {"x": output_of("A", "out")}),
        condition("Gate", compare("Equals", 1, 1), if_steps=(processing("C"),)),
    )
    plan = planned(definition)
    put_object(tmp_path, "s3://b/out/a.txt", "kept")
    answered = definition["Steps"][0]["Arguments"]
    done = StepExecution("A", "Processing", "Succeeded", properties=answered)
    interrupted = StepExecution("B", "Processing", "Executing")
    execution = PipelineExecution(
        "local-0007", "f", {}, "2026", steps={"A": done, "B": interrupted}
    )
    sandbox = tmp_path / "executions/local-0007/sandboxes/pipelines-local-0007-B-1/opt/ml/rest"
    sandbox.mkdir(parents=True)
    rests: list[Path] = []
    container = FakeContainer({"B": lambda call: rests.extend(call.opt_ml.glob("rest"))})
    execute(plan, tmp_path, container, execution=execution)
    assert container.ran == ["B", "C"]
    assert rests == []
    assert execution.status == "Succeeded"
    assert execution.steps["A"] is done


def test_continued_execution_keeps_the_branch_that_it_took(tmp_path: Path) -> None:
    gate = condition(
        "Gate",
        compare("Equals", 1, 1),
        if_steps=(processing("Yes"),),
        else_steps=(processing("No"),),
    )
    taken = StepExecution("Gate", "Condition", "Succeeded", outcome=False)
    execution = PipelineExecution("local-0001", "f", {}, "2026", steps={"Gate": taken})
    container = FakeContainer()
    execute(planned(document(gate)), tmp_path, container, execution=execution)
    assert container.ran == ["No"]


EXECUTION_ID = {"Get": "Execution.PipelineExecutionId"}
CACHED = {"Enabled": True, "ExpireAfter": "P30D"}


def test_cached_step_is_not_run_again(tmp_path: Path) -> None:
    step = processing(
        "A",
        outputs={"out": {"Std:Join": {"On": "/", "Values": ["s3://b", EXECUTION_ID]}}},
        CacheConfig=CACHED,
    )
    container = FakeContainer({"A": leave("out", "a.txt", "1")})
    first = execute(planned(document(step)), tmp_path, container)
    second = execute(planned(document(step)), tmp_path, container)
    assert container.ran == ["A"]
    assert (first.steps["A"].cached, second.steps["A"].cached) == (False, True)
    assert second.steps["A"].properties == first.steps["A"].properties
    outputs: Any = second.steps["A"].properties["ProcessingOutputConfig"]
    assert outputs["Outputs"][0]["S3Output"]["S3Uri"] == "s3://b/local-0001"


@pytest.mark.parametrize("cache", [{}, {"Enabled": False}], ids=["none", "off"])
def test_step_without_cache_runs_every_time(tmp_path: Path, cache: Any) -> None:
    plan = planned(document(processing("A", CacheConfig=cache)))
    container = FakeContainer()
    for _ in range(2):
        execute(plan, tmp_path, container)
    assert container.ran == ["A", "A"]


def test_failed_step_is_never_cached(tmp_path: Path) -> None:
    plan = planned(document(processing("A", CacheConfig=CACHED)))
    container = FakeContainer({"A": raising(JobFailed("no"))})
    for _ in range(2):
        execute(plan, tmp_path, container)
    assert container.ran == ["A", "A"]


@pytest.mark.parametrize(
    "step",
    [
        {"Name": "A", "Type": "Training", "Arguments": {"HyperParameters": {}}},
        {"Name": "A", "Type": "Processing", "Arguments": {}},
        {"Name": "A", "Type": "Transform", "Arguments": {}},
        {"Name": "A", "Type": "RegisterModel", "Arguments": {}},
    ],
    ids=["training", "processing", "transform", "register"],
)
def test_incomplete_request_is_refused_in_the_plan(step: Document) -> None:
    with pytest.raises(DefinitionError, match=r"^step A: \w+ is missing"):
        planned(document(step))


def test_two_outputs_to_the_same_uri_keep_all_objects(tmp_path: Path) -> None:
    def program(invocation: Invocation) -> None:
        leave("one", "1.txt", "1")(invocation)
        leave("two", "2.txt", "2")(invocation)

    step = processing("A", outputs={"one": "s3://b/out", "two": "s3://b/out"})
    execute(planned(document(step)), tmp_path, FakeContainer({"A": program}))
    stored = FolderStore(tmp_path / "s3").files("s3://b/out")
    assert [key for key, _ in stored] == ["1.txt", "2.txt"]
