"""`sentiment retry` of executions on AWS."""

from __future__ import annotations

import pytest

from tests.support.aws_samples import ID, definition, deploy, execution, execution_arn, step
from tests.support.command_line import assert_refused, invoke, json_output
from tests.support.scripted_aws import ScriptedAws


@pytest.fixture
def retried(aws: ScriptedAws) -> ScriptedAws:
    """A failed execution that runs again once it's retried."""
    deploy(aws, "Failed", [step("Train", status="Failed")])
    aws.on("DescribePipelineExecution", execution("Failed"), execution("Executing"))
    aws.on("DescribePipelineDefinitionForExecution", {"PipelineDefinition": definition()})
    aws.on("RetryPipelineExecution", {"PipelineExecutionArn": execution_arn()})
    return aws


def test_failed_execution_is_retried(retried: ScriptedAws) -> None:
    result = invoke("retry", ID)
    assert result.exit_code == 0, result.output
    assert f"Executing: execution {ID}" in result.stdout
    (request,) = retried.requests("RetryPipelineExecution")
    assert request["PipelineExecutionArn"] == execution_arn()


def test_unreadable_definition_prevents_a_retry_only_with_a_limit_of_its_cost(
    retried: ScriptedAws,
) -> None:
    retried.on("DescribePipelineDefinitionForExecution", {"PipelineDefinition": "{}"})
    retried.on("DescribePipelineExecution", execution("Failed"))
    assert_refused(invoke("retry", ID, "--max-cost", "1"), 1, "unknown")
    assert retried.requests("RetryPipelineExecution") == []
    cost = json_output(invoke("retry", ID, "--json"))["expected_cost"]
    assert (cost["usd"], cost["steps"], len(cost["problems"])) == (None, [], 1)
    assert len(retried.requests("RetryPipelineExecution")) == 1


@pytest.mark.parametrize(("status", "code"), [("Succeeded", 0), ("Failed", 1)])
def test_retried_execution_can_be_watched(retried: ScriptedAws, status: str, code: int) -> None:
    retried.on(
        "DescribePipelineExecution",
        *(execution("Failed"), execution("Executing"), execution(status)),
    )
    retried.pages("ListPipelineExecutionSteps", "PipelineExecutionSteps", [step("Train")])
    assert invoke("retry", ID, "--wait").exit_code == code


@pytest.mark.parametrize("status", ["Succeeded", "Executing"])
def test_execution_that_has_not_failed_is_not_retried(aws: ScriptedAws, status: str) -> None:
    deploy(aws, status)
    assert_refused(invoke("retry", ID), 1, ID, status)
    assert "RetryPipelineExecution" not in aws.names()
