"""schedule: which steps may start, as a function of the plan and of what has happened."""

from __future__ import annotations

import pytest

from local_runner.execution.record import PipelineExecution, StepExecution
from local_runner.execution.schedule import due
from tests.support.runner_samples import (
    Document,
    compare,
    condition,
    document,
    planned,
    processing,
)

SUCCEEDED, EXECUTING, FAILED = "Succeeded", "Executing", "Failed"


def startable(definition: Document, outcome: bool | None = None, **statuses: str) -> list[str]:
    """The names of the steps that are due; ``outcome`` is that of the step Gate."""
    steps = {
        name: StepExecution(name, "Processing", status, outcome=outcome if name == "Gate" else None)
        for name, status in statuses.items()
    }
    execution = PipelineExecution("local-0001", "f", {}, "2026", steps=steps)
    return [step.step.name for step in due(planned(definition), execution)]


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
def test_a_step_is_due_when_all_that_it_depends_on_has_succeeded(
    statuses: dict[str, str], expected: list[str]
) -> None:
    assert startable(DIAMOND, **statuses) == expected


def test_steps_that_wait_for_nothing_are_due_in_the_order_of_the_definition() -> None:
    assert startable(document(*map(processing, "ZAM"))) == ["Z", "A", "M"]


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
def test_a_branch_is_due_when_its_condition_was_judged_its_way(
    status: str, outcome: bool | None, expected: list[str]
) -> None:
    assert startable(GATE, outcome, Gate=status) == expected


def test_nothing_that_depends_on_a_branch_that_was_passed_over_is_ever_due() -> None:
    assert startable(GATE, False, Gate=SUCCEEDED, No=SUCCEEDED) == []
