"""Dry runs: each forecast is compared with what an execution of the same plan then does."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from local_runner.definition.model import CONDITION
from local_runner.dry_run import dry_run
from local_runner.execution.executor import JOBS
from local_runner.execution.reasons import (
    ARGUMENT,
    EXPIRED,
    FORCED,
    FUNCTION,
    IMAGE,
    INPUT,
    NEVER_CACHED,
    NOT_FINISHED,
    NOT_RUN_BEFORE,
    OUTPUTS_DELETED,
    PARAMETER,
    RESULT_DELETED,
    RESULTS,
    VARIABLE,
    Reason,
)
from local_runner.execution.record import PipelineExecution
from local_runner.forecast import (
    CACHED,
    CONDITIONAL,
    DEPENDS,
    REPEATS,
    REUSED,
    RUNS,
    SKIPPED,
    StepForecast,
)
from local_runner.jobs.context import Arguments, JobContext, Properties
from local_runner.plan import Plan
from local_runner.run import Observer, prepare, run
from local_runner.selection import Selection, select
from local_runner.workdir import Workdir
from tests.support.files import contents
from tests.support.runner_samples import (
    SKLEARN,
    XGBOOST,
    Document,
    FakeContainer,
    compare,
    condition,
    document,
    execute,
    fail,
    output_of,
    parameter,
    planned,
    processing,
    put_object,
)
from tests.support.runner_samples import leave as leaves

CACHED_FOR_A_DAY: Document = {"CacheConfig": {"Enabled": True, "ExpireAfter": "P1D"}}
READ = "/opt/ml/processing/input/in"
RUN_ID = {"Get": "Execution.PipelineExecutionId"}


def of_execution(name: str) -> Document:
    return {"Std:Join": {"On": "/", "Values": ["s3://b", RUN_ID, name]}}


def step(name: str, source: Any, *words: Any, **keys: Any) -> Document:
    """A step that reads ``in`` and writes ``out`` below the execution's own URI."""
    inputs = {"in": source} if source else {}
    outputs = {"out": of_execution(name)}
    return processing(name, inputs, outputs, (name, *words), **{**CACHED_FOR_A_DAY, **keys})


def pipeline() -> Document:
    """Load -> Fit -> Check -> Gate -> Accept or Reject. Load reads an object and a parameter."""
    gate = condition(
        "Gate",
        compare("GreaterThan", {"Get": "Parameters.Limit"}, 5),
        if_steps=(step("Accept", output_of("Fit", "out"), CacheConfig={"Enabled": False}),),
        else_steps=(fail("Reject"),),
        DependsOn=["Check"],
    )
    return document(
        step("Load", "s3://data/rows.csv", "--columns", {"Get": "Parameters.Columns"}),
        step(
            "Fit", output_of("Load", "out"), "--depth", {"Get": "Parameters.Depth"}, "--seed", "1"
        ),
        step("Check", output_of("Fit", "out"), CacheConfig={"Enabled": False}),
        gate,
        parameters=(
            parameter("Columns", DefaultValue="a,b"),
            parameter("Depth", "Integer", DefaultValue=5),
            parameter("Limit", "Integer", DefaultValue=9),
        ),
    )


