"""`sentiment cost`: billed seconds and prices of every job."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline_diff import prices
from tests.support.aws_samples import (
    ID,
    deploy,
    job_name,
    listed_jobs,
    processing_job,
    step,
    training_job,
    transform_job,
)
from tests.support.command_line import invoke, json_output
from tests.support.scripted_aws import ScriptedAws

PRICES = {"ml.m5.large": 0.12, "ml.m5.xlarge": 0.24}


@pytest.fixture
def paid(aws: ScriptedAws, monkeypatch: pytest.MonkeyPatch) -> ScriptedAws:
    """An execution whose Download was cached, with made-up prices."""
    deploy(aws)

    def by_name(kind: str) -> Any:
        def answer(request: dict[str, Any]) -> dict[str, Any]:
            name = f"{request['NameContains']}Rand0mRand"
            return {f"{kind}Summaries": listed_jobs(kind, name)}

        return answer

    aws.on("ListProcessingJobs", by_name("ProcessingJob"))
    aws.on("ListTrainingJobs", by_name("TrainingJob"))
    aws.on("ListTransformJobs", by_name("TransformJob"))
    aws.on("DescribeTrainingJob", lambda request: training_job(request["TrainingJobName"]))
    aws.on("DescribeTransformJob", lambda request: transform_job(request["TransformJobName"]))
    monkeypatch.setattr(prices, "usd_per_hour", lambda _job, kind, _region: PRICES.get(kind))
    return aws


def test_each_job_costs_its_billed_seconds_times_instances_times_price(paid: ScriptedAws) -> None:
    document = json_output(invoke("cost", "--json"))
    jobs = {job["step"]: job for job in document["jobs"]}
    assert list(jobs) == ["Preprocess", "Train", "Package", "Transform", "Evaluate"]
    assert jobs["Preprocess"]["usd"] == pytest.approx(90 / 3600 * 0.12)
    assert jobs["Train"] == {
        "billed_seconds": 100,
        "instance_count": 3,
        "instance_type": "ml.m5.xlarge",
        "is_running": False,
        "job": job_name("Train"),
        "step": "Train",
        "usd": pytest.approx(100 / 3600 * 3 * 0.24),
        "usd_per_hour": 0.24,
    }
    assert jobs["Transform"]["usd"] == pytest.approx(180 / 3600 * 2 * 0.12)
    assert document["total_usd"] == pytest.approx(0.003 + 0.02 + 0.003 + 0.012 + 0.003)
    table = prices.price_table()
    assert (document["prices_as_of"], document["prices_source"]) == (table.as_of, table.source)
    assert document["unpriced_instance_types"] == []


def test_cached_step_costs_nothing(paid: ScriptedAws) -> None:
    document = json_output(invoke("cost", "--json"))
    assert document["cached_steps"] == ["Download"]
    names = {request["ProcessingJobName"] for request in paid.requests("DescribeProcessingJob")}
    assert names == set(map(job_name, ("Preprocess", "Package", "Evaluate")))


def test_the_table_has_a_line_for_each_step_and_the_total(paid: ScriptedAws) -> None:
    lines = [line.split() for line in invoke("cost").stdout.splitlines()]
    assert lines[1] == ["Download", "0", "0.0000", "cached"]
    assert lines[3] == ["Train", "3", "x", "ml.m5.xlarge", "100", "0.2400", "0.0200"]
    assert lines[7] == ["total", "0.0410"]
    assert " ".join(lines[9]).startswith(f"Prices as of {prices.price_table().as_of}: ")


def test_earlier_attempts_of_a_step_are_billed(paid: ScriptedAws) -> None:
    names = [job_name("Train", random) for random in ("first", "second")]
    foreign = job_name("Train", execution_id=f"x{ID}")
    paid.pages(
        "ListTrainingJobs",
        "TrainingJobSummaries",
        listed_jobs("TrainingJob", names[0], f"x{foreign}"),
        listed_jobs("TrainingJob", names[1]),
    )
    jobs = [
        job["job"]
        for job in json_output(invoke("cost", "--json"))["jobs"]
        if job["step"] == "Train"
    ]
    assert jobs == names
    assert paid.requests("ListTrainingJobs")[0]["NameContains"] == f"pipelines-{ID}-Train-"


def test_total_excludes_an_instance_type_without_a_price(
    paid: ScriptedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(PRICES, "ml.m5.xlarge")
    document = json_output(invoke("cost", "--json"))
    assert document["unpriced_instance_types"] == ["ml.m5.xlarge"]
    assert document["total_usd"] == pytest.approx(0.021)
    output = invoke("cost").stdout
    assert "The total excludes ml.m5.xlarge" in output
    assert ["Train", "3", "x", "ml.m5.xlarge", "100", "unknown", "unknown"] in [
        line.split() for line in output.splitlines()
    ]


def test_total_without_any_price_is_unknown(
    paid: ScriptedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prices, "usd_per_hour", lambda *_: None)
    assert json_output(invoke("cost", "--json"))["total_usd"] is None
    output = invoke("cost").stdout
    assert ["total", "unknown"] in [line.split() for line in output.splitlines()]
    assert "`sentiment prices --refresh`" in output


def test_running_job_is_billed_until_now(paid: ScriptedAws) -> None:
    begun = datetime.now(UTC) - timedelta(seconds=3600)
    job = {**processing_job(job_name("Preprocess"), None), "ProcessingStartTime": begun}
    only(paid, [step("Preprocess", status="Executing")])
    paid.on("DescribeProcessingJob", job)
    (found,) = json_output(invoke("cost", "--json"))["jobs"]
    assert found["is_running"] is True
    assert found["usd"] == pytest.approx(0.12, rel=0.01)
    assert "still running" in invoke("cost").stdout


def test_running_training_job_is_billed_until_now(paid: ScriptedAws) -> None:
    begun = datetime.now(UTC) - timedelta(seconds=60)
    job = training_job(job_name("Train"), TrainingStartTime=begun)
    del job["TrainingEndTime"], job["BillableTimeInSeconds"]
    only(paid, [step("Train", "TrainingJob", "Executing")])
    paid.on("DescribeTrainingJob", job)
    (found,) = json_output(invoke("cost", "--json"))["jobs"]
    assert 60 <= found["billed_seconds"] < 120


def test_job_without_an_instance_costs_nothing(paid: ScriptedAws) -> None:
    job = processing_job(job_name("Preprocess"))
    del job["ProcessingStartTime"], job["ProcessingEndTime"]
    only(paid, [step("Preprocess", status="Failed")])
    paid.on("DescribeProcessingJob", job)
    (found,) = json_output(invoke("cost", "--json"))["jobs"]
    assert (found["billed_seconds"], found["is_running"]) == (0.0, False)


def only(aws: ScriptedAws, steps: list[Any]) -> None:
    aws.pages("ListPipelineExecutionSteps", "PipelineExecutionSteps", steps)


def test_steps_without_a_job_cost_nothing(paid: ScriptedAws) -> None:
    names = {job["step"] for job in json_output(invoke("cost", "--json"))["jobs"]}
    assert not names & {"CreateModel", "QualityGate", "RegisterModel"}
