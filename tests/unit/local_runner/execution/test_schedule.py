"""The schedule: the steps that may start, given the plan and the record."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from local_runner.execution.record import PipelineExecution, StepExecution
from local_runner.execution.schedule import ready_steps
from tests.support.runner_samples import (
    Document,
    compare,
    condition,
    document,
    output_of,
    planned,
    processing,
)

SUCCEEDED, EXECUTING, FAILED = "Succeeded", "Executing", "Failed"


def ready(
    definition: Document, statuses: Mapping[str, str], outcome: bool | None = None
) -> list[str]:
    """The names of the steps that are ready; ``outcome`` is that of the step Gate."""
    steps = {
        name: StepExecution(name, "Processing", status, outcome=outcome if name == "Gate" else None)
        for name, status in statuses.items()
    }
    execution = PipelineExecution("local-0001", "f", {}, "2026", steps=steps)
    return [step.step.name for step in ready_steps(planned(definition), execution)]


# B and C wait for A, D waits for both.
DIAMOND = document(
    processing("A"),
    processing("B", DependsOn=["A"]),
    processing("C", DependsOn=["A"]),
    processing("D", DependsOn=["B", "C"]),
)


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ({}, ["A"]),
        ({"A": EXECUTING}, []),
        ({"A": SUCCEEDED}, ["B", "C"]),
        ({"A": SUCCEEDED, "C": EXECUTING}, ["B"]),
        ({"A": SUCCEEDED, "B": SUCCEEDED, "C": EXECUTING}, []),
        ({"A": SUCCEEDED, "B": SUCCEEDED, "C": SUCCEEDED}, ["D"]),
        ({"A": SUCCEEDED, "B": FAILED, "C": SUCCEEDED}, []),
        (dict.fromkeys("ABCD", SUCCEEDED), []),
    ],
)
def test_step_is_ready_when_its_dependencies_have_succeeded(
    statuses: dict[str, str], expected: list[str]
) -> None:
    assert ready(DIAMOND, statuses) == expected


def test_independent_steps_are_ready_in_the_order_of_the_definition() -> None:
    assert ready(document(*map(processing, "ZAM")), {}) == ["Z", "A", "M"]


GATE = document(
    condition(
        "Gate",
        compare("Equals", 1, 1),
        if_steps=(
            processing("Yes"),
            condition("Inner", compare("Equals", 1, 1), if_steps=(processing("Deep"),)),
        ),
        else_steps=(processing("No"),),
    ),
    processing("AfterYes", DependsOn=["Yes"]),
    processing("AfterDeep", DependsOn=["Deep"]),
)


@pytest.mark.parametrize(
    ("status", "outcome", "expected"),
    [
        (EXECUTING, None, []),
        (SUCCEEDED, True, ["Yes", "Inner"]),
        (SUCCEEDED, False, ["No"]),
        (FAILED, None, []),
    ],
)
def test_branch_is_ready_when_its_condition_selects_it(
    status: str, outcome: bool | None, expected: list[str]
) -> None:
    assert ready(GATE, {"Gate": status}, outcome) == expected


def test_steps_that_depend_on_a_skipped_branch_are_never_ready() -> None:
    assert ready(GATE, {"Gate": SUCCEEDED, "No": SUCCEEDED}, outcome=False) == []


def on(trigger: str, step: str = "A") -> list[dict[str, str]]:
    return [{"Step": step, "Trigger": trigger}]


TRIGGERED = document(
    processing("A"),
    processing("Next", DependsOn=["A"]),
    processing("Completed", DependsOn=on("Completed")),
    processing("Failed", DependsOn=on("Failed")),
    processing("Any", DependsOn=on("Any")),
    processing("AfterFailed", DependsOn=["Failed"]),
    processing("AnyAfterFailed", DependsOn=on("Any", "Failed")),
)


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ({}, ["A"]),
        ({"A": EXECUTING}, []),
        ({"A": SUCCEEDED}, ["Next", "Completed", "Any"]),
        ({"A": FAILED}, ["Failed", "Any"]),
        ({"A": FAILED, "Any": SUCCEEDED, "Failed": SUCCEEDED}, ["AfterFailed", "AnyAfterFailed"]),
    ],
)
def test_step_runs_on_the_outcome_of_its_run_condition(
    statuses: dict[str, str], expected: list[str]
) -> None:
    assert ready(TRIGGERED, statuses) == expected


def test_data_of_a_step_can_be_combined_with_a_run_condition_on_it() -> None:
    definition = document(
        processing("A", outputs={"x": "s3://b/x"}),
        processing("B", {"x": output_of("A", "x")}, DependsOn=on("Failed")),
    )
    assert ready(definition, {"A": FAILED}) == ["B"]
    assert ready(definition, {"A": SUCCEEDED}) == []