def container(loaded: str = "loaded") -> FakeContainer:
    texts = {"Load": loaded, "Fit": "fitted", "Check": "checked", "Accept": "accepted"}
    return FakeContainer({name: leaves("out", "x", text) for name, text in texts.items()})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A work folder with a whole execution."""
    put_object(tmp_path, "s3://data/rows.csv", "1")
    execute(planned(pipeline()), tmp_path, container())
    return tmp_path


def forecast(plan: Plan, root: Path) -> dict[str, StepForecast]:
    return {it.name: it for it in dry_run(plan, Workdir(root), "")}


def verdicts(plan: Plan, root: Path) -> dict[str, str]:
    return {name: it.verdict for name, it in forecast(plan, root).items()}


def require_that_it_comes_true(
    predicted: dict[str, StepForecast], execution: PipelineExecution
) -> None:
    """Check verdicts, origins and reasons with an execution of the same plan that succeeded."""
    for name, it in predicted.items():
        ran = execution.steps.get(name)
        if it.verdict == SKIPPED:
            assert ran is None, name
            continue
        if it.verdict == CONDITIONAL and ran is None:
            continue
        assert ran is not None, name
        if it.verdict in (CACHED, RUNS):
            assert ran.cached is (it.verdict == CACHED), name
        assert (ran.cached_from or ran.reused_from) == it.execution_id or it.verdict == DEPENDS
        if it.outcome is not None and it.type == CONDITION:
            assert ran.outcome is it.outcome
        if it.verdict == RUNS and ran.inputs:
            known = [asdict(reason) for reason in it.reasons]
            assert [it for it in ran.reasons if it in known] == known, name
            assert {it["kind"] for it in ran.reasons if it not in known} <= {RESULTS}, name


@pytest.mark.parametrize("source", ["s3://data/rows.csv", output_of("Load", "out")])
def test_step_with_the_inputs_of_another_one_may_be_cached(tmp_path: Path, source: Any) -> None:
    put_object(tmp_path, "s3://data/rows.csv", "1")
    load = step("Load", "s3://data/rows.csv")
    first, second, other = (
        processing(name, {"in": source}, {"out": of_execution(name)}, (word,), **CACHED_FOR_A_DAY)
        for name, word in (("First", "Fit"), ("Second", "Fit"), ("Other", "Check"))
    )
    plan = planned(document(load, first, {**second, "DependsOn": ["First"]}, other))
    predicted = forecast(plan, tmp_path)
    verdicts_ = {name: it.verdict for name, it in predicted.items()}
    assert verdicts_ == {**dict.fromkeys(("Load", "First", "Other"), RUNS), "Second": REPEATS}
    assert predicted["Second"].steps == ["First"]
    ran = execute(plan, tmp_path, container())
    assert [name for name, it in ran.steps.items() if it.cached] == ["Second"]


def with_arguments(name: str, change: Callable[[Any], None]) -> Document:
    definition = pipeline()
    change(next(it for it in definition["Steps"] if it["Name"] == name)["Arguments"])
    return definition


def with_image(arguments: Any) -> None:
    arguments["AppSpecification"]["ImageUri"] = XGBOOST


def with_seed(arguments: Any) -> None:
    arguments["AppSpecification"]["ContainerEntrypoint"][-1] = "2"


def with_word(arguments: Any) -> None:
    arguments["AppSpecification"]["ContainerEntrypoint"].append("--fast")


def with_variable(arguments: Any) -> None:
    arguments["AppSpecification"]["ContainerEntrypoint"][-1] = RUN_ID


def with_input(arguments: Any) -> None:
    arguments["ProcessingInputs"].append(
        {"InputName": "more", "S3Input": {"S3Uri": "s3://data/rows.csv", "LocalPath": f"{READ}2"}}
    )


def nothing(root: Path) -> None:
    del root


def new_rows(root: Path) -> None:
    put_object(root, "s3://data/rows.csv", "2")


def no_results_of_fit(root: Path) -> None:
    shutil.rmtree(root / "s3" / "b" / "local-0001" / "Fit")


def no_cache(root: Path) -> None:
    shutil.rmtree(root / "cache")


def two_days_later(root: Path) -> None:
    for path in (root / "cache").iterdir():
        entry = json.loads(path.read_text())
        path.write_text(json.dumps({**entry, "stored": time.time() - 2 * 86_400}))


ARGUMENTS = "AppSpecification.ContainerEntrypoint"


@pytest.mark.parametrize(
    ("change", "definition", "values", "load", "fit", "reasons"),
    [
        (nothing, pipeline(), {}, CACHED, CACHED, []),
        (nothing, pipeline(), {"Limit": "8"}, CACHED, CACHED, []),
        (nothing, pipeline(), {"Depth": "7"}, CACHED, RUNS, [Reason(PARAMETER, "Depth", 5, 7)]),
        (
            nothing,
            pipeline(),
            {"Columns": "a", "Depth": "7"},
            RUNS,
            RUNS,
            [Reason(PARAMETER, "Columns", "a,b", "a")],
        ),
        (nothing, pipeline(), {"Columns": "a"}, RUNS, DEPENDS, None),
        (new_rows, pipeline(), {}, RUNS, DEPENDS, [Reason(INPUT, "in")]),
        (
            nothing,
            with_arguments("Fit", with_image),
            {},
            CACHED,
            RUNS,
            [Reason(IMAGE, "", SKLEARN, XGBOOST)],
        ),
        (
            nothing,
            with_arguments("Fit", with_seed),
            {},
            CACHED,
            RUNS,
            [Reason(ARGUMENT, "--seed", "1", "2")],
        ),
        (
            nothing,
            with_arguments("Fit", with_word),
            {},
            CACHED,
            RUNS,
            [Reason(ARGUMENT, ARGUMENTS)],
        ),
        (
            nothing,
            with_arguments("Fit", with_input),
            {},
            CACHED,
            RUNS,
            [Reason(ARGUMENT, "ProcessingInputs", "in", "in, more")],
        ),
        (
            nothing,
            with_arguments("Fit", with_variable),
            {},
            CACHED,
            RUNS,
            [Reason(VARIABLE, "PipelineExecutionId")],
        ),
        (no_results_of_fit, pipeline(), {}, CACHED, RUNS, [Reason(OUTPUTS_DELETED)]),
        (no_cache, pipeline(), {}, RUNS, RUNS, [Reason(RESULT_DELETED)]),
        (two_days_later, pipeline(), {}, RUNS, RUNS, [Reason(EXPIRED, now=86_400.0)]),
    ],
    ids=[
        "nothing",
        "parameter-of-a-condition",
        "parameter",
        "parameters-of-two-steps",
        "parameter-of-the-first-step",
        "data",
        "image",
        "argument",
        "added-argument",
        "added-input",
        "execution-variable",
        "deleted-output",
        "deleted-cache",
        "expired",
    ],
)
def test_forecast_comes_true(
    root: Path,
    change: Callable[[Path], None],
    definition: Document,
    values: dict[str, str],
    load: str,
    fit: str,
    reasons: list[Reason] | None,
) -> None:
    change(root)
    plan = planned(definition, **values)
    before = contents(root)
    predicted = forecast(plan, root)
    assert contents(root) == before
    assert (predicted["Load"].verdict, predicted["Fit"].verdict) == (load, fit)
    if reasons is not None:
        running = [it for it in predicted.values() if it.verdict == RUNS and it.reasons]
        assert list(running[0].reasons) == (reasons or [Reason(NEVER_CACHED)])
    require_that_it_comes_true(predicted, execute(plan, root, container()))


def test_nothing_has_run_before(tmp_path: Path) -> None:
    put_object(tmp_path, "s3://data/rows.csv", "1")
    plan = planned(pipeline())
    predicted = forecast(plan, tmp_path)
    assert list(predicted["Load"].reasons) == [Reason(NOT_RUN_BEFORE)]
    assert list(predicted["Fit"].reasons) == [Reason(NOT_RUN_BEFORE)]
    require_that_it_comes_true(predicted, execute(plan, tmp_path, container()))


def test_origin_of_a_cached_result_is_the_execution_that_performed_the_step(root: Path) -> None:
    execute(planned(pipeline()), root, container())
    assert forecast(planned(pipeline()), root)["Fit"].execution_id == "local-0001"


def test_step_after_one_that_runs_is_cached_if_its_results_are_the_same(root: Path) -> None:
    new_rows(root)
    execution = execute(planned(pipeline()), root, container())
    assert (execution.steps["Load"].cached, execution.steps["Fit"].cached) == (False, True)


def test_step_after_one_with_other_results_runs_because_of_them(root: Path) -> None:
    new_rows(root)
    execution = execute(planned(pipeline()), root, container("other"))
    assert execution.steps["Fit"].reasons == [asdict(Reason(RESULTS, "Load"))]


def test_step_that_failed_runs_again(root: Path) -> None:
    plan = planned(pipeline(), Depth="7")
    failed = execute(plan, root, FakeContainer())  # an output is missing
    assert failed.steps["Fit"].status == "Failed"
    predicted = forecast(plan, root)
    assert predicted["Fit"].verdict == RUNS
    assert list(predicted["Fit"].reasons) == [Reason(NOT_FINISHED, "local-0002")]
    require_that_it_comes_true(predicted, execute(plan, root, container()))


def test_forced_step_runs(root: Path) -> None:
    plan = select(planned(pipeline()), Selection(forced=("Fit",)))
    predicted = forecast(plan, root)
    assert list(predicted["Fit"].reasons) == [Reason(FORCED)]
    require_that_it_comes_true(predicted, execute(plan, root, container()))


def test_reused_results_are_those_of_the_earlier_execution(root: Path) -> None:
    earlier = Workdir(root).executions.load("local-0001")
    plan = select(planned(pipeline()), Selection(only=("Check",)), earlier)
    predicted = forecast(plan, root)
    assert {name: it.verdict for name, it in predicted.items()} == {"Fit": REUSED, "Check": RUNS}
    assert predicted["Fit"].execution_id == "local-0001"


def test_steps_of_a_branch_that_is_not_taken_are_skipped(root: Path) -> None:
    predicted = forecast(planned(pipeline()), root)
    assert (predicted["Accept"].verdict, predicted["Reject"].verdict) == (RUNS, SKIPPED)
    other = forecast(planned(pipeline(), Limit="2"), root)
    assert (other["Accept"].verdict, other["Reject"].verdict) == (SKIPPED, RUNS)


def test_steps_of_a_condition_on_results_may_not_run(root: Path) -> None:
    result = {"Get": "Steps.Check.ProcessingJobStatus"}
    gate = condition(
        "Gate", compare("Equals", result, "Completed"), if_steps=(step("Accept", None),)
    )
    definition = pipeline()
    definition["Steps"][-1] = gate
    definition["Steps"].append(step("After", output_of("Accept", "out")))
    plan = planned(definition)
    predicted = forecast(plan, root)
    assert predicted["Gate"].outcome is None
    assert list(predicted["Gate"].steps) == ["Check"]
    assert predicted["Accept"].verdict == predicted["After"].verdict == CONDITIONAL
    assert list(predicted["After"].steps) == ["Gate"]
    assert (predicted["Accept"].outcome, predicted["After"].outcome) == (True, None)
    require_that_it_comes_true(predicted, execute(plan, root, container()))


def test_both_branches_of_a_condition_that_may_not_run_may_not_run(root: Path) -> None:
    status = {"Get": "Steps.Check.ProcessingJobStatus"}
    inner = condition(
        "Inner",
        compare("Equals", status, "Completed"),
        if_steps=(step("Accept", None),),
        else_steps=(fail("Reject"),),
    )
    definition = pipeline()
    definition["Steps"][-1] = condition(
        "Outer", compare("Equals", status, "Completed"), if_steps=(inner,)
    )
    predicted = forecast(planned(definition), root)
    assert {name: list(predicted[name].steps) for name in ("Inner", "Accept", "Reject")} == {
        "Inner": ["Outer"],
        "Accept": ["Outer", "Inner"],
        "Reject": ["Outer", "Inner"],
    }
    assert {predicted[name].verdict for name in ("Inner", "Accept", "Reject")} == {CONDITIONAL}
    assert predicted["Reject"].outcome is None


def test_step_that_runs_on_a_failure_may_not_run(root: Path) -> None:
    definition = pipeline()
    repair = step("Repair", None, DependsOn=[{"Step": "Check", "Trigger": "Failed"}])
    definition["Steps"].append(repair)
    assert verdicts(planned(definition), root)["Repair"] == CONDITIONAL


def test_object_that_an_earlier_step_will_write_is_not_known(root: Path) -> None:
    def definition(word: str) -> Document:
        outputs = {"out": "s3://fixed/words"}
        write = processing("Write", {}, outputs, ("Write", word), **CACHED_FOR_A_DAY)
        return document(write, step("Read", "s3://fixed/words", DependsOn=["Write"]))

    programs = FakeContainer({"Write": leaves("out", "x", "1"), "Read": leaves("out", "x", "2")})
    execute(planned(definition("a")), root, programs)
    assert verdicts(planned(definition("a")), root) == {"Write": CACHED, "Read": CACHED}
    assert verdicts(planned(definition("b")), root) == {"Write": RUNS, "Read": DEPENDS}


def test_executions_of_other_pipelines_are_no_reason(root: Path) -> None:
    predicted = dry_run(planned(pipeline(), Depth="7"), Workdir(root), "other")
    assert list(predicted[1].reasons) == [Reason(NOT_RUN_BEFORE)]


def test_damaged_record_is_passed_over(root: Path) -> None:
    execute(planned(pipeline()), root, container())
    (root / "executions" / "local-0002" / "execution.json").write_text("{")
    predicted = forecast(planned(pipeline(), Depth="7"), root)
    assert list(predicted["Fit"].reasons) == [Reason(PARAMETER, "Depth", 5, 7)]


def train(arguments: Arguments, context: JobContext) -> Properties:
    del arguments, context
    return {"FinalMetricDataList": [{"MetricName": "auc", "Value": 0.5}]}


def test_property_of_a_step_that_runs_is_not_known(root: Path) -> None:
    jobs = {**JOBS, "Training": train}
    training = {
        "Name": "Train",
        "Type": "Training",
        "Arguments": {
            "AlgorithmSpecification": {"TrainingImage": XGBOOST, "TrainingInputMode": "File"},
            "HyperParameters": {"num_round": {"Get": "Parameters.Rounds"}},
            "InputDataConfig": [],
            "OutputDataConfig": {"S3OutputPath": "s3://b/models"},
        },
        **CACHED_FOR_A_DAY,
    }
    metric = {"Get": "Steps.Train.FinalMetricDataList['auc'].Value"}
    definition = document(
        training,
        step("Read", None, metric),
        parameters=(parameter("Rounds", DefaultValue="1"),),
    )
    programs = FakeContainer({"Read": leaves("out", "x", "1")})
    execute(planned(definition), root, programs, jobs=jobs)
    assert verdicts(planned(definition), root) == {"Train": CACHED, "Read": CACHED}
    assert verdicts(planned(definition, Rounds="2"), root) == {"Train": RUNS, "Read": DEPENDS}


def test_changed_items_of_a_for_each_step_are_a_reason(root: Path) -> None:
    body = step("Count", None, {"Get": "ForEach.CurrentItem"})
    items = {"IterableItems": {"Get": "Parameters.Items"}, "MaxConcurrency": 2}
    each = {"Name": "Each", "Type": "ForEach", "Arguments": {**items, "ForEachBody": [body]}}
    definition = document(each, parameters=(parameter("Items", DefaultValue='["a", "b"]'),))
    programs = FakeContainer({"Count": leaves("out", "x", "1")})
    execute(planned(definition), root, programs)
    plan = planned(definition, Items='["a", "c"]')
    predicted = forecast(plan, root)
    assert predicted["Count-0"].verdict == CACHED
    assert list(predicted["Count-1"].reasons) == [
        Reason(PARAMETER, "Items", '["a", "b"]', '["a", "c"]')
    ]
    require_that_it_comes_true(predicted, execute(plan, root, programs))


def test_changed_function_is_a_reason(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    functions = root / "functions.py"
    functions.write_text("def notify(event):\n    return {}\n")
    call = {
        "Name": "Notify",
        "Type": "Lambda",
        "FunctionArn": "arn:aws:lambda:us-east-1:1:function:notify",
        "Arguments": {"text": "done"},
        **CACHED_FOR_A_DAY,
    }

    def plan() -> Plan:
        return prepare(json.dumps(document(call)), {}, {}, {"Notify": "functions:notify"})

    run(plan(), Workdir(root), Observer())
    assert verdicts(plan(), root) == {"Notify": CACHED}
    functions.write_text("def notify(event):\n    return {'more': '1'}\n")
    assert list(forecast(plan(), root)["Notify"].reasons) == [Reason(FUNCTION)]
