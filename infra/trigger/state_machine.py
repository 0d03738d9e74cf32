"""The state machine that starts an execution of a pipeline, unless one is running.

SageMaker runs executions of a pipeline side by side. The state machine prevents that: it lists the
pipeline's executions, and starts one only if none is running. It needs no Lambda function.
"""

from __future__ import annotations

from typing import Any

from aws_cdk import aws_kms as kms
from aws_cdk import aws_stepfunctions as states
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from infra.pipelines import SentimentPipeline
from infra.settings import Settings
from infra.trigger.logged_machine import logged_state_machine
from infra.trigger.new_data import with_complete_dataset
from processing.names import Parameter

_DATASET, _DRIFTED_AT = "$.dataset", "$.driftedAt"
_RETRAINING = "$.retraining"
_RUNNING = {"isExecuting": "Executing", "isStopping": "Stopping"}
_NAMES = "displayNames"

# Parts of a time such as 2026-11-29T21:14:06Z.
_DATE = f"States.ArrayGetItem(States.StringSplit({_DRIFTED_AT}, 'T'), 0)"
_PERIODS = {
    "hourly": f"States.ArrayGetItem(States.StringSplit({_DRIFTED_AT}, ':'), 0)",
    "daily": _DATE,
    "monthly": "States.Format('{}-{}', "
    + ", ".join(f"States.ArrayGetItem(States.StringSplit({_DATE}, '-'), {n})" for n in (0, 1))
    + ")",
}


def state_machine(
    scope: Construct, settings: Settings, pipeline: SentimentPipeline, key: kms.IKey | None
) -> states.StateMachine:
    """Return the state machine.

    Its input names a dataset (``{"dataset": "s3://..."}``), an object that arrived
    (`infra.trigger.new_data`), the time at which drift was measured
    (``{"driftedAt": "2026-11-29T21:14:06Z"}``), or nothing (``{}``).
    """
    return logged_state_machine(
        scope,
        _definition(scope, settings, pipeline),
        comment=f"Starts {pipeline.name} unless it is running",
        key=key,
    )


def _definition(
    scope: Construct, settings: Settings, pipeline: SentimentPipeline
) -> states.IChainable:
    """Return ListExecutions -> IsExecutionRunning -> AlreadyRunning, or a start."""
    found = {name: _is_any(status) for name, status in _RUNNING.items()}
    if settings.retrain_on_drift:
        found[_NAMES] = states.JsonPath.list_at(
            "$.PipelineExecutionSummaries[*].PipelineExecutionDisplayName"
        )
    list_executions = _call(
        scope,
        "ListExecutions",
        pipeline,
        action="listPipelineExecutions",
        parameters={"MaxResults": 100, "SortBy": "CreationTime", "SortOrder": "Descending"},
        result_selector=found,
        result_path="$.executions",
    )
    is_running = states.Condition.or_(
        *(states.Condition.boolean_equals(f"$.executions.{name}", True) for name in _RUNNING)
    )
    dataset = {"Name": Parameter.DATASET_URI, "Value": states.JsonPath.string_at(_DATASET)}
    reasons = states.Choice(scope, "IsDatasetGiven").when(
        states.Condition.is_present(_DATASET),
        _start(scope, "StartWithDataset", pipeline, PipelineParameters=[dataset]),
    )
    if settings.retrain_on_drift:
        reasons.when(states.Condition.is_present(_DRIFTED_AT), _retrain(scope, settings, pipeline))
    start = reasons.otherwise(_start(scope, "Start", pipeline, PipelineParameters=[]))
    chain = list_executions.next(
        states.Choice(scope, "IsExecutionRunning")
        .when(is_running, states.Succeed(scope, "AlreadyRunning"))
        .otherwise(start)
    )
    return with_complete_dataset(scope, chain) if settings.start_on_new_data else chain


def _retrain(
    scope: Construct, settings: Settings, pipeline: SentimentPipeline
) -> states.IChainable:
    """Return NameRetraining -> WasRetrained -> AlreadyRetrained, or a start with that name.

    The execution's display name has the period in it, so that one in each period is started.
    """
    name = f"States.Format('drift-{{}}', {_PERIODS[settings.retrain_at_most]})"
    token = f"States.Hash(States.Format('{pipeline.name} {{}}', {_RETRAINING}.name), 'SHA-256')"
    start = _start(
        scope,
        "StartRetraining",
        pipeline,
        # Of two events at the same time, the second starts nothing.
        token=states.JsonPath.string_at(token),
        PipelineExecutionDescription="Started because the scoring pipeline measured drift",
        PipelineExecutionDisplayName=states.JsonPath.string_at(f"{_RETRAINING}.name"),
        PipelineParameters=[],
    )
    return states.Pass(
        scope,
        "NameRetraining",
        parameters={
            "name": states.JsonPath.string_at(name),
            "isStarted": states.JsonPath.string_at(
                f"States.ArrayContains($.executions.{_NAMES}, {name})"
            ),
        },
        result_path=_RETRAINING,
    ).next(
        states.Choice(scope, "WasRetrained")
        .when(
            states.Condition.boolean_equals(f"{_RETRAINING}.isStarted", True),
            states.Succeed(scope, "AlreadyRetrained"),
        )
        .otherwise(start)
    )


def _start(
    scope: Construct,
    id: str,
    pipeline: SentimentPipeline,
    *,
    token: str | None = None,
    **parameters: Any,
) -> tasks.CallAwsService:
    return _call(
        scope,
        id,
        pipeline,
        action="startPipelineExecution",
        parameters={"ClientRequestToken": token or states.JsonPath.uuid(), **parameters},
        result_path=states.JsonPath.DISCARD,
    )


def _call(
    scope: Construct,
    id: str,
    pipeline: SentimentPipeline,
    *,
    action: str,
    parameters: dict[str, Any],
    **result: Any,
) -> tasks.CallAwsService:
    return tasks.CallAwsService(
        scope,
        id,
        service="sagemaker",
        action=action,
        parameters={"PipelineName": pipeline.name, **parameters},
        iam_resources=[pipeline.arn],
        **result,
    )


def _is_any(status: str) -> Any:
    """Return the expression for whether any listed execution has the status."""
    statuses = states.JsonPath.list_at("$.PipelineExecutionSummaries[*].PipelineExecutionStatus")
    return states.JsonPath.array_contains(statuses, status)
