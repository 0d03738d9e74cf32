"""Executions of pipelines: each is a process of its own, whose record is read here.

``<folder>/<account>/<region>/<pipeline>`` is the process's work folder, so that executions of one
pipeline share a step cache.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from emulator.clients import Clients, Place
from emulator.events import Events
from emulator.execution.request import Request
from emulator.pages import between, page, sorted_items
from emulator.sagemaker import changes, steps
from emulator.sagemaker.execution import PROCESS_LOST, Execution
from emulator.sagemaker.jobs import Jobs
from emulator.sagemaker.names import now, random_id
from emulator.sagemaker.pipelines import PARALLELISM, Pipelines, PipelineState
from emulator.sagemaker.processes import ExecutionProcess
from emulator.sagemaker.selective_execution import SELECTIVE, SOURCE, selected_plan, step_names
from emulator.service import (
    ApiError,
    Call,
    Handler,
    invalid,
)
from local_runner.errors import DefinitionError, ParameterError
from local_runner.execution.record import (
    EXECUTING,
    FAILED,
    STOPPED,
    PipelineExecution,
)
from local_runner.plan import Plan
from local_runner.platform.identity import Identity
from local_runner.run import prepare
from local_runner.workdir import Workdir

_MAX_STEPS = "MaxParallelExecutionSteps"
_STEP_FAILED = "Step failure: One or multiple steps failed."


class Executions:
    """The executions of every account and region."""

    def __init__(
        self, folder: Path, clients: Clients, pipelines: Pipelines, jobs: Jobs, events: Events
    ) -> None:
        self._folder = folder
        self._clients = clients
        self._pipelines = pipelines
        self._jobs = jobs
        self._events = events
        self._executions: dict[str, Execution] = {}
        self._tokens: dict[str, str] = {}
        pipelines.on_delete = self._delete_executions

    def handlers(self) -> dict[str, Handler]:
        """Return the operations by name."""
        return {
            "DescribePipelineDefinitionForExecution": self._definition,
            "DescribePipelineExecution": self._describe,
            "ListPipelineExecutionSteps": self._steps,
            "ListPipelineExecutions": self._list,
            "ListPipelineParametersForExecution": self._parameters,
            "RetryPipelineExecution": self._retry,
            "StartPipelineExecution": self._start,
            "StopPipelineExecution": self._stop,
        }

    def close(self) -> None:
        """End every process."""
        for execution in self._executions.values():
            execution.process.end()

    def _start(self, call: Call) -> dict[str, Any]:
        pipeline = self._pipelines.get(call.place, call["PipelineName"])
        token = call.get("ClientRequestToken", random_id(32))
        if token not in self._tokens:
            self._tokens[token] = self._started(call, pipeline)
            self._pipelines.record_run(call.place, pipeline.name)
        return {"PipelineExecutionArn": self._tokens[token]}

    def _started(self, call: Call, pipeline: PipelineState) -> str:
        parameters = [dict(item) for item in call.get("PipelineParameters", [])]
        time = now()
        configuration = call.get(SELECTIVE)
        plan = selected_plan(
            _planned(pipeline.definition, parameters),
            configuration,
            self._source(pipeline.arn, configuration),
            time,
        )
        request = Request(
            execution_id=random_id(),
            identity=Identity(pipeline.name, call.place.region, call.place.account),
            endpoint=self._clients.endpoint,
            workdir=self._workdir(call.place, pipeline),
            jobs=self._jobs.folder(call.place),
            max_parallel_steps=_max_parallel_steps(call.get(PARALLELISM, pipeline.parallelism)),
            selected_steps=step_names(configuration),
        )
        _write(request, pipeline.definition, parameters)
        Workdir(request.workdir).executions.save(
            PipelineExecution(
                request.execution_id,
                "",
                plan.parameters,
                time.isoformat(),
                steps=dict(plan.reused),
            )
        )
        execution = Execution(
            request=request,
            pipeline_arn=pipeline.arn,
            plan=plan,
            definition=pipeline.definition,
            parameters=parameters,
            display_name=call.get(
                "PipelineExecutionDisplayName", f"execution-{time.timestamp() * 1000:.0f}"
            ),
            description=call.get("PipelineExecutionDescription"),
            process=ExecutionProcess(request),
            created=time,
            selective=configuration,
        )
        self._executions[execution.arn] = execution
        return execution.arn

    def _source(
        self, pipeline_arn: str, configuration: Mapping[str, Any] | None
    ) -> PipelineExecution | None:
        """Return the record of the execution whose results a selective execution reuses."""
        arn = configuration.get(SOURCE) if configuration else None
        if arn is None:
            return None
        source = self._executions.get(arn)
        if source is None or source.pipeline_arn != pipeline_arn:
            raise invalid(f"Invalid {SOURCE}: {arn}. It isn't an execution of {pipeline_arn}.")
        return self._record(source)

    def _stop(self, call: Call) -> dict[str, Any]:
        execution = self._get(call)
        if self._record(execution).status != EXECUTING:
            raise invalid(f"Pipeline execution {execution.arn} isn't executing.")
        execution.is_stopping = True
        execution.process.interrupt()
        return {"PipelineExecutionArn": execution.arn}

    def _retry(self, call: Call) -> dict[str, Any]:
        execution = self._get(call)
        record = self._record(execution)
        if record.status not in (FAILED, STOPPED):
            raise invalid(
                f"Pipeline execution {execution.arn} is {record.status}; it can't be retried."
            )
        record.status = EXECUTING
        Workdir(execution.request.workdir).executions.save(record)
        if PARALLELISM in call.parameters:
            limit = _max_parallel_steps(call[PARALLELISM])
            execution.request = replace(execution.request, max_parallel_steps=limit)
            _write(execution.request, execution.definition, execution.parameters)
        execution.is_stopping = False
        execution.process = ExecutionProcess(execution.request)
        return {"PipelineExecutionArn": execution.arn}

    def _describe(self, call: Call) -> dict[str, Any]:
        execution = self._get(call)
        record = self._record(execution)
        ended = [steps.ended(step) for step in record.steps.values()]
        limit = execution.request.max_parallel_steps
        return {
            **execution.summary(record),
            "CreationTime": execution.created,
            "LastModifiedTime": max([execution.created, *ended]),
            "PipelineArn": execution.pipeline_arn,
            "FailureReason": _STEP_FAILED if record.status == FAILED else None,
            PARALLELISM: {_MAX_STEPS: limit} if limit else None,
            SELECTIVE: execution.selective,
        }

    def _list(self, call: Call) -> dict[str, Any]:
        pipeline = self._pipelines.get(call.place, call["PipelineName"])
        found = []
        for execution in self._executions.values():
            if execution.pipeline_arn == pipeline.arn:
                record = self._record(execution)
                summary = execution.summary(record) | {"StartTime": execution.created}
                if record.status == FAILED:
                    summary["PipelineExecutionFailureReason"] = _STEP_FAILED
                found.append(summary)
        by_arn = call.get("SortBy") == "PipelineExecutionArn"
        key = "PipelineExecutionArn" if by_arn else "StartTime"
        items = sorted_items(between(found, call, "StartTime"), call, lambda item: item[key])
        return page(items, call, "PipelineExecutionSummaries")

    def _steps(self, call: Call) -> dict[str, Any]:
        execution = self._get(call)
        known = {planned.step.name: planned.step for planned in execution.plan.steps}
        place, identity = execution.request.place, execution.request.execution_id
        records = self._record(execution).steps
        found = [
            steps.described(
                records[name],
                step,
                self._jobs.of_step(place, identity, name),
                execution.pipeline_arn,
            )
            for name, step in known.items()
            if name in records
        ]
        for step in found:
            if execution.is_stopping and step["StepStatus"] == EXECUTING:
                step["StepStatus"] = "Stopping"
        items = sorted_items(found, call, lambda step: step["StartTime"])
        return page(items, call, "PipelineExecutionSteps")

    def _parameters(self, call: Call) -> dict[str, Any]:
        return page(self._get(call).parameters, call, "PipelineParameters")

    def _definition(self, call: Call) -> dict[str, Any]:
        execution = self._get(call)
        return {"PipelineDefinition": execution.definition, "CreationTime": execution.created}

    def _record(self, execution: Execution) -> PipelineExecution:
        """Return the execution's record, ended if the process no longer exists."""
        ended = execution.end_of_lost_process()
        if ended is None:
            return execution.record()
        request = execution.request
        self._jobs.end(request.place, request.execution_id, ended.status, PROCESS_LOST)
        self._events.emit(*changes.of_execution(execution.pipeline_arn, ended, EXECUTING))
        return ended

    def _get(self, call: Call) -> Execution:
        arn = call["PipelineExecutionArn"]
        execution = self._executions.get(arn)
        if execution is None or execution.request.place != call.place:
            raise ApiError("ResourceNotFound", f"Pipeline execution '{arn}' does not exist.")
        return execution

    def _delete_executions(self, place: Place, pipeline: PipelineState) -> None:
        own = [item for item in self._executions.values() if item.pipeline_arn == pipeline.arn]
        if any(self._record(execution).status == EXECUTING for execution in own):
            raise ApiError(
                "ConflictException",
                f"Pipeline {pipeline.name} has executions that are running; stop them first.",
            )
        for execution in own:
            del self._executions[execution.arn]
        shutil.rmtree(self._workdir(place, pipeline), ignore_errors=True)

    def _workdir(self, place: Place, pipeline: PipelineState) -> Path:
        return self._folder / place.account / place.region / pipeline.name.lower()


def _max_parallel_steps(configuration: Mapping[str, int] | None) -> int | None:
    return configuration[_MAX_STEPS] if configuration else None


def _write(request: Request, definition: str, parameters: list[dict[str, str]]) -> None:
    request.write(definition, {item["Name"]: item["Value"] for item in parameters})


def _planned(definition: str, parameters: list[dict[str, str]]) -> Plan:
    for item in parameters:
        if not item["Value"]:
            raise invalid('[string "" is too short (length: 0, required minimum: 1)]')
    try:
        return prepare(definition, {item["Name"]: item["Value"] for item in parameters}, {})
    except (DefinitionError, ParameterError) as error:
        raise invalid(str(error)) from None
