"""Calls of AWS by a state machine; each is repeated before it fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import aws_stepfunctions as states
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from infra.observability.publishing import notify
from infra.observability.topics import Topics
from infra.pipelines import SentimentPipeline
from processing.names import Parameter

_ERROR, _CAUSE, _REASON = "$.error", "$.error.Cause", "$.reason"
_INPUT = "States.JsonToString($$.Execution.Input)"
_ATTEMPTS = 5

DATASET = "$.dataset"
"""The path of the dataset's URI."""


def dataset_version(path: str = "$$.Execution.Name") -> dict[str, Any]:
    """Return the parameter with which the step cache takes the dataset for a new one.

    path: of its value, by default the name of the state machine's execution.
    """
    return {"Name": Parameter.DATASET_VERSION, "Value": states.JsonPath.string_at(path)}


def date_of(path: str) -> str:
    """Return the expression of the date of a time such as 2026-11-29T21:14:06Z."""
    return f"States.ArrayGetItem(States.StringSplit({path}, 'T'), 0)"


class Calls:
    """The calls of one state machine, and what follows if it can't start an execution.

    Then it notifies the topics, if there are any, and fails. The reason names the data.
    """

    def __init__(
        self,
        scope: Construct,
        pipeline: SentimentPipeline,
        topics: Topics | None,
        *,
        remedy: str,
    ) -> None:
        self._scope = scope
        self._pipeline = pipeline
        self._topics = topics
        self._failure = self._notified(remedy)
        self._caught = self.failure(
            "CallFailed", f"States.Format('{{}}: {{}}', {_INPUT}, {_CAUSE})"
        )

    def of_pipeline(
        self, id: str, action: str, parameters: dict[str, Any], **result: Any
    ) -> tasks.CallAwsService:
        """Return a call of SageMaker for the pipeline."""
        given = {"PipelineName": self._pipeline.name, **parameters}
        return self.call(id, "sagemaker", action, given, [self._pipeline.arn], **result)

    def start(
        self, id: str, *, once: str = "$$.Execution.Id", **given: Any
    ) -> tasks.CallAwsService:
        """Return a call that starts an execution of the pipeline.

        once: a path or an expression. One execution starts however often the same is sent.
        """
        token = f"States.Hash(States.Format('{self._pipeline.name} {{}}', {once}), 'SHA-256')"
        return self.of_pipeline(
            id,
            "startPipelineExecution",
            {"ClientRequestToken": states.JsonPath.string_at(token), **given},
            result_path=states.JsonPath.DISCARD,
        )

    def start_with_dataset(
        self, id: str, purpose: str, more: Sequence[Mapping[str, Any]] = ()
    ) -> tasks.CallAwsService:
        """Return a call that starts an execution with the dataset.

        purpose: the words before the dataset in its description. more: other parameters.
        """
        dataset = states.JsonPath.string_at(DATASET)
        return self.start(
            id,
            PipelineExecutionDescription=states.JsonPath.format(f"{purpose} {{}}", dataset),
            PipelineParameters=[{"Name": Parameter.DATASET_URI, "Value": dataset}, *more],
        )

    def call(
        self,
        id: str,
        service: str,
        action: str,
        parameters: dict[str, Any],
        resources: Sequence[str],
        **more: Any,
    ) -> tasks.CallAwsService:
        """Return a call of a service."""
        task = tasks.CallAwsService(
            self._scope,
            id,
            service=service,
            action=action,
            parameters=parameters,
            iam_resources=[*resources],
            **more,
        )
        task.add_retry(max_attempts=_ATTEMPTS)
        task.add_catch(self._caught, result_path=_ERROR)
        return task

    def failure(self, id: str, reason: str) -> states.IChainable:
        """Return a state after which the machine fails. reason: an expression."""
        state = states.Pass(
            self._scope,
            id,
            parameters={"reason": states.JsonPath.string_at(reason)},
        )
        return state.next(self._failure)

    def grant(self, machine: states.StateMachine) -> None:
        """Let the machine use the key of the topics."""
        if self._topics:
            self._topics.key.grant(machine, "kms:Decrypt", "kms:GenerateDataKey")

    def _notified(self, remedy: str) -> states.IChainable:
        fail = states.Fail(self._scope, "NotStarted", error="NotStarted", cause_path=_REASON)
        if not self._topics:
            return fail
        headline = f"{self._pipeline.name}: No execution was started."
        reason = states.JsonPath.string_at(_REASON)
        return notify(self._scope, self._topics, headline, reason, (remedy,)).next(fail)
