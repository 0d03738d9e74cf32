"""The entry point: a definition, parameter values and a work folder become an execution."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Collection, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

from local_runner.cores import available_cores
from local_runner.definition.parsing import parse
from local_runner.errors import DefinitionError, WorkdirError
from local_runner.execution.executor import Debugging, Executor, Platform
from local_runner.execution.record import EXECUTING, PipelineExecution
from local_runner.execution.recorder import Listener
from local_runner.handlers import importable_handler
from local_runner.inputs import input_check
from local_runner.plan import Plan, make_plan, with_handlers
from local_runner.platform.aws.endpoint import AwsEndpoint, without_aws
from local_runner.platform.cancellation import CancellationToken, interrupted_by_sigterm
from local_runner.platform.containers import HostContainer, ignore
from local_runner.platform.file_digest import file_digest
from local_runner.platform.foreground import (
    ForegroundContainer,
    InForeground,
    interrupts_to,
    without_preparation,
)
from local_runner.platform.object_store import CopyingStore
from local_runner.refusals import refusals
from local_runner.request import ExecutionRequest, StoredRequest
from local_runner.workdir import Workdir


@dataclass(frozen=True)
class Observer:
    """Listeners for an execution; each is called by one thread at a time.

    on_start: the execution begins or continues. on_step: a step changes. on_line: a job logs a
    line. on_progress: it prints its progress. in_foreground: its block contains the run of a
    debugged program.
    """

    on_step: Listener = ignore
    on_line: Callable[[str], None] = ignore
    on_progress: Callable[[str], None] = ignore
    on_start: Callable[[Plan, PipelineExecution], None] = ignore
    in_foreground: InForeground = without_preparation


@dataclass(frozen=True)
class Control:
    """How a caller that runs several executions controls one of them.

    cancellation: stops the execution when it is cancelled. threads: of OpenMP, for each program of
    its jobs; None for one per core. is_continued: whether it may continue an interrupted execution.
    """

    cancellation: CancellationToken | None = None
    threads: int | None = None
    is_continued: bool = True


def prepare(
    definition_text: str,
    given: Mapping[str, str],
    deployed: Mapping[str, str],
    handlers: Mapping[str, str] = MappingProxyType({}),
) -> Plan:
    """Return the plan of a definition whose steps can all be run here.

    Raise DefinitionError or ParameterError; nothing is started.
    """
    plan = plan_of(definition_text, given, deployed, handlers)
    require_supported(plan)
    return plan


def plan_of(
    definition_text: str,
    given: Mapping[str, str],
    deployed: Mapping[str, str],
    handlers: Mapping[str, str],
) -> Plan:
    """Return the plan of a definition.

    given: the user's parameter values. deployed: the defaults that a deployment would set.
    handlers: ``module:function`` for Lambda and Callback steps, from the current folder.
    Raise DefinitionError or ParameterError.
    """
    plan = make_plan(parse(definition_text), given, deployed)
    folder = Path.cwd()
    return with_handlers(
        plan, {step: importable_handler(step, name, folder) for step, name in handlers.items()}
    )


def require_supported(plan: Plan) -> None:
    """Raise DefinitionError, naming all of them, for steps to run that can't be run here."""
    if refused := list(refusals(plan)):
        raise DefinitionError("; ".join(refused))


def run(
    plan: Plan,
    workdir: Workdir,
    observer: Observer,
    request: ExecutionRequest | None = None,
    debugged: Collection[str] = (),
    control: Control = Control(),
) -> PipelineExecution:
    """Run the plan to its end and return the execution, Succeeded or Failed.

    If the newest execution of the same plan was interrupted (killed, or the machine went down), it
    is continued and its finished steps are kept. Raise WorkdirError if another process runs it,
    KeyboardInterrupt if it is cancelled.

    request: how the plan was made; without it, the execution can't be retried. debugged: names of
    steps that run in the foreground (`with_debugging`).
    """
    store = workdir.executions
    fingerprint = _fingerprint(plan, workdir)
    interrupted = store.interrupted(fingerprint) if control.is_continued else None
    execution = interrupted or PipelineExecution(
        execution_id=store.new_id(),
        fingerprint=fingerprint,
        parameters=plan.parameters,
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        steps={name: replace(record) for name, record in plan.reused.items()},
        planned=[it.step.name for it in plan.steps],
        pipeline=request.pipeline if request else "",
    )
    limit = request.max_parallel_steps if request else None
    with interrupted_by_sigterm(), store.locked(execution.execution_id):
        if request:
            stored = StoredRequest.of(request, plan, workdir.inputs)
            stored.save(store.folder(execution.execution_id))
        _execute(plan, execution, workdir, observer, limit, debugged, control)
    return execution


def retry(
    execution_id: str, stored: StoredRequest, workdir: Workdir, observer: Observer
) -> PipelineExecution:
    """Run the steps of an execution that haven't succeeded, as it was requested.

    Raise WorkdirError if another process runs it, DefinitionError if it can't be run any more.
    """
    with interrupted_by_sigterm(), workdir.executions.locked(execution_id):
        execution = workdir.executions.load(execution_id)
        if execution is None:
            raise WorkdirError(f"there is no execution {execution_id}")
        plan = stored.plan(execution)
        require_supported(plan)
        execution.status = EXECUTING
        _execute(plan, execution, workdir, observer, stored.request.max_parallel_steps)
    return execution


def _execute(
    plan: Plan,
    execution: PipelineExecution,
    workdir: Workdir,
    observer: Observer,
    max_parallel_steps: int | None,
    debugged: Collection[str] = (),
    control: Control = Control(),
) -> None:
    inherited = without_aws(os.environ)
    if control.threads:
        inherited["OMP_NUM_THREADS"] = str(control.threads)
    foreground = ForegroundContainer(observer.in_foreground, inherited)
    copies = CopyingStore(workdir.store.root, workdir.inputs)
    with (
        AwsEndpoint(workdir.registry, workdir.store) as endpoint,
        interrupts_to(foreground) if debugged else nullcontext(),
    ):
        observer.on_start(plan, execution)
        platform = Platform(
            workdir.store,
            HostContainer(observer.on_line, inherited, on_progress=observer.on_progress),
            aws_environment=endpoint.environment,
            max_parallel_steps=max_parallel_steps or available_cores(),
            require_inputs=input_check(plan, workdir.store),
            debugging=Debugging(debugged, copies, foreground),
        )
        Executor(
            plan,
            execution,
            workdir,
            platform,
            observer.on_step,
            cancellation=control.cancellation,
        ).execute()


def interrupted(plan: Plan, workdir: Workdir) -> PipelineExecution | None:
    """Return the execution that a run of the plan would continue. Raise WorkdirError."""
    return workdir.executions.interrupted(_fingerprint(plan, workdir))


def _fingerprint(plan: Plan, workdir: Workdir) -> str:
    steps = [(repr(it), it.handler.digest if it.handler else "") for it in plan.steps]
    inputs = {uri: file_digest(file) for uri, file in workdir.inputs.items()}
    reused = {name: record.reused_from for name, record in plan.reused.items()}
    content = json.dumps([steps, dict(plan.parameters), inputs, reused], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()
