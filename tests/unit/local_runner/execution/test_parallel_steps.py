"""The executor: steps that run at the same time, failures and Ctrl-C."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from local_runner.errors import JobFailed, JobInterrupted
from local_runner.execution.record import PipelineExecution, StepExecution
from local_runner.platform.containers import Invocation
from tests.support.runner_samples import (
    Document,
    FakeContainer,
    Program,
    document,
    execute,
    planned,
    processing,
)

SECONDS = 30  # after which a waiting test fails
INTERRUPTIONS = {"ExceptionType": ["SageMaker.JOB_INTERNAL_ERROR"], "IntervalSeconds": 3600}


def meeting(count: int) -> Program:
    """A program that ends when ``count`` programs run at the same time."""
    barrier = threading.Barrier(count, timeout=SECONDS)

    def program(_: Invocation) -> None:
        barrier.wait()

    return program


def waiting(event: threading.Event) -> Program:
    def program(_: Invocation) -> None:
        assert event.wait(SECONDS)

    return program


def failing(reason: str) -> Program:
    def program(_: Invocation) -> None:
        raise JobFailed(reason)

    return program


def until_stopped(invocation: Invocation) -> None:
    """End when it is cancelled, as `HostContainer` does."""
    invocation.cancellation.wait(SECONDS)
    raise AssertionError("not cancelled")


def in_sequence(*programs: Program) -> Program:
    def program(invocation: Invocation) -> None:
        for each in programs:
            each(invocation)

    return program


def setting(event: threading.Event) -> Program:
    return lambda _: event.set()


def run(
    root: Path,
    steps: Sequence[Document],
    programs: dict[str, Program],
    at_once: int = 2,
    listener: Callable[[StepExecution], None] = lambda _: None,
    **options: Any,
) -> tuple[PipelineExecution, FakeContainer]:
    container = FakeContainer(programs)
    plan = planned(document(*steps))
    execution = execute(plan, root, container, listener, max_parallel_steps=at_once, **options)
    return execution, container


def statuses(record: Any) -> dict[str, str]:
    return {name: step["status"] for name, step in record["steps"].items()}


def record_of(root: Path) -> Any:
    return json.loads((root / "executions/local-0001/execution.json").read_text())


def test_independent_steps_run_at_the_same_time(tmp_path: Path) -> None:
    together = meeting(3)
    steps = [processing(name) for name in "ABC"]
    execution, _ = run(tmp_path, steps, dict.fromkeys("ABC", together), at_once=3)
    assert execution.status == "Succeeded"


def test_parallel_steps_are_limited(tmp_path: Path) -> None:
    running, counts, pair = list[str](), list[int](), meeting(2)

    def program(invocation: Invocation) -> None:
        running.append(invocation.command[1])
        pair(invocation)
        counts.append(len(running))
        pair(invocation)
        running.remove(invocation.command[1])

    names = "ABCDEF"
    _, container = run(
        tmp_path, [processing(name) for name in names], dict.fromkeys(names, program), at_once=2
    )
    assert sorted(container.ran) == list(names)
    assert max(counts) == 2


def test_step_starts_while_an_independent_one_still_runs(tmp_path: Path) -> None:
    over = threading.Event()
    steps = [processing("Long"), processing("Short"), processing("Next", DependsOn=["Short"])]
    programs = {"Long": waiting(over), "Next": setting(over)}
    execution, _ = run(tmp_path, steps, programs)
    assert execution.status == "Succeeded"


def test_steps_are_listed_in_the_plans_order(tmp_path: Path) -> None:
    over = threading.Event()
    steps = [processing("Z"), processing("B"), processing("M", DependsOn=["B"])]
    execution, container = run(tmp_path, steps, {"Z": waiting(over), "M": setting(over)})
    assert container.ran[-1] == "M"
    assert list(execution.steps) == ["Z", "B", "M"]


def test_after_a_failure_running_steps_finish_and_no_others_start(tmp_path: Path) -> None:
    both_run, failed = meeting(2), threading.Event()
    steps = [
        processing("Bad"),
        processing("Good"),
        processing("AfterGood", DependsOn=["Good"]),
        processing("Third"),
    ]
    programs = {
        "Bad": in_sequence(both_run, failing("no")),
        "Good": in_sequence(both_run, waiting(failed)),
    }

    def listener(record: StepExecution) -> None:
        if record.status == "Failed":
            failed.set()

    execution, container = run(tmp_path, steps, programs, listener=listener)
    assert sorted(container.ran) == ["Bad", "Good"]
    assert execution.status == "Failed"
    assert statuses(record_of(tmp_path)) == {"Bad": "Failed", "Good": "Succeeded"}


def test_first_failed_step_of_the_plan_is_the_failure(tmp_path: Path) -> None:
    later = threading.Event()
    programs = {
        "One": in_sequence(waiting(later), failing("one")),
        "Two": in_sequence(setting(later), failing("two")),
    }
    execution, _ = run(tmp_path, [processing("One"), processing("Two")], programs)
    failed = execution.failed_step()
    assert failed is not None
    assert failed.failure_reason == "one"
    assert execution.steps["Two"].failure_reason == "two"


def test_keyboard_interrupt_stops_every_running_step(tmp_path: Path) -> None:
    both_run = meeting(3)

    def interrupt(_: Invocation) -> None:
        raise KeyboardInterrupt

    programs = {
        "A": in_sequence(both_run, until_stopped),
        "B": in_sequence(both_run, until_stopped),
        "C": in_sequence(both_run, interrupt),
    }
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, [processing(name) for name in "ABCD"], programs, at_once=3)
    assert record_of(tmp_path)["status"] == "Stopped"
    assert statuses(record_of(tmp_path)) == dict.fromkeys("ABC", "Stopped")
    assert not (tmp_path / "executions/local-0001/sandboxes").exists()


def test_ctrl_c_that_reaches_a_steps_thread_stops_the_execution(tmp_path: Path) -> None:
    def program(invocation: Invocation) -> None:
        signal.pthread_kill(threading.get_ident(), signal.SIGINT)
        until_stopped(invocation)

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, [processing("A")], {"A": program})
    assert time.monotonic() - began < SECONDS / 2
    assert statuses(record_of(tmp_path)) == {"A": "Stopped"}


def test_step_that_is_about_to_start_is_stopped(tmp_path: Path) -> None:
    def interrupt(_: StepExecution) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, [processing("A")], {}, listener=interrupt)
    assert record_of(tmp_path)["status"] == "Stopped"
    assert statuses(record_of(tmp_path)) == {"A": "Stopped"}


def test_stopping_ends_the_wait_between_attempts(tmp_path: Path) -> None:
    paused = threading.Event()
    attempts: list[str] = []

    def interrupted(invocation: Invocation) -> None:
        attempts.append(invocation.command[1])
        raise JobInterrupted("killed")

    def listener(record: StepExecution) -> None:
        if "retrying" in record.failure_reason:
            paused.set()

    def interrupt(_: Invocation) -> None:
        assert paused.wait(SECONDS)
        raise KeyboardInterrupt

    steps = [processing("A", RetryPolicies=[INTERRUPTIONS]), processing("B")]
    programs = {"A": interrupted, "B": interrupt}
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, steps, programs, listener=listener, sleep=None)
    assert attempts == ["A"]
    assert statuses(record_of(tmp_path)) == {"A": "Stopped", "B": "Stopped"}


def test_bug_in_one_step_stops_the_others_and_is_raised(tmp_path: Path) -> None:
    both_run = meeting(2)

    def bug(_: Invocation) -> None:
        raise ZeroDivisionError("a bug")

    programs = {"A": in_sequence(both_run, until_stopped), "B": in_sequence(both_run, bug)}
    with pytest.raises(ZeroDivisionError, match="a bug"):
        run(tmp_path, [processing("A"), processing("B")], programs)
    # So that the same command continues the execution.
    assert record_of(tmp_path)["status"] == "Executing"


def test_changes_are_saved_before_the_listener_is_called_by_one_thread_at_a_time(
    tmp_path: Path,
) -> None:
    names = [f"S{number}" for number in range(12)]
    inside, overlap, changes = threading.Lock(), threading.Event(), list[tuple[str, str]]()

    def listener(record: StepExecution) -> None:
        if inside.locked():
            overlap.set()
        with inside:
            if len(changes) == 6:
                overlap.wait(0.2)
            on_disk = record_of(tmp_path)["steps"][record.name]
            assert (on_disk["status"], on_disk["attempts"]) == (record.status, record.attempts)
            changes.append((record.name, record.status))

    execution, _ = run(
        tmp_path, [processing(name) for name in names], {}, at_once=6, listener=listener
    )
    assert execution.status == "Succeeded"
    assert not overlap.is_set()
    for name in names:
        assert [status for step, status in changes if step == name] == [
            "Executing",
            "Executing",
            "Succeeded",
        ]


def test_equal_cached_steps_at_the_same_time_both_succeed(
    tmp_path: Path,
) -> None:
    cache = {"Enabled": True}
    together = meeting(2)
    steps = [processing(name, program=("same",), CacheConfig=cache) for name in "AB"]
    execution, _ = run(tmp_path, steps, {"same": together})
    assert execution.status == "Succeeded"
    (kept,) = (tmp_path / "cache").iterdir()
    assert json.loads(kept.read_text())["properties"]["ProcessingJobStatus"] == "Completed"


def test_steps_that_publish_to_the_same_uri_at_the_same_time_keep_all_objects(
    tmp_path: Path,
) -> None:
    together = meeting(2)

    def leaving(name: str) -> Program:
        def program(invocation: Invocation) -> None:
            (invocation.opt_ml / "processing/output/out" / name).write_text(name)
            together(invocation)

        return program

    steps = [processing(name, outputs={"out": "s3://b/out"}) for name in "AB"]
    execution, _ = run(tmp_path, steps, {name: leaving(name) for name in "AB"})
    assert execution.status == "Succeeded"
    assert sorted(path.name for path in (tmp_path / "s3/b/out").iterdir()) == ["A", "B"]


def test_continued_execution_keeps_only_succeeded_steps(tmp_path: Path) -> None:
    before = {
        name: StepExecution(name, "Processing", status, failure_reason=reason)
        for name, status, reason in (
            ("B", "Failed", "of the time before"),
            ("C", "Executing", ""),
            ("A", "Succeeded", ""),
        )
    }
    execution = PipelineExecution("local-0001", "f", {}, "2026", steps=before)
    steps = [processing(name) for name in "ABC"]
    execution, container = run(tmp_path, steps, {}, execution=execution)
    assert sorted(container.ran) == ["B", "C"]
    assert list(execution.steps) == ["A", "B", "C"]
    assert execution.failed_step() is None
