"""Part of a pipeline on AWS: SageMaker's selective execution, refused here where AWS refuses it.

AWS's rules: every step on a path between two selected steps is selected, too. The steps that the
selected ones depend on must have succeeded in another execution of the pipeline, whose own status
is Succeeded or Failed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any

from local_runner.errors import LocalRunnerError, ParameterError, SelectionError
from local_runner.execution import record
from local_runner.plan import Plan, make_plan
from local_runner.selection import (
    Selection,
    direct_dependencies,
    select,
    selected_steps,
    steps_between,
)
from operations.aws import executions
from operations.aws.client import Deployment
from operations.aws.executions import StepExecution
from operations.aws.pipelines import Pipeline
from operations.aws.reused_parameters import ReusedParameters
from operations.errors import CliError, UsageError
from operations.execution_summary import FAILED, SUCCEEDED, ExecutionSummary
from operations.local.reused_results import listed, no_results, require_none_missing
from processing.names import Parameter

_CANDIDATES = 50
"""The newest executions of which the steps are read to find results."""


@dataclass(frozen=True)
class SelectiveExecution:
    """The steps to run, and the execution with the results that they need, if they need any."""

    steps: tuple[str, ...]
    reused: tuple[str, ...] = ()
    source: ExecutionSummary | None = None
    results: record.PipelineExecution | None = field(default=None, repr=False)

    @property
    def configuration(self) -> dict[str, Any]:
        """The SelectiveExecutionConfig of the request."""
        source = {"SourcePipelineExecutionArn": self.source.arn} if self.source else {}
        return {"SelectedSteps": [{"StepName": name} for name in self.steps], **source}

    def plan(self, pipeline: Pipeline, values: Mapping[str, str]) -> Plan:
        """Return the plan of these steps, with the reused results."""
        return select(plan_of(pipeline, values), Selection(only=self.steps), self.results)


def plan_of(pipeline: Pipeline, values: Mapping[str, str]) -> Plan:
    """Return the plan of all steps. values: those that aren't the defaults, as text.

    A dataset without a default may be missing. Raise UsageError for an invalid value.
    """
    missing = {Parameter.DATASET_URI: "none"} if pipeline.requires_dataset else {}
    try:
        return make_plan(pipeline.parsed(), values, missing)
    except ParameterError as error:
        raise UsageError(str(error)) from None
    except LocalRunnerError as error:
        raise CliError(f"the definition of {pipeline.name}: {error}") from None


def selective_execution(
    deployment: Deployment,
    pipeline: Pipeline,
    plan: Plan,
    selection: Selection,
    *,
    reuse: str | None,
    preferred: str | None,
) -> SelectiveExecution:
    """Return the selected steps of the pipeline's plan, and where the results they need come from.

    reuse: the execution that must have them. preferred: one that is used if it has them; else the
    newest of the pipeline. Raise UsageError for steps that can't be selected, CliError if no
    execution has the results.
    """
    try:
        steps = selected_steps(plan, selection)
        if between := steps_between(plan, steps):
            raise UsageError(
                f"SageMaker doesn't run {listed(steps)} without {listed(between)} between them; "
                "select these steps too"
            )
        needed = direct_dependencies(plan, steps)
        if reuse:
            found = _required(deployment, pipeline, reuse, needed)
        elif needed:
            found = _newest(deployment, pipeline, preferred, needed)
        else:
            return SelectiveExecution(steps)
        results = _results(deployment, found, plan, needed)
        select(plan, Selection(only=steps), results)  # refuses what its conditions exclude
    except SelectionError as error:
        raise UsageError(str(error)) from None
    return SelectiveExecution(steps, needed, found, results)


def _required(
    deployment: Deployment, pipeline: Pipeline, reuse: str, needed: Sequence[str]
) -> ExecutionSummary:
    execution = executions.find_execution(deployment, pipeline, reuse)
    if not _is_reusable(execution):
        raise CliError(
            f"execution {execution.execution_id} can't be reused: its status is "
            f"{execution.status}, and SageMaker reuses results of succeeded and failed ones only"
        )
    require_none_missing(execution.execution_id, _missing(deployment, execution, needed))
    return execution


def _newest(
    deployment: Deployment, pipeline: Pipeline, preferred: str | None, needed: Sequence[str]
) -> ExecutionSummary:
    first = _preferred(deployment, pipeline, preferred)
    newest = executions.newest_first(deployment, pipeline)
    for execution in islice(chain(first, newest), _CANDIDATES):
        if _is_reusable(execution) and not _missing(deployment, execution, needed):
            return execution
    raise no_results(f"succeeded or failed execution of {pipeline.name}", needed)


def _preferred(
    deployment: Deployment, pipeline: Pipeline, wanted: str | None
) -> Iterator[ExecutionSummary]:
    """Yield the preferred execution, if it's one of the pipeline."""
    if wanted:
        try:
            yield executions.find_execution(deployment, pipeline, wanted)
        except UsageError:
            return


def _is_reusable(execution: ExecutionSummary) -> bool:
    return execution.status in (SUCCEEDED, FAILED)


def _missing(
    deployment: Deployment, execution: ExecutionSummary, needed: Sequence[str]
) -> list[str]:
    """Return the needed steps of which the execution has no results, or not any more."""
    found = executions.steps(deployment.client("sagemaker"), execution.arn)
    steps = {step.name: step for step in found}
    return [
        name
        for name in needed
        if name not in steps
        or not steps[name].succeeded
        or (steps[name].kind == "Model" and not _model_exists(deployment, steps[name]))
    ]


def _model_exists(deployment: Deployment, step: StepExecution) -> bool:
    """Return whether `clean` hasn't deleted the model."""
    pages = deployment.client("sagemaker").get_paginator("list_models")
    return any(
        model["ModelName"] == step.resource_name
        for page in pages.paginate(NameContains=step.resource_name)
        for model in page["Models"]
    )


def _results(
    deployment: Deployment, source: ExecutionSummary, plan: Plan, needed: Sequence[str]
) -> record.PipelineExecution:
    """Return the results of the source as a local execution's record has them."""
    parameters = ReusedParameters(deployment)
    types = {it.step.name: it.step.type for it in plan.steps}
    return record.PipelineExecution(
        execution_id=source.execution_id,
        fingerprint="",
        parameters={},
        started=source.started.isoformat(),
        status=source.status,
        steps={
            name: record.StepExecution(
                name=name,
                type=types[name],
                status=record.SUCCEEDED,
                outcome=parameters.steps(source.arn)[name].outcome,
                parameters=parameters.of_result(source.arn, name),
            )
            for name in needed
        },
    )
