"""SelectiveExecutionConfig of the emulated SageMaker: some steps run, others are reused."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.emulated_pipelines import RunningPipeline, create_small_pipeline
from tests.support.emulator_process import Emulator

NAME = "selected-steps"
PARAMETERS = [{"Name": "NumRound", "Value": "3"}]


@pytest.fixture(scope="module")
def pipeline(emulator: Emulator) -> RunningPipeline:
    return create_small_pipeline(emulator, NAME)


@pytest.fixture(scope="module")
def whole(pipeline: RunningPipeline) -> str:
    """The ARN of an execution of all steps, whose model is rejected."""
    arn = pipeline.start(NumRound="3", GateThreshold="0.99999")
    assert pipeline.ended(arn)["PipelineExecutionStatus"] == "Failed"
    return arn


def selective(*names: str, source: str | None = None) -> dict[str, Any]:
    steps = {"SelectedSteps": [{"StepName": name} for name in names]}
    return {**steps, "SourcePipelineExecutionArn": source} if source else steps


def start(pipeline: RunningPipeline, configuration: dict[str, Any]) -> str:
    started = pipeline.sagemaker.start_pipeline_execution(
        PipelineName=pipeline.name,
        PipelineParameters=PARAMETERS,
        SelectiveExecutionConfig=configuration,
    )
    return str(started["PipelineExecutionArn"])


@pytest.fixture(scope="module")
def continued(pipeline: RunningPipeline, whole: str) -> str:
    """The ARN of an execution of the last steps, with results of the rejected one."""
    names = ("QualityGate", "RegisterModel")
    return start(pipeline, selective(*names, source=whole))


def test_selected_steps_run_with_the_results_of_the_source(
    pipeline: RunningPipeline, whole: str, continued: str
) -> None:
    described = pipeline.ended(continued)
    assert described["PipelineExecutionStatus"] == "Succeeded"
    assert described["SelectiveExecutionConfig"] == selective(
        "QualityGate", "RegisterModel", source=whole
    )
    steps = pipeline.steps(continued)
    reused = {name for name, step in steps.items() if "SelectiveExecutionResult" in step}
    assert steps.keys() - reused == {"QualityGate", "RegisterModel"}
    before = pipeline.steps(whole)
    for name in reused:
        assert steps[name]["SelectiveExecutionResult"] == {"SourcePipelineExecutionArn": whole}
        assert steps[name]["Metadata"] == before[name]["Metadata"]
        assert steps[name]["StartTime"] == steps[name]["EndTime"]


def test_reused_results_of_a_source_are_reused(
    pipeline: RunningPipeline, whole: str, continued: str
) -> None:
    pipeline.ended(continued)
    arn = start(pipeline, selective("QualityGate", source=continued))
    assert pipeline.ended(arn)["PipelineExecutionStatus"] == "Succeeded"
    [step] = [it for it in pipeline.steps(arn).values() if it["StepName"] == "Evaluate"]
    assert step["SelectiveExecutionResult"] == {"SourcePipelineExecutionArn": whole}


def test_steps_without_dependencies_need_no_source(pipeline: RunningPipeline) -> None:
    arn = start(pipeline, selective("Preprocess", "Train"))
    assert pipeline.ended(arn)["PipelineExecutionStatus"] == "Succeeded"
    assert list(pipeline.steps(arn)) == ["Preprocess", "Train"]


def refusal(pipeline: RunningPipeline, configuration: dict[str, Any]) -> str:
    with pytest.raises(ClientError) as refused:
        start(pipeline, configuration)
    assert refused.value.response["Error"]["Code"] == "ValidationException"
    return str(refused.value.response["Error"]["Message"])


@pytest.mark.parametrize(
    ("names", "part"),
    [
        (["Evaluat"], "Evaluat"),
        (["Preprocess", "Evaluate"], "Transform"),
        (["Evaluate"], "null"),
        ([f"Step{number}" for number in range(51)], "50"),
    ],
    ids=["unknown step", "gap between steps", "no source", "too many"],
)
def test_invalid_selection_is_refused(
    pipeline: RunningPipeline, names: list[str], part: str
) -> None:
    assert part in refusal(pipeline, selective(*names))


def test_source_without_the_needed_results_is_refused(pipeline: RunningPipeline) -> None:
    arn = start(pipeline, selective("Preprocess"))
    pipeline.ended(arn)
    assert "[Train]" in refusal(pipeline, selective("CreateModel", source=arn))


def test_step_of_the_other_branch_is_refused(pipeline: RunningPipeline, whole: str) -> None:
    assert "QualityGate" in refusal(pipeline, selective("RegisterModel", source=whole))


def test_execution_of_another_pipeline_is_refused(pipeline: RunningPipeline, whole: str) -> None:
    other = whole.replace("/execution/", "-other/execution/")
    assert other in refusal(pipeline, selective("CreateModel", source=other))
