"""`sentiment start` of selected steps against the emulated AWS, and what commands show of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from operations.options import DEFINITION
from processing.names import CODE_FILE, Step
from processing.packaging import build
from tests.support.emulated_pipelines import GROUP, RunningPipeline, create_project_pipeline
from tests.support.emulator_process import POLL, Emulator

BUCKET = "selected-reviews"
REUSED = {Step.PREPROCESS, Step.TRAIN, Step.PACKAGE, Step.TRANSFORM}


@pytest.fixture(scope="module")
def pipeline(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> RunningPipeline:
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    code = build(tmp_path_factory.mktemp("code") / CODE_FILE).read_bytes()
    s3.put_object(Bucket=BUCKET, Key=f"code/{CODE_FILE}", Body=code)
    emulator.client("sagemaker").create_model_package_group(ModelPackageGroupName=GROUP)
    return create_project_pipeline(emulator, "sentiment-dev", DEFINITION, BUCKET)


@pytest.fixture(scope="module")
def whole(pipeline: RunningPipeline, archive: Path) -> dict[str, Any]:
    """An execution of all steps."""
    options = ("--dataset", str(archive), "--parameter", "NumRound=20", "--parameter", "MaxDepth=3")
    started = pipeline.emulator.sentiment("start", *options, "--wait", "--json", *POLL)
    assert started.returncode == 0, started.stderr
    found: dict[str, Any] = json.loads(started.stdout)
    return found


@pytest.fixture(scope="module")
def part(pipeline: RunningPipeline, whole: dict[str, Any]) -> dict[str, Any]:
    """An execution from Evaluate on, whose model is rejected."""
    options = ("--from", Step.EVALUATE, "--parameter", "GateThreshold=0.99999")
    started = pipeline.emulator.sentiment("start", *options, "--wait", "--json", *POLL)
    assert started.returncode == 1, started.stderr
    found: dict[str, Any] = json.loads(started.stdout)
    return found


def test_other_steps_are_reused_with_their_parameters(
    pipeline: RunningPipeline, whole: dict[str, Any], part: dict[str, Any]
) -> None:
    reused = {it["name"]: it["reused_from"] for it in part["steps"] if it["reused_from"]}
    assert reused == dict.fromkeys(REUSED, whole["execution_id"])
    ran = {it["name"] for it in part["steps"]} - reused.keys()
    assert ran == {Step.EVALUATE, Step.QUALITY_GATE, Step.REJECT}
    assert part["accuracy"] == whole["accuracy"]
    [listed, _] = pipeline.emulator.sentiment_json("list")["executions"]
    assert listed["execution_id"] == part["execution_id"]
    assert (listed["parameters"]["MaxDepth"], listed["parameters"]["NumRound"]) == (3, 20)


def test_expected_cost_is_assumed_first_and_measured_later(
    pipeline: RunningPipeline, whole: dict[str, Any], part: dict[str, Any]
) -> None:
    first = whole["expected_cost"]
    assert {it["measured_in"] for it in first["steps"]} == {None}
    assert first["usd"] > 0
    later = pipeline.emulator.sentiment_json("start", "--dry-run")["expected_cost"]
    assert {it["step"] for it in later["steps"]} == {Step.DOWNLOAD, Step.EVALUATE} | REUSED
    listed = pipeline.emulator.sentiment_json("list")["executions"]
    [newest, *_] = [it["execution_id"] for it in listed if it["status"] == "Succeeded"]
    assert {it["measured_in"] for it in later["steps"]} == {newest}
    assert 0 < later["usd"] <= later["usd_without_cache"] < first["usd"]


def test_execution_above_the_highest_cost_is_not_started(
    pipeline: RunningPipeline, part: dict[str, Any]
) -> None:
    emulator = pipeline.emulator
    before = emulator.sentiment_json("list")
    refused = emulator.sentiment("start", "--max-cost", "0")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "--max-cost" in refused.stderr
    assert emulator.sentiment_json("list") == before


def test_steps_that_did_not_run_cost_nothing_and_have_their_logs(
    pipeline: RunningPipeline, part: dict[str, Any]
) -> None:
    emulator = pipeline.emulator
    cost = emulator.sentiment_json("cost", part["execution_id"])
    assert [job["step"] for job in cost["jobs"]] == [Step.EVALUATE]
    assert set(cost["reused_steps"]) == REUSED
    lines = emulator.sentiment_json("logs", Step.TRAIN, "--execution", part["execution_id"])
    assert any("validation-" in line["message"] for line in lines["lines"])


def test_results_of_a_part_are_reported_and_compared(
    pipeline: RunningPipeline, whole: dict[str, Any], part: dict[str, Any]
) -> None:
    emulator = pipeline.emulator
    assert emulator.sentiment("report", part["execution_id"]).returncode == 0
    compared = emulator.sentiment("compare", whole["execution_id"], part["execution_id"])
    assert compared.returncode == 0, compared.stderr
    assert "GateThreshold" in compared.stdout


def test_reused_results_can_be_reused_again(
    pipeline: RunningPipeline, whole: dict[str, Any], part: dict[str, Any]
) -> None:
    options = ("--only", Step.EVALUATE, "--reuse", part["execution_id"])
    started = pipeline.emulator.sentiment("start", *options, "--wait", "--json", *POLL)
    assert started.returncode == 0, started.stderr
    steps = json.loads(started.stdout)["steps"]
    origins = {it["reused_from"] for it in steps if it["reused_from"]}
    assert origins == {whole["execution_id"]}


def test_source_whose_model_was_deleted_is_refused(
    pipeline: RunningPipeline, whole: dict[str, Any], part: dict[str, Any]
) -> None:
    emulator = pipeline.emulator
    assert emulator.sentiment("clean", "--yes").returncode == 0
    refused = emulator.sentiment("start", "--only", Step.TRANSFORM, "--json")
    assert refused.returncode == 1
    assert Step.CREATE_MODEL in refused.stdout
