"""Selected steps: which run, which results are reused, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from local_runner.errors import SelectionError
from local_runner.execution.record import PipelineExecution
from local_runner.known_outcomes import steps_that_run
from local_runner.plan import Plan
from local_runner.selection import (
    ChangedParameter,
    Selection,
    changed_parameters,
    direct_dependencies,
    missing_results,
    needed_results,
    outdated_results,
    select,
    steps_between,
)
from local_runner.workdir import Workdir
from tests.support.runner_samples import (
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
)

EVERYTHING = Selection()
CACHED = {"CacheConfig": {"Enabled": True, "ExpireAfter": "P1D"}}


def step(name: str, read: str | None = None, *words: Any, **keys: Any) -> Document:
    """A step that writes ``out``, and reads that of another step."""
    inputs = {"in": output_of(read, "out")} if read else {}
    outputs = {"out": f"s3://b/{name}"}
    return processing(name, inputs, outputs, program=(name, *words), **CACHED, **keys)


def pipeline() -> Document:
    """Load -> Train -> Test -> Gate -> Register or Reject; Count depends on nothing."""
    gate = condition(
        "Gate",
        compare("LessThan", {"Get": "Parameters.Limit"}, 5),
        if_steps=(step("Register", "Train"),),
        else_steps=(fail("Reject"),),
        DependsOn=["Test"],
    )
    return document(
        step("Load"),
        step("Count"),
        step("Train", "Load", {"Get": "Parameters.Depth"}),
        step("Test", "Train", DependsOn=["Count"]),
        gate,
        parameters=(
            parameter("Depth", "Integer", DefaultValue=5),
            parameter("Limit", "Integer", DefaultValue=1),
        ),
    )


def container() -> FakeContainer:
    names = ("Load", "Count", "Train", "Test", "Register")
    return FakeContainer({name: leave("out", "x", name) for name in names})


def run(root: Path, selection: Selection = EVERYTHING, **values: str) -> PipelineExecution:
    """Execute the selected steps with the results of the newest execution."""
    workdir = Workdir(root)
    previous = next(workdir.executions.newest_first(), None)
    plan = select(planned(pipeline(), **values), selection, previous)
    execution = PipelineExecution(
        workdir.executions.new_id(),
        "",
        plan.parameters,
        "2026-01-01T00:00:00+00:00",
        steps={name: replace(record) for name, record in plan.reused.items()},
    )
    return execute(plan, root, container(), execution=execution)


@pytest.fixture
def previous(tmp_path: Path) -> PipelineExecution:
    """An execution of the whole pipeline."""
    return run(tmp_path)


def to_run(plan: Plan) -> list[str]:
    return [it.step.name for it in plan.steps_to_run]


@pytest.mark.parametrize(
    ("selection", "run_steps", "reused"),
    [
        (Selection(only=("Test",)), ["Test"], ["Train"]),
        (Selection(only=("Test", "Load")), ["Load", "Test"], ["Train"]),
        (
            Selection(first=("Train",)),
            ["Train", "Test", "Gate", "Register", "Reject"],
            ["Load"],
        ),
        (Selection(last=("Train",)), ["Load", "Train"], []),
        (Selection(last=("Register",)), ["Load", "Count", "Train", "Test", "Gate", "Register"], []),
        (Selection(first=("Train",), last=("Test",)), ["Train", "Test"], ["Load"]),
        (Selection(only=("Register",)), ["Register"], ["Train", "Gate"]),
        (Selection(first=("Count",), only=("Gate", "Load")), ["Gate"], []),
    ],
    ids=["only", "two", "from", "until", "until-branch", "range", "branch", "intersection"],
)
def test_selected_steps_run_with_the_results_that_they_need(
    previous: PipelineExecution, selection: Selection, run_steps: list[str], reused: list[str]
) -> None:
    plan = planned(pipeline())
    selected = select(plan, selection, previous)
    assert sorted(to_run(selected)) == sorted(run_steps)
    assert sorted(selected.reused) == sorted(reused)
    assert sorted(needed_results(plan, selection)) == sorted(reused)
    names = {it.step.name for it in selected.steps}
    assert names == {*run_steps, *reused}
    assert all(names.issuperset(it.depends_on) for it in selected.steps)


def test_without_a_selection_the_plan_is_the_same() -> None:
    plan = planned(pipeline())
    assert select(plan, Selection()) == plan


def test_reused_results_are_read_and_recorded_with_their_origin(
    tmp_path: Path, previous: PipelineExecution
) -> None:
    execution = run(tmp_path, Selection(only=("Test",)))
    assert execution.status == "Succeeded"
    assert list(execution.steps) == ["Train", "Test"]
    assert execution.steps["Train"].reused_from == previous.execution_id
    assert execution.steps["Train"].properties == previous.steps["Train"].properties
    assert execution.steps["Train"].seconds == 0
    assert execution.steps["Test"].reused_from == ""


def test_result_that_is_reused_again_keeps_its_origin(
    tmp_path: Path, previous: PipelineExecution
) -> None:
    run(tmp_path, Selection(only=("Test",)))
    again = run(tmp_path, Selection(only=("Test",)))
    assert again.execution_id == "local-0003"
    assert again.steps["Train"].reused_from == previous.execution_id


def test_condition_above_a_selected_step_excludes_it(tmp_path: Path) -> None:
    previous = run(tmp_path)
    with pytest.raises(SelectionError, match=r"step Reject can't run: condition Gate was true"):
        select(planned(pipeline()), Selection(only=("Reject",)), previous)


def test_step_that_a_reused_condition_selects_surely_runs(previous: PipelineExecution) -> None:
    whole = planned(pipeline())
    gate = next(it for it in whole.steps if it.step.name == "Gate")
    compared = compare("LessThan", {"Get": "Steps.Test.CreationTime"}, 5)  # only then known
    changed = replace(gate.step, arguments={**gate.step.arguments, "Conditions": [compared]})
    steps = tuple(replace(gate, step=changed) if it is gate else it for it in whole.steps)
    plan = replace(whole, steps=steps)
    assert steps_that_run(plan)["Register"] is None
    assert steps_that_run(select(plan, Selection(only=("Register",)), previous))["Register"]


def test_missing_result_is_refused(previous: PipelineExecution) -> None:
    del previous.steps["Train"]
    for source in (previous, None):
        with pytest.raises(SelectionError, match="result of step Train"):
            select(planned(pipeline()), Selection(only=("Test",)), source)


def test_result_whose_outputs_were_deleted_is_missing(
    tmp_path: Path, previous: PipelineExecution
) -> None:
    store, plan = Workdir(tmp_path).store, planned(pipeline())
    assert missing_results(previous, plan, ["Load", "Train"], store) == []
    store.path("s3://b/Load/x").unlink()
    store.path("s3://b/Load").rmdir()
    assert missing_results(previous, plan, ["Load", "Train"], store) == ["Load"]


@pytest.mark.parametrize(
    "selection",
    [
        Selection(only=("trian",)),
        Selection(first=("trian",)),
        Selection(last=("trian",)),
        Selection(forced=("trian",)),
    ],
    ids=["only", "from", "until", "force"],
)
def test_unknown_name_is_refused_with_the_nearest_one(selection: Selection) -> None:
    with pytest.raises(SelectionError, match=r"no step 'trian'; did you mean Train\?"):
        select(planned(pipeline()), selection)


@pytest.mark.parametrize(
    "selection",
    [
        Selection(first=("Test",), last=("Load",)),
        Selection(only=("Load",), forced=("Train",)),
    ],
    ids=["empty", "forced-not-selected"],
)
def test_contradictory_selection_is_refused(selection: Selection) -> None:
    with pytest.raises(SelectionError):
        select(planned(pipeline()), selection)


def test_forced_steps_ignore_the_cache_and_store_their_results(tmp_path: Path) -> None:
    def cached(execution: PipelineExecution) -> list[str]:
        return [it.name for it in execution.steps.values() if it.cached]

    assert cached(run(tmp_path)) == []
    everything = ["Load", "Count", "Train", "Test", "Register"]
    assert cached(run(tmp_path)) == everything
    forced = run(tmp_path, Selection(forced=("Train",)))
    assert cached(forced) == [name for name in everything if name != "Train"]
    assert cached(run(tmp_path, Selection(no_cache=True))) == []
    newest = run(tmp_path)
    assert cached(newest) == everything


def test_parameters_of_reused_results_that_have_changed_are_listed(
    tmp_path: Path, previous: PipelineExecution
) -> None:
    plan = select(planned(pipeline(), Depth="7", Limit="2"), Selection(only=("Test",)), previous)
    assert changed_parameters(plan) == [ChangedParameter("Depth", (5,), 7, ("Train",))]


def test_parameters_count_through_all_results_that_a_result_depends_on(
    tmp_path: Path, previous: PipelineExecution
) -> None:
    assert previous.steps["Test"].parameters == {"Depth": [5]}
    second = run(tmp_path, Selection(only=("Test",)), Depth="7")
    assert second.steps["Test"].parameters == {"Depth": [5]}  # that of the reused Train


def test_reused_results_older_than_what_they_depend_on_are_listed(
    previous: PipelineExecution,
) -> None:
    plan = select(planned(pipeline()), Selection(only=("Load", "Test")), previous)
    assert outdated_results(plan) == {"Train": ["Load"]}


def each(items: Any = ("a", "b")) -> Document:
    items = list(items) if isinstance(items, tuple) else items
    body = [step("Split"), step("Fit", "Split")]
    arguments = {"IterableItems": items, "MaxConcurrency": 2, "ForEachBody": body}
    return {"Name": "Each", "Type": "ForEach", "Arguments": arguments}


@pytest.mark.parametrize(
    ("name", "run_steps"),
    [
        ("Each", ["Split-0", "Fit-0", "Split-1", "Fit-1", "Each"]),
        ("Split", ["Split-0", "Split-1"]),
        ("Split-1", ["Split-1"]),
    ],
)
def test_copies_of_a_body_are_selected_together_or_alone(name: str, run_steps: list[str]) -> None:
    selected = select(planned(document(each())), Selection(only=(name,)))
    assert sorted(to_run(selected)) == sorted(run_steps)


def test_items_from_a_parameter_count_as_its_value(tmp_path: Path) -> None:
    items = parameter("Items", DefaultValue='["a"]')
    definition = document(each({"Get": "Parameters.Items"}), parameters=(items,))
    programs = {name: leave("out", "x", name) for name in ("Split", "Fit")}
    previous = execute(planned(definition), tmp_path, FakeContainer(programs))
    plan = select(planned(definition, Items='["b"]'), Selection(only=("Fit",)), previous)
    [changed] = changed_parameters(plan)
    assert (changed.name, changed.before, changed.steps) == ("Items", ('["a"]',), ("Split-0",))


@pytest.mark.parametrize(
    ("names", "between"),
    [
        (["Load", "Test"], ("Train",)),
        (["Load", "Register"], ("Train", "Test", "Gate")),
        (["Load", "Train", "Count"], ()),
    ],
)
def test_steps_on_paths_between_two_steps_are_listed(
    names: list[str], between: tuple[str, ...]
) -> None:
    assert steps_between(planned(pipeline()), names) == between


def test_direct_dependencies_include_conditions_and_orders_without_data() -> None:
    plan = planned(pipeline())
    assert direct_dependencies(plan, ["Gate", "Register"]) == ("Train", "Test")
    assert direct_dependencies(plan, ["Register"]) == ("Train", "Gate")
