"""Run conditions: steps that run because another one failed, and the execution's status."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from local_runner.errors import DefinitionError, JobFailed
from local_runner.platform.containers import Invocation
from tests.support.runner_samples import (
    Document,
    FakeContainer,
    document,
    execute,
    fail,
    planned,
    processing,
)


def failing(_: Invocation) -> None:
    raise JobFailed("AlgorithmError: bad")


def after(name: str, step: str, trigger: str) -> Document:
    return processing(name, DependsOn=[{"Step": step, "Trigger": trigger}])


def run(root: Path, *steps: Document, failed: str = "Bad") -> tuple[str, list[str]]:
    """Return the execution's status and the steps that ran, of which one fails."""
    container = FakeContainer({failed: failing})
    execution = execute(planned(document(*steps)), root, container)
    return execution.status, container.ran


@pytest.mark.parametrize("trigger", ["Failed", "Any"])
def test_execution_goes_on_after_a_failure_that_a_run_condition_handles(
    tmp_path: Path, trigger: str
) -> None:
    steps = processing("Bad"), after("Notify", "Bad", trigger), processing("Other")
    assert run(tmp_path, *steps) == ("CompletedWithFailures", ["Bad", "Other", "Notify"])


@pytest.mark.parametrize("trigger", ["Completed", "Stopped"])
def test_execution_fails_if_no_step_runs_on_the_failure(tmp_path: Path, trigger: str) -> None:
    steps = processing("Bad"), after("Next", "Bad", trigger), processing("Other")
    assert run(tmp_path, *steps) == ("Failed", ["Bad"])


def test_failure_of_the_step_that_handles_another_fails_the_execution(tmp_path: Path) -> None:
    steps = processing("First"), after("Bad", "First", "Any"), processing("Other")
    assert run(tmp_path, *steps)[0] == "Failed"


def test_execution_succeeds_if_nothing_fails(tmp_path: Path) -> None:
    steps = processing("Good"), after("Notify", "Good", "Failed"), after("Always", "Good", "Any")
    assert run(tmp_path, *steps) == ("Succeeded", ["Good", "Always"])


def test_fail_step_ends_the_execution_whatever_depends_on_it(tmp_path: Path) -> None:
    assert run(tmp_path, fail("Stop"), after("Notify", "Stop", "Failed")) == ("Failed", [])


@pytest.mark.parametrize(
    ("dependency", "words"),
    [
        ({"Step": "A", "Trigger": "Skipped"}, "Trigger must be one of"),
        ({"Trigger": "Failed"}, "Step must be"),
        ({"Step": "A", "On": "Failed"}, "unknown key 'On'"),
        (5, "must be a JSON object"),
    ],
)
def test_malformed_run_condition_is_refused(dependency: Any, words: str) -> None:
    with pytest.raises(DefinitionError, match=f"step B: DependsOn.*{words}"):
        planned(document(processing("A"), processing("B", DependsOn=[dependency])))
