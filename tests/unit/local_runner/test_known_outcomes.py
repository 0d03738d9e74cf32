"""Steps that run, as far as the parameters decide that."""

from __future__ import annotations

from pathlib import Path

import pytest

from local_runner.errors import DefinitionError
from local_runner.known_outcomes import steps_that_run
from tests.support.runner_samples import (
    Document,
    FakeContainer,
    compare,
    condition,
    document,
    execute,
    fail,
    parameter,
    planned,
    processing,
)

SIZE = {"Get": "Parameters.Size"}
EMR = {"Name": "Cluster", "Type": "EMR", "Arguments": {}}


def on_size(kind: str, number: int, **branches: tuple[Document, ...]) -> Document:
    return condition(f"{kind}{number}", compare(kind, SIZE, number), **branches)


def pipeline(*steps: Document, size: int = 5) -> Document:
    return document(*steps, parameters=(parameter("Size", "Integer", DefaultValue=size),))


def test_steps_in_branches_that_results_select_may_run() -> None:
    compared = compare("Equals", {"Get": "Steps.Check.ProcessingJobStatus"}, "Completed")
    steps = (
        processing("Check"),
        condition("Gate", compared, if_steps=(processing("Taken"),)),
        processing("After", DependsOn=["Taken"]),
        processing("Last", DependsOn=["Gate"]),
    )
    runs = steps_that_run(planned(document(*steps)))
    assert runs == {"Check": True, "Gate": True, "Taken": None, "After": None, "Last": True}


def test_parameters_select_branches() -> None:
    inner = on_size("LessThan", 9, if_steps=(processing("Small"),))
    outer = on_size("GreaterThan", 1, if_steps=(inner,), else_steps=(fail("Tiny"),))
    after = processing("After", DependsOn=["Small"])
    definition = pipeline(outer, after)
    names = ("GreaterThan1", "LessThan9", "Small", "After", "Tiny")
    for size, expected in {
        "5": (True, True, True, True, False),
        "10": (True, True, False, False, False),
        "1": (True, False, False, False, True),
    }.items():
        runs = steps_that_run(planned(definition, Size=size))
        assert tuple(runs[name] for name in names) == expected


@pytest.mark.parametrize(
    ("trigger", "runs"), [("Completed", True), ("Any", True), ("Failed", None)]
)
def test_step_that_runs_on_a_failure_may_run(trigger: str, runs: bool | None) -> None:
    second = processing("Second", DependsOn=[{"Step": "First", "Trigger": trigger}])
    plan = planned(document(processing("First"), second))
    assert steps_that_run(plan)["Second"] is runs


def test_unsupported_step_is_refused_unless_parameters_exclude_it(tmp_path: Path) -> None:
    definition = pipeline(on_size("GreaterThan", 9, if_steps=(EMR,)))
    execution = execute(planned(definition), tmp_path, FakeContainer())
    assert (execution.status, [*execution.steps]) == ("Succeeded", ["GreaterThan9"])
    with pytest.raises(DefinitionError, match=r"^step Cluster: .*EMR"):
        planned(definition, Size="10")


def test_invalid_arguments_of_an_excluded_step_are_refused() -> None:
    step = processing("Never")
    step["Arguments"]["Role"] = "x"
    with pytest.raises(DefinitionError, match=r"^step Never: .*Role"):
        planned(pipeline(on_size("GreaterThan", 9, if_steps=(step,))))
