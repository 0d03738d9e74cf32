"""`sentiment logs --follow` of a job that runs in the emulated AWS."""

from __future__ import annotations

import json

import pytest

from tests.support.emulated_pipelines import RunningPipeline, create_pipeline
from tests.support.emulator_process import POLL, Emulator
from tests.support.runner_samples import document, processing

PROGRAM = """
import sys, time
print("first", flush=True)
end = time.monotonic() + 2
while time.monotonic() < end:
    time.sleep(0.1)
print("last", flush=True)
sys.exit("failed")
"""


@pytest.fixture(scope="module")
def pipeline(emulator: Emulator) -> RunningPipeline:
    """A pipeline whose job prints two lines and fails."""
    return create_pipeline(
        emulator, "sentiment-dev", document(processing("Work", program=("-c", PROGRAM)))
    )


def test_lines_are_shown_until_the_job_ends(emulator: Emulator, pipeline: RunningPipeline) -> None:
    arn = pipeline.start()
    result = emulator.sentiment("logs", "work", "--follow", "--execution", arn, *POLL)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == ["first", "last", "failed"]
    assert pipeline.steps(arn)["Work"]["StepStatus"] == "Failed"


def test_lines_of_an_ended_job_have_times_as_json(
    emulator: Emulator, pipeline: RunningPipeline
) -> None:
    arn = pipeline.start()
    pipeline.ended(arn)
    result = emulator.sentiment("logs", "Work", "--follow", "--json", *POLL)
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["message"] for line in lines] == ["first", "last", "failed"]
    assert [line["time"] for line in lines] == sorted(line["time"] for line in lines)
