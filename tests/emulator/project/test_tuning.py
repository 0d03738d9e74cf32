"""A tuning job in the emulated AWS: its training jobs, their cost and logs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pipeline_steps.settings import PipelineSettings, TuningSettings
from processing.names import CODE_FILE, Step
from processing.packaging import build
from tests.support.emulated_pipelines import RunningPipeline, cached, create_project_pipeline
from tests.support.emulator_process import Emulator
from tests.support.local_runs import definition_of

BUCKET = "tuned-reviews"
JOBS = 3
TABLE = "text,label\n" + "".join(
    f"A {word} film of the year {number},{label}\n"
    for number in range(60)
    for word, label in (("good", "pos"), ("bad", "neg"))
)


@pytest.fixture(scope="module")
def pipeline(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> RunningPipeline:
    """The pipeline with the setting, until the model of the best training job is created."""
    s3, folder = emulator.client("s3"), tmp_path_factory.mktemp("tuning")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(
        Bucket=BUCKET, Key=f"code/{CODE_FILE}", Body=build(folder / CODE_FILE).read_bytes()
    )
    s3.put_object(Bucket=BUCKET, Key="raw/reviews.csv", Body=TABLE.encode())
    settings = PipelineSettings(
        tuning=TuningSettings(jobs=JOBS),
        no_network=True,
        dataset_uri=f"s3://{BUCKET}/raw/reviews.csv",
    )
    path = definition_of(settings, folder, until=Step.CREATE_MODEL)
    return create_project_pipeline(emulator, "sentiment-dev", path, BUCKET)


@pytest.fixture(scope="module")
def steps(pipeline: RunningPipeline) -> dict[str, dict[str, Any]]:
    arn = pipeline.start(NumRound="5")
    ended = pipeline.ended(arn)
    assert ended["PipelineExecutionStatus"] == "Succeeded", pipeline.steps(arn)
    return pipeline.steps(arn)


def training_jobs(pipeline: RunningPipeline, steps: dict[str, dict[str, Any]]) -> list[str]:
    job = steps["Train"]["Metadata"]["TuningJob"]["Arn"].rpartition("/")[2]
    found = pipeline.sagemaker.list_training_jobs(NameContains=job)["TrainingJobSummaries"]
    return sorted(summary["TrainingJobName"] for summary in found)


def test_the_best_model_is_that_of_a_training_job(
    pipeline: RunningPipeline, steps: dict[str, dict[str, Any]]
) -> None:
    names = training_jobs(pipeline, steps)
    assert len(names) == JOBS
    model = steps["CreateModel"]["Metadata"]["Model"]["Arn"].rpartition("/")[2]
    container = pipeline.sagemaker.describe_model(ModelName=model)["PrimaryContainer"]
    *_, job, output, archive = container["ModelDataUrl"].split("/")
    assert (output, archive) == ("output", "model.tar.gz")
    assert job in names


def test_every_training_job_is_in_the_cost_and_the_log(
    emulator: Emulator, pipeline: RunningPipeline, steps: dict[str, dict[str, Any]]
) -> None:
    cost = json.loads(emulator.sentiment("cost", "--json").stdout)
    jobs = [job["job"] for job in cost["jobs"] if job["step"] == "Train"]
    assert sorted(jobs) == training_jobs(pipeline, steps)
    log = emulator.sentiment("logs", "Train")
    assert log.returncode == 0, log.stderr
    assert log.stdout.count("[0]") == JOBS


def test_a_second_execution_reuses_the_search_as_the_dry_run_says(
    emulator: Emulator, pipeline: RunningPipeline, steps: dict[str, dict[str, Any]]
) -> None:
    values = ("--parameter", "NumRound=5", "--parameter", "DatasetVersion=none")
    dry_run = emulator.sentiment("start", "--dry-run", "--json", *values)
    assert dry_run.returncode == 0, dry_run.stderr
    verdicts = {it["name"]: it["verdict"] for it in json.loads(dry_run.stdout)["steps"]}
    assert verdicts["Train"] == "cached", dry_run.stdout
    arn = pipeline.start(NumRound="5")
    assert pipeline.ended(arn)["PipelineExecutionStatus"] == "Succeeded"
    again = pipeline.steps(arn)
    assert cached(again) == ["Preprocess", "Train"]


def test_the_expected_cost_is_that_of_all_training_jobs(
    emulator: Emulator, steps: dict[str, dict[str, Any]]
) -> None:
    dry_run = emulator.sentiment("start", "--max-cost", "0", "--parameter", "NumRound=6")
    assert dry_run.returncode == 1
    assert "--max-cost" in dry_run.stderr
