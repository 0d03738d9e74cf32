"""Runs a plan: step after step, with the cache, retries and branches, to the end or a failure."""

from __future__ import annotations

import shutil
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from local_runner import conditions
from local_runner.cache import StepCache
from local_runner.containers import Container
from local_runner.definition import CONDITION, FAIL, Json, Step
from local_runner.errors import DefinitionError, JobFailed, JobInterrupted
from local_runner.execution import (
    FAILED,
    STOPPED,
    SUCCEEDED,
    PipelineExecution,
    StepExecution,
)
from local_runner.expressions import as_text, resolve
from local_runner.identity import LOCAL, Identity
from local_runner.jobs import model, processing, registry, training, transform
from local_runner.jobs.context import JobContext, Properties
from local_runner.object_store import ObjectStore
from local_runner.plan import Plan, PlannedStep
from local_runner.retries import with_retries
from local_runner.scope import ExecutionScope
from local_runner.workdir import Workdir

Listener = Callable[[StepExecution], None]
"""Told whenever a step starts, is tried again, or ends."""

Job = Callable[[Mapping[str, Json], JobContext], Properties]
"""What stands for one API call: a resolved request becomes what describing it would answer."""

JOBS: Mapping[str, Job] = {
    "Processing": processing.run,
    "Training": training.run,
    "Model": model.run,
    "Transform": transform.run,
    "RegisterModel": registry.run,
}


@dataclass(frozen=True)
class Platform:
    """What an execution runs on: objects, programs, the pipeline's identity, jobs by step type.

    local_aws: the folder that stands for AWS; None where jobs find an API.
    """

    store: ObjectStore
    container: Container
    identity: Identity = LOCAL
    jobs: Mapping[str, Job] = field(default_factory=lambda: JOBS)
    local_aws: Path | None = None


class Executor:
    """Executes one plan for one execution.

    sleep: how to wait between attempts, in seconds; tests pass their own.
    """

    def __init__(
        self,
        plan: Plan,
        execution: PipelineExecution,
        workdir: Workdir,
        platform: Platform,
        listener: Listener,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._plan = plan
        self._execution = execution
        self._workdir = workdir
        self._platform = platform
        self._cache = StepCache(workdir.cache, platform.store)
        self._listener = listener
        self._sleep = sleep
        self._folder = workdir.executions.folder(execution.execution_id)
        self._scope = ExecutionScope(
            execution,
            {planned.step.name: planned.step for planned in plan.steps},
            platform.store,
            platform.identity,
        )

    def execute(self) -> None:
        """Runs the steps that the execution hasn't finished yet; the outcome is in its status.

        A KeyboardInterrupt leaves it Stopped and goes on.
        """
        try:
            for planned in self._plan.steps:
                if self._is_due(planned) and not self._run(planned.step):
                    self._execution.status = FAILED
                    return
            self._execution.status = SUCCEEDED
        except KeyboardInterrupt:
            self._execution.status = STOPPED
            raise
        finally:
            self._workdir.executions.save(self._execution)
            shutil.rmtree(self._folder / "sandboxes", ignore_errors=True)

    def _is_due(self, planned: PlannedStep) -> bool:
        """Whether the step is on a taken branch and not over yet."""
        record = self._execution.steps.get(planned.step.name)
        if record is not None and record.status == SUCCEEDED:
            return False
        if any(name not in self._execution.steps for name in planned.depends_on):
            return False  # it waits for a step on a branch that wasn't taken
        if planned.branch is None:
            return True
        condition, outcome = planned.branch
        return self._execution.steps[condition].outcome is outcome

    def _run(self, step: Step) -> bool:
        """Runs one step and records how it went; returns whether it succeeded."""
        started = datetime.now(UTC).isoformat(timespec="milliseconds")
        record = StepExecution(step.name, step.type, started=started)
        self._execution.steps[step.name] = record
        self._note(record)
        began = time.monotonic()
        try:
            self._perform(step, record)
            record.status = SUCCEEDED
        except (JobFailed, DefinitionError) as error:
            record.status, record.failure_reason = FAILED, str(error)
        except KeyboardInterrupt:
            record.status = STOPPED
            raise
        finally:
            record.seconds = round(time.monotonic() - began, 3)
            self._note(record)
        return record.status == SUCCEEDED

    def _perform(self, step: Step, record: StepExecution) -> None:
        """Does what the step's type asks for."""
        if step.type == CONDITION:
            wanted = step.arguments.get("Conditions", [])
            record.outcome = conditions.all_hold(wanted, self._scope)
            record.properties = {"Outcome": record.outcome}
        elif step.type == FAIL:
            raise JobFailed(as_text(resolve(step.arguments["ErrorMessage"], self._scope)))
        else:
            self._perform_job(step, resolve(step.arguments, self._scope), record)

    def _perform_job(
        self, step: Step, arguments: Mapping[str, Json], record: StepExecution
    ) -> None:
        cache = self._cache
        key = cache.key(step.type, arguments) if step.cached else None
        if key and (kept := cache.find(key, step.cache_seconds)):
            record.cached, record.properties = True, kept
            return

        def attempt(number: int) -> Properties:
            record.attempts, record.failure_reason = number, ""
            self._note(record)
            context = self._context(step.name, number)
            try:
                return self._platform.jobs[step.type](arguments, context)
            except (AttributeError, KeyError, TypeError) as error:
                with context.log.open("a", encoding="utf-8") as log:
                    log.write(traceback.format_exc())
                what = f"{type(error).__name__}: {error}"
                raise JobFailed(f"ClientError: the request is malformed ({what})") from None
            finally:
                shutil.rmtree(context.sandbox, ignore_errors=True)

        def pause(reason: JobInterrupted, seconds: float) -> None:
            record.failure_reason = f"{reason}; tried again in {seconds:g} s"
            self._note(record)
            self._sleep(seconds)

        record.properties = with_retries(attempt, step.retry_policies, pause)
        if key:
            cache.keep(key, record.properties)

    def _context(self, step: str, attempt: int) -> JobContext:
        name = f"pipelines-{self._execution.execution_id}-{step}-{attempt}"
        sandboxes = self._folder / "sandboxes"
        sandboxes.mkdir(exist_ok=True)
        logs = self._folder / "logs"
        logs.mkdir(exist_ok=True)
        return JobContext(
            name=name,
            store=self._platform.store,
            container=self._platform.container,
            identity=self._platform.identity,
            # A folder that no job of an interrupted run can still be writing to.
            sandbox=Path(tempfile.mkdtemp(prefix=f"{step}-", dir=sandboxes)),
            log=logs / f"{step}.log",
            models=self._workdir.models,
            registry=self._workdir.registry,
            local_aws=self._platform.local_aws,
        )

    def _note(self, record: StepExecution) -> None:
        self._workdir.executions.save(self._execution)
        self._listener(record)
