"""Forecast of an execution on AWS: for each step whether it would run or be cached, and why.

SageMaker's step cache compares the arguments of a step, resolved but without the content of
objects, with those of steps of the same name in earlier executions of the pipeline. The results of
a cached step are those of the execution that performed it, so steps after it have the same
arguments as before; those of a step that runs usually have new URIs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice

from botocore.exceptions import ClientError

from local_runner.definition import conditions
from local_runner.definition.expressions import references
from local_runner.definition.model import CONDITION, Json, Step
from local_runner.definition.parameters import DefaultsScope
from local_runner.definition.parsing import parse
from local_runner.errors import DefinitionError, JobFailed, LocalRunnerError
from local_runner.execution import record
from local_runner.execution.reasons import NEVER_CACHED, EarlierStep, Reason, reasons_to_run
from local_runner.execution.step_cache import CachedResult
from local_runner.execution.step_inputs import StepInputs, argument_inputs
from local_runner.forecast import CACHED, REUSED, RUNS, Forecaster, StepForecast
from local_runner.plan import Plan, PlannedStep, make_plan
from operations.aws import executions, upload
from operations.aws.argument_scope import NEW, ArgumentScope, KnownExecution
from operations.aws.client import Deployment
from operations.aws.errors import is_not_found
from operations.aws.executions import StepExecution
from operations.aws.pipelines import Pipeline
from operations.aws.pricing.expected_cost import ExpectedCost
from operations.aws.start import StartRequest, checked_start, print_reuse_warnings
from pipeline_diff.cache_invalidation import CACHE_KEY_ARGUMENTS, key_arguments
from processing.names import Parameter

_MOST_EXECUTIONS = 50


@dataclass(frozen=True)
class StartForecast:
    """The forecasts of the steps of a plan. notes: what the start would announce first."""

    plan: Plan
    steps: Sequence[StepForecast]
    notes: Sequence[str]
    expected_cost: ExpectedCost


def forecast_start(
    deployment: Deployment, pipeline: Pipeline, request: StartRequest
) -> StartForecast:
    """Return what an execution would do that isn't started.

    Nothing is uploaded. Raise UsageError or CliError for an invalid request.
    """
    checked = checked_start(deployment, pipeline, request)
    expected = checked.expected_cost(deployment, pipeline)
    dataset, parameters = checked.request.dataset, dict(checked.parameters)
    if dataset is not None:
        parameters[Parameter.DATASET_URI] = upload.dataset_uri(
            pipeline.bucket, dataset, is_labelled=not deployment.scoring
        )
    plan = checked.plan(pipeline, parameters)
    print_reuse_warnings(plan)
    forecasts = _AwsForecaster(deployment, pipeline, plan).forecasts()
    return StartForecast(plan, forecasts, [checked.note] if checked.note else [], expected)


class _AwsForecaster(Forecaster):
    """Compares arguments with those of the newest executions, read as far as needed."""

    def __init__(self, deployment: Deployment, pipeline: Pipeline, plan: Plan) -> None:
        super().__init__(plan)
        self._sagemaker = deployment.client("sagemaker")
        self._pipeline = pipeline
        self._executions: dict[str, KnownExecution | None] = {}
        newest = islice(executions.newest_first(deployment, pipeline), _MOST_EXECUTIONS)
        self._ids = [it.execution_id for it in newest]
        steps = {it.step.name: it.step for it in plan.steps}
        self._new = KnownExecution(NEW, plan.parameters, steps, {})

    def outcome(self, planned: PlannedStep) -> bool | None:
        """Return the outcome of a condition on parameters; None if it depends on results."""
        if self.unknown_steps(planned):
            return None
        compared = planned.step.arguments.get("Conditions", [])
        try:
            return conditions.all_hold(compared, DefaultsScope(self.plan.parameters))
        except (DefinitionError, JobFailed):
            return None

    def unknown_steps(self, planned: PlannedStep) -> Sequence[str]:
        """Return the steps that a step refers to."""
        arguments = planned.step.arguments
        is_condition = planned.step.type == CONDITION
        used = references(arguments.get("Conditions", []) if is_condition else arguments)
        return list(dict.fromkeys(it.name for it in used if it.root == "Steps"))

    def of_job(self, planned: PlannedStep) -> StepForecast:
        """Return the forecast of a job by SageMaker's step cache."""
        step = planned.step
        if not step.cache_enabled or step.type not in CACHE_KEY_ARGUMENTS:
            return StepForecast(step.name, step.type, RUNS, reasons=[Reason(NEVER_CACHED)])
        inputs = self._inputs(self._new, step)
        newest: EarlierStep | None = None
        expired: CachedResult | None = None
        for execution in self._earlier():
            before = execution.steps.get(step.name)
            ran = execution.records.get(step.name)
            if before is None or ran is None or before.type != step.type or ran.reused_from:
                continue  # reused results may have been made with other values
            values = self._inputs(execution, before).values
            newest = newest or _earlier_step(execution, step, ran, values)
            if values != inputs.values or not ran.succeeded:
                continue
            origin = self._performed(execution, step.name)
            stored = self._ended(origin, step.name) or ran.ended or datetime.now(UTC)
            result = CachedResult(origin, values, {}, stored.timestamp())
            if result.age < step.cache_seconds:
                return StepForecast(step.name, step.type, CACHED, origin)
            expired = expired or result
        reasons = reasons_to_run(step, inputs, self.plan.parameters, expired, newest)
        return StepForecast(step.name, step.type, RUNS, reasons=reasons)

    def _earlier(self) -> Iterator[KnownExecution]:
        """Return the earlier executions, newest first, without those that can't be read."""
        return filter(None, map(self._execution, self._ids))

    def _execution(self, execution_id: str) -> KnownExecution | None:
        """Return an execution; None if it doesn't exist, or its definition can't be read."""
        if execution_id == NEW:
            return self._new
        if execution_id not in self._executions:
            self._executions[execution_id] = self._described(execution_id)
        return self._executions[execution_id]

    def _described(self, execution_id: str) -> KnownExecution | None:
        arn = f"{self._pipeline.arn}/execution/{execution_id}"
        try:
            text = executions.definition(self._sagemaker, arn)
            given = executions.parameters(self._sagemaker, arn)
            steps = executions.steps(self._sagemaker, arn)
            plan = make_plan(parse(text), given, {})
        except LocalRunnerError:
            return None
        except ClientError as error:
            if not is_not_found(error):
                raise
            return None
        by_name = {it.step.name: it.step for it in plan.steps}
        return KnownExecution(execution_id, plan.parameters, by_name, {it.name: it for it in steps})

    def _ended(self, execution_id: str, step: str) -> datetime | None:
        execution = self._execution(execution_id)
        ran = execution.records.get(step) if execution else None
        return ran.ended if ran else None

    def _performed(self, execution: KnownExecution, step: str) -> str:
        """Return the ID of the execution whose result the step of an execution has."""
        if execution.execution_id == NEW:
            forecast = self.steps.get(step)
            is_earlier = forecast and forecast.verdict in (CACHED, REUSED)
            origin = forecast.execution_id if forecast and is_earlier else ""
        else:
            ran = execution.records.get(step)
            origin = (ran.reused_from or ran.cached_from) if ran else ""
        if not origin or origin == execution.execution_id:
            return execution.execution_id
        earlier = self._execution(origin)
        return self._performed(earlier, step) if earlier else origin

    def _inputs(self, execution: KnownExecution, step: Step) -> StepInputs:
        scope = ArgumentScope(execution, self._execution, self._performed)
        return argument_inputs(
            replace(step, arguments=key_arguments(step)), scope.resolved, _no_content
        )


def _earlier_step(
    execution: KnownExecution, step: Step, ran: StepExecution, values: Mapping[str, Json]
) -> EarlierStep:
    status = record.SUCCEEDED if ran.succeeded else record.FAILED
    return EarlierStep(
        record.PipelineExecution(execution.execution_id, "", execution.parameters, ""),
        record.StepExecution(step.name, step.type, status, inputs=values),
    )


def _no_content(uri: str) -> Json:
    raise JobFailed(f"{uri} isn't read")
