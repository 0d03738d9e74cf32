"""ForEach steps: copies of the body for each item, within the concurrency, and their results."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from local_runner.errors import DefinitionError, JobFailed
from local_runner.execution.record import PipelineExecution, StepExecution
from local_runner.execution.schedule import ready_steps
from local_runner.plan import Plan
from local_runner.platform.containers import Invocation
from tests.support.runner_samples import (
    Document,
    FakeContainer,
    document,
    execute,
    fail,
    output_of,
    parameter,
    planned,
    processing,
)

ITEM = {"Get": "ForEach.CurrentItem"}


def for_each(
    items: Any, *body: Document, limit: Any = 2, selector: Document | None = None, **keys: Any
) -> Document:
    arguments = {"IterableItems": items, "MaxConcurrency": limit, "ForEachBody": list(body)}
    if selector:
        arguments["Selector"] = selector
    return {"Name": "Each", "Type": "ForEach", "Arguments": arguments, **keys}


def count(**keys: Any) -> Document:
    return processing("Count", program=("count", ITEM), **keys)


def program_of(plan: Plan, step: str) -> Any:
    found = next(it.step for it in plan.steps if it.step.name == step)
    return found.arguments["AppSpecification"]["ContainerEntrypoint"]


def dependencies(plan: Plan) -> dict[str, tuple[str, ...]]:
    return {it.step.name: it.depends_on for it in plan.steps}


def test_body_has_a_copy_for_each_item() -> None:
    plan = planned(document(for_each(["a", "b"], count())))
    assert dependencies(plan) == {"Count-0": (), "Count-1": (), "Each": ("Count-0", "Count-1")}
    assert program_of(plan, "Count-0") == ["python3", "count", "a"]
    assert program_of(plan, "Count-1") == ["python3", "count", "b"]


def test_items_can_be_a_parameter_with_a_list_of_objects() -> None:
    items = json.dumps(['{"name": "a", "sizes": ["1", "2"]}', {"name": "b", "sizes": ["3", "4"]}])
    body = processing(
        "Count",
        program=(
            "count",
            {"Get": "ForEach.CurrentItem.name"},
            {"Get": "ForEach.CurrentItem['sizes'][1]"},
        ),
    )
    plan = planned(
        document(
            for_each({"Get": "Parameters.Items"}, body),
            parameters=(parameter("Items", DefaultValue=items),),
        )
    )
    assert program_of(plan, "Count-0") == ["python3", "count", "a", "2"]
    assert program_of(plan, "Count-1") == ["python3", "count", "b", "4"]


def test_steps_of_a_body_refer_to_those_of_their_own_iteration() -> None:
    body = (
        processing("Write", outputs={"out": "s3://b/x"}),
        processing("Read", {"x": output_of("Write", "out")}, DependsOn=["Write"]),
    )
    steps = (processing("First"), for_each(["a", "b"], *body, DependsOn=["First"]))
    found = dependencies(planned(document(*steps)))
    assert found["Write-1"] == ("First",)
    assert found["Read-1"] == ("First", "Write-1")
    assert found["Each"] == ("Read-0", "Read-1", "Write-0", "Write-1")


def test_item_can_be_the_output_of_a_step() -> None:
    name = {"Get": "Steps.First.ProcessingJobName"}
    plan = planned(document(processing("First"), for_each([name], count())))
    assert program_of(plan, "Count-0") == ["python3", "count", name]
    assert dependencies(plan)["Count-0"] == ("First",)


@pytest.mark.parametrize(
    ("running", "expected"),
    [
        ([], ["Count-0", "Count-1", "Other"]),
        (["Count-0"], ["Count-1", "Other"]),
        (["Count-0", "Count-1"], ["Other"]),
    ],
)
def test_iterations_run_within_the_concurrency(running: list[str], expected: list[str]) -> None:
    plan = planned(document(for_each(["a", "b", "c"], count()), processing("Other")))
    records = {name: StepExecution(name, "Processing") for name in running}
    execution = PipelineExecution("local-0001", "f", {}, "2026", steps=records)
    assert [it.step.name for it in ready_steps(plan, execution)] == expected


def leave_report(invocation: Invocation) -> None:
    (invocation.opt_ml / "processing/output/report/report.json").write_text("{}")


@pytest.mark.parametrize(("pick", "index"), [("MaxBy", 1), ("MinBy", 0)])
def test_later_steps_use_the_outputs_of_the_iterations_and_of_the_selected_one(
    tmp_path: Path, pick: str, index: int
) -> None:
    uri = {"Std:Join": {"On": "/", "Values": ["s3://b", ITEM]}}
    body = processing("Count", outputs={"report": uri}, program=("count",))
    body["Arguments"]["Environment"] = {"Size": ITEM}
    selector = {"Pick": pick, "Field": {"Get": "IterationOutput.Count.Environment.Size"}}
    first = {"Get": "Steps.Each.IterationOutputs[0].Count.ProcessingJobName"}
    selected = {"Get": "Steps.Each.Selected.ProcessingJobName"}
    after = fail("Show", {"Std:Join": {"On": " ", "Values": [first, selected]}})
    plan = planned(document(for_each(["1", "2"], body, selector=selector), after))
    execution = execute(plan, tmp_path, FakeContainer({"count": leave_report}))
    properties = execution.steps["Each"].properties
    assert (properties["Status"], properties["SucceededStepCount"]) == ("Succeeded", 2)
    jobs = [f"pipelines-local-0001-Count-{number}-1" for number in range(2)]
    assert execution.steps["Show"].failure_reason == f"{jobs[0]} {jobs[index]}"


def test_failed_iteration_fails_the_execution(tmp_path: Path) -> None:
    def program(invocation: Invocation) -> None:
        raise JobFailed("AlgorithmError: bad")

    plan = planned(document(for_each(["a", "b"], count(), limit=1)))
    execution = execute(plan, tmp_path, FakeContainer({"count": program}))
    assert execution.status == "Failed"
    assert list(execution.steps) == ["Count-0"]


REFUSED = {
    "items of a step": (
        for_each({"Get": "Steps.First.ExitMessage"}, count()),
        "IterableItems must be known before the execution",
    ),
    "no list": (for_each({"Get": "Parameters.P"}, count()), "IterableItems must be a JSON list"),
    "no body": (for_each(["a"]), "ForEachBody must be an array of steps"),
    "nested": (for_each(["a"], for_each(["b"], count())), "can't have ForEach steps"),
    "no concurrency": (for_each(["a"], count(), limit=None), "MaxConcurrency must be"),
    "item without the field": (
        for_each(["{}"], processing("A", program=({"Get": "ForEach.CurrentItem.x"},))),
        "there is no 'x'",
    ),
    "item that is not an object": (
        for_each(["a"], processing("A", program=({"Get": "ForEach.CurrentItem.x"},))),
        "the item 'a' isn't a JSON object",
    ),
    "selector of another step": (
        for_each(["a"], count(), selector={"Pick": "MaxBy", "Field": {"Get": "Steps.First.X"}}),
        "Selector must have Pick MaxBy or MinBy",
    ),
    "unsupported step": (
        for_each(["a"], {"Name": "Check", "Type": "EMR", "Arguments": {}}),
        "step Check-0: local runs don't support the step type EMR",
    ),
}


@pytest.mark.parametrize(("step", "words"), REFUSED.values(), ids=REFUSED)
def test_iterations_that_cannot_be_planned_are_refused(step: Document, words: str) -> None:
    value = parameter("P", DefaultValue="a")
    with pytest.raises(DefinitionError) as refusal:
        planned(document(processing("First"), step, parameters=(value,)))
    assert words in str(refusal.value)
