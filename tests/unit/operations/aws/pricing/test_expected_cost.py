"""`sentiment start` shows the expected cost, and `--max-cost` limits it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline_diff.cost import BILLED_SECONDS
from tests.support.archives import tiny_dataset
from tests.support.aws_samples import (
    ID,
    START,
    SUCCEEDED,
    definition,
    deploy,
    execution,
    execution_arn,
    pipeline,
    step,
    summary,
    training_job,
)
from tests.support.command_line import assert_refused, invoke, json_output
from tests.support.price_samples import stored_prices, table
from tests.support.scripted_aws import ScriptedAws, error

LARGE, XLARGE = 3600.0, 7200.0
"""Invented prices: 1 and 2 USD for each second."""

MEASURED = {
    "Download": 90,
    "Preprocess": 90,
    "Train": 120,
    "Package": 90,
    "Transform": 180,
    "Evaluate": 90,
}
"""Seconds of the jobs that the samples describe."""

AFTER_TRAIN = {name: MEASURED[name] for name in ("Package", "Transform", "Evaluate")}
ASSUMED = {name: BILLED_SECONDS[name] for name in MEASURED}
NOT_CACHED = ("--parameter", "ProcessingInstanceType=ml.m5.xlarge")


@pytest.fixture(autouse=True)
def prices(tmp_path: Path) -> Iterator[None]:
    with stored_prices(tmp_path / "prices.json", table(m5_large=LARGE, m5_xlarge=XLARGE)):
        yield


@pytest.fixture
def ready(aws: ScriptedAws) -> ScriptedAws:
    """A pipeline with an execution that succeeded."""
    deploy(aws)
    aws.on("StartPipelineExecution", {"PipelineExecutionArn": execution_arn()})
    return aws


@pytest.fixture
def new(ready: ScriptedAws) -> ScriptedAws:
    """A pipeline without such an execution."""
    listed = [summary(ID, "Failed")]
    ready.pages("ListPipelineExecutions", "PipelineExecutionSummaries", listed)
    return ready


def expected(*options: str) -> Any:
    """The expected cost of an execution that is started."""
    return json_output(invoke("start", "--json", *options))["expected_cost"]


def by_step(cost: Any) -> dict[str, Any]:
    return {it["step"]: it for it in cost["steps"]}


def seconds(cost: Any) -> dict[str, float]:
    return {name: it["seconds"] for name, it in by_step(cost).items()}


def test_durations_are_those_of_the_last_execution_that_succeeded(ready: ScriptedAws) -> None:
    older, newest = "older0000000", "newest000000"
    listed = [summary(newest, "Failed"), summary(ID), summary(older)]
    ready.pages("ListPipelineExecutions", "PipelineExecutionSummaries", listed)
    cost = expected()
    assert seconds(cost) == MEASURED
    assert {it["measured_in"] for it in cost["steps"]} == {ID}
    assert cost["usd"] == cost["usd_without_cache"] == sum(MEASURED.values())
    asked = ready.requests("ListPipelineExecutionSteps")[0]["PipelineExecutionArn"]
    assert asked == execution_arn(ID)
    assert cost["prices_as_of"] == "2020-01-01"


def test_durations_are_assumed_before_the_first_execution_that_succeeded(
    new: ScriptedAws,
) -> None:
    cost = expected()
    assert seconds(cost) == ASSUMED
    assert {it["measured_in"] for it in cost["steps"]} == {None}
    assert cost["usd"] == sum(ASSUMED.values())


def test_step_that_the_execution_lacks_has_an_assumed_duration(ready: ScriptedAws) -> None:
    steps = [it for it in SUCCEEDED if it["StepName"] != "Evaluate"]
    ready.pages("ListPipelineExecutionSteps", "PipelineExecutionSteps", steps)
    assert seconds(expected()) == {**MEASURED, "Evaluate": BILLED_SECONDS["Evaluate"]}


@pytest.mark.parametrize("operation", ["DescribeTrainingJob", "ListPipelineExecutions"])
def test_duration_that_cannot_be_read_is_assumed(ready: ScriptedAws, operation: str) -> None:
    ready.on(operation, error("AccessDeniedException", "no", operation))
    known = MEASURED if operation == "DescribeTrainingJob" else ASSUMED
    assert seconds(expected()) == {**known, "Train": BILLED_SECONDS["Train"]}


def test_instances_are_those_of_the_parameters(ready: ScriptedAws) -> None:
    cost = expected(*NOT_CACHED, "--parameter", "TrainingInstanceCount=3")
    steps = by_step(cost)
    assert steps["Download"]["usd"] == 90 * 2
    assert steps["Train"]["usd"] == 120 * 3
    assert steps["Train"]["instance_count"] == 3
    assert cost["usd"] == (90 + 90 + 90 + 90) * 2 + 120 * 3 + 180
    assert {name for name, it in steps.items() if it["measured_on_other_instances"]} == {
        "Download",
        "Preprocess",
        "Train",
        "Package",
        "Transform",
        "Evaluate",
    }


def test_spot_training_is_priced_without_its_discount(ready: ScriptedAws) -> None:
    document = json.loads(definition())
    train = next(it for it in document["Steps"] if it["Name"] == "Train")
    train["Arguments"]["EnableManagedSpotTraining"] = True
    ready.on("DescribePipeline", pipeline(json.dumps(document)))
    ready.on("DescribeTrainingJob", training_job("x", BillableTimeInSeconds=1))
    train = by_step(expected())["Train"]
    assert (train["uses_spot"], train["usd"]) == (True, 120)


def test_steps_that_are_not_selected_cost_nothing(ready: ScriptedAws) -> None:
    ready.on("DescribePipelineDefinitionForExecution", {"PipelineDefinition": definition()})
    model = {"ModelName": SUCCEEDED[3]["Metadata"]["Model"]["Arn"].rpartition("/")[2]}
    ready.pages(
        "ListModels",
        "Models",
        [{**model, "ModelArn": "arn:aws:sagemaker:::model/x", "CreationTime": START}],
    )
    assert seconds(expected("--from", "Transform", "--from", "Package")) == {**AFTER_TRAIN}


def test_cost_is_shown_with_its_basis(ready: ScriptedAws) -> None:
    [line] = invoke("start").stderr.splitlines()
    assert line.startswith("expected cost: at most 660.0000 USD ")
    assert ID in line
    assert "2020-01-01" in line


UNKNOWN = ("--parameter", "TrainingInstanceType=ml.u7.48xlarge")


def test_unknown_price_gives_no_amount(ready: ScriptedAws) -> None:
    cost = expected(*UNKNOWN)
    assert (cost["usd"], by_step(cost)["Train"]["usd"]) == (None, None)
    [problem] = cost["problems"]
    assert "ml.u7.48xlarge" in problem
    assert "`sentiment prices --refresh`" in problem
    assert problem in invoke("start", *UNKNOWN).stderr


def test_step_without_a_known_duration_gives_no_amount(new: ScriptedAws) -> None:
    renamed = definition().replace('"Evaluate"', '"Judge"').replace("Steps.Evaluate", "Steps.Judge")
    new.on("DescribePipeline", pipeline(renamed))
    cost = expected()
    assert cost["usd"] is None
    [problem] = cost["problems"]
    assert "Judge" in problem


@pytest.mark.parametrize("limit", ["660", "1000"])
def test_execution_starts_up_to_the_limit(ready: ScriptedAws, limit: str) -> None:
    assert invoke("start", "--max-cost", limit).exit_code == 0
    assert "StartPipelineExecution" in ready.names()


@pytest.mark.parametrize("dry_run", [(), ("--dry-run",)], ids=["start", "dry run"])
@pytest.mark.parametrize(
    ("options", "mentions"),
    [(("--max-cost", "659.99"), "660.0000"), (("--max-cost", "1e9", *UNKNOWN), "ml.u7.48xlarge")],
    ids=["above", "unknown"],
)
def test_nothing_is_uploaded_or_started_above_the_limit(
    ready: ScriptedAws,
    tmp_path: Path,
    options: tuple[str, ...],
    mentions: str,
    dry_run: tuple[str, ...],
) -> None:
    archive = tiny_dataset(tmp_path / "reviews.tar")
    refused = invoke("start", "--dataset", str(archive), *options, *dry_run)
    assert_refused(refused, 1, "--max-cost", mentions)
    assert {"HeadObject", "PutObject", "StartPipelineExecution"}.isdisjoint(ready.names())


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize("limit", ["-1", "nan"])
def test_limit_must_be_a_cost(limit: str) -> None:
    assert invoke("start", "--max-cost", limit).exit_code == 2


def test_cost_stays_in_the_document_of_a_watched_execution(ready: ScriptedAws) -> None:
    assert expected("--wait")["usd"] == 660


def test_dry_run_also_shows_the_cost_without_cached_steps(ready: ScriptedAws) -> None:
    then = datetime.now(UTC) - timedelta(days=1)
    times = {"StartTime": then, "EndTime": then}
    steps = [step(name) | times for name in ("Download", "Preprocess")]
    ready.pages("ListPipelineExecutionSteps", "PipelineExecutionSteps", steps)
    ready.on("DescribePipelineDefinitionForExecution", {"PipelineDefinition": definition()})
    cost = json_output(invoke("start", "--dry-run", "--json"))["expected_cost"]
    assert [it["step"] for it in cost["steps"] if it["cached"]] == ["Download", "Preprocess"]
    assert cost["usd_without_cache"] - cost["usd"] == 180
    line = invoke("start", "--dry-run").stdout.splitlines()[-1]
    assert f"{cost['usd']:.4f} USD, at most {cost['usd_without_cache']:.4f} USD" in line


# Retry


@pytest.fixture
def failed(ready: ScriptedAws) -> ScriptedAws:
    """An execution that failed after Preprocess, and an older one that succeeded."""
    done = [step("Download"), step("Preprocess"), step("Train", status="Failed")]

    def steps(request: dict[str, Any]) -> dict[str, Any]:
        is_failed = request["PipelineExecutionArn"] == execution_arn(FAILED)
        return {"PipelineExecutionSteps": done if is_failed else SUCCEEDED}

    ready.on("ListPipelineExecutionSteps", steps)
    listed = [summary(FAILED, "Failed"), summary(ID)]
    ready.pages("ListPipelineExecutions", "PipelineExecutionSummaries", listed)
    ready.on("DescribePipelineExecution", execution("Failed", FAILED))
    ready.on("DescribePipelineDefinitionForExecution", {"PipelineDefinition": definition()})
    ready.on("RetryPipelineExecution", {"PipelineExecutionArn": execution_arn(FAILED)})
    return ready


FAILED = "failed000000"
REMAINING = {"Train": 120, **AFTER_TRAIN}


def test_retry_costs_what_has_not_succeeded(failed: ScriptedAws) -> None:
    result = invoke("retry", FAILED)
    assert f"expected cost: at most {sum(REMAINING.values())}.0000 USD" in result.stderr
    cost = json_output(invoke("retry", FAILED, "--json"))["expected_cost"]
    assert seconds(cost) == REMAINING


def test_retry_has_the_parameters_of_the_execution(failed: ScriptedAws) -> None:
    values = [{"Name": "TrainingInstanceType", "Value": "ml.m5.xlarge"}]
    failed.pages("ListPipelineParametersForExecution", "PipelineParameters", values)
    cost = json_output(invoke("retry", FAILED, "--json"))["expected_cost"]
    assert by_step(cost)["Train"]["usd"] == 240


def test_retry_of_selected_steps_costs_only_these(failed: ScriptedAws) -> None:
    selected = {"SelectedSteps": [{"StepName": "Evaluate"}]}
    described = {**execution("Failed", FAILED), "SelectiveExecutionConfig": selected}
    failed.on("DescribePipelineExecution", described)
    cost = json_output(invoke("retry", FAILED, "--json"))["expected_cost"]
    assert seconds(cost) == {"Evaluate": 90}


def test_nothing_is_retried_above_the_limit(failed: ScriptedAws) -> None:
    assert_refused(invoke("retry", FAILED, "--max-cost", "479"), 1, "--max-cost 479", "480.0000")
    assert "RetryPipelineExecution" not in failed.names()
    assert invoke("retry", FAILED, "--max-cost", "480").exit_code == 0
