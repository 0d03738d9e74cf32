"""The timelines of docs/performance.md: of the definitions, and the critical path."""

from __future__ import annotations

import json

import pytest

from benchmarks.timeline.__main__ import timelines
from benchmarks.timeline.drawing import svg, table
from benchmarks.timeline.estimate import OVERHEAD_SECONDS, WAIT_SECONDS, WORK_SECONDS, Timeline
from tests.support.clean_room import ROOT

START = WAIT_SECONDS + OVERHEAD_SECONDS


@pytest.fixture(scope="module")
def current() -> list[Timeline]:
    return timelines()


def test_docs_have_the_timelines_of_the_definitions(current: list[Timeline]) -> None:
    docs = ROOT / "docs"
    assert svg(current) == (docs / "timeline.svg").read_text(), "run `make definition`"
    page = (docs / "performance.md").read_text()
    assert table(current) in page, "replace the table with that of `make definition`"


def test_dataset_in_s3_saves_the_start_of_a_job(current: list[Timeline]) -> None:
    web, in_s3, _ = current
    assert web.seconds - in_s3.seconds == START + WORK_SECONDS["Download"]


def test_scoring_has_four_jobs(current: list[Timeline]) -> None:
    *_, scoring = current
    assert [job.name for job in scoring.jobs] == ["FindModel", "Prepare", "Transform", "Join"]


def chain(**depends_on: list[str]) -> Timeline:
    """Processing steps of these names, and what each of them depends on."""
    steps = [
        {"Name": name, "Type": "Processing", "Arguments": {}, "DependsOn": before}
        for name, before in depends_on.items()
    ]
    document = {"Version": "2020-12-01", "Parameters": [], "Steps": steps}
    return Timeline("", json.dumps(document))


def test_job_with_slack_is_not_on_the_critical_path() -> None:
    found = chain(Download=[], Champion=[], Preprocess=["Download"], Evaluate=["Preprocess"])
    assert [job.name for job in found.jobs if not job.is_critical] == ["Champion"]
    assert found.seconds == 3 * START + sum(
        WORK_SECONDS[name] for name in ("Download", "Preprocess", "Evaluate")
    )


def test_job_waits_for_the_jobs_that_others_do_not_imply() -> None:
    found = chain(Download=[], Preprocess=["Download"], Train=["Download", "Preprocess"])
    assert [job.waits_for for job in found.jobs] == [[], ["Download"], ["Preprocess"]]
