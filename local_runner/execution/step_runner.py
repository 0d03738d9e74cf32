"""Perform one step: evaluate a condition, fail, reuse a cached result, or attempt a job."""

from __future__ import annotations

import shutil
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial

from local_runner.definition import conditions
from local_runner.definition.cleanup import with_properties
from local_runner.definition.expressions import as_text, resolve
from local_runner.definition.model import (
    CLEANUP,
    CONDITION,
    FAIL,
    Json,
    Step,
)
from local_runner.errors import DefinitionError, JobFailed, JobInterrupted
from local_runner.execution.reasons import History, is_cacheable, reasons_to_run
from local_runner.execution.record import (
    FAILED,
    STOPPED,
    SUCCEEDED,
    StepExecution,
)
from local_runner.execution.recorder import Recorder
from local_runner.execution.retries import with_retries
from local_runner.execution.scope import ExecutionScope
from local_runner.execution.step_cache import CachedResult, StepCache
from local_runner.execution.step_inputs import StepInputs, step_inputs
from local_runner.handlers import Handler
from local_runner.jobs.context import Arguments, Job, JobContext, Properties
from local_runner.jobs.function_call import function_call


class StepRunner:
    """Performs steps, any number at the same time.

    jobs: by step type. handlers: by the names of Lambda and Callback steps.
    job_name: returns the name of a job, from its step's name and the number of the attempt.
    context: creates the context of a job from its step's name and its own.
    require_inputs: raises JobFailed if the step with a name can't start for lack of inputs.
    sleep: waits some seconds, or raises KeyboardInterrupt when the execution is cancelled.
    """

    def __init__(
        self,
        scope: ExecutionScope,
        jobs: Mapping[str, Job],
        handlers: Mapping[str, Handler],
        job_name: Callable[[str, int], str],
        context: Callable[[str, str], JobContext],
        cache: StepCache,
        history: History,
        recorder: Recorder,
        require_inputs: Callable[[str], None],
        sleep: Callable[[float], None],
    ) -> None:
        self._scope = scope
        self._jobs = jobs
        self._handlers = handlers
        self._job_name = job_name
        self._context = context
        self._cache = cache
        self._history = history
        self._recorder = recorder
        self._require_inputs = require_inputs
        self._sleep = sleep

    def perform(self, step: Step, record: StepExecution) -> None:
        """Perform the step and record the result."""
        started = time.monotonic()
        changes: dict[str, Json] = {}
        try:
            changes = {**self._result(step, record), "status": SUCCEEDED}
        except (JobFailed, DefinitionError) as error:
            changes = {"status": FAILED, "failure_reason": str(error)}
        except KeyboardInterrupt:
            changes = {"status": STOPPED}
            raise
        finally:
            changes["seconds"] = round(time.monotonic() - started, 3)
            self._recorder.update(record, **changes)

    def _result(self, step: Step, record: StepExecution) -> dict[str, Json]:
        """Do what the step's type requires; return the fields of its record."""
        if step.type == CONDITION:
            outcome = conditions.all_hold(step.arguments.get("Conditions", []), self._scope)
            return {"outcome": outcome, "properties": {"Outcome": outcome}}
        if step.type == FAIL:
            raise JobFailed(as_text(resolve(step.arguments["ErrorMessage"], self._scope)))
        self._require_inputs(step.name)
        name = self._job_name(step.name, 1)
        arguments = self._arguments(step, name)
        if not is_cacheable(step):
            return {"properties": self._attempt_job(step, name, arguments, record)}
        inputs = self._inputs(step, name)
        record.inputs = inputs.values
        if found := self._cache.find(inputs.values, step.cache_seconds):
            changes = {"cached": True, "cached_from": found.execution_id}
            return {**changes, "properties": found.properties}
        record.reasons = self._reasons(step, inputs)
        properties = self._attempt_job(step, name, arguments, record)
        execution_id = self._scope.execution.execution_id
        self._cache.put(CachedResult(execution_id, inputs.values, properties))
        return {"properties": properties}

    def _arguments(self, step: Step, job: str) -> Arguments:
        scope = self._scope.of_job(job)
        if step.type == CLEANUP:
            return with_properties(step, scope, scope.properties)
        arguments: Arguments = resolve(step.arguments, scope)
        return arguments

    def _inputs(self, step: Step, job: str) -> StepInputs:
        resolver = partial(resolve, scope=self._scope.of_job(job))
        return step_inputs(step, self._handlers.get(step.name), resolver, self._scope.store.digest)

    def _reasons(self, step: Step, inputs: StepInputs) -> list[dict[str, Json]]:
        reasons = reasons_to_run(
            step,
            inputs,
            self._scope.execution.parameters,
            self._cache.stored(inputs.values),
            self._history.newest(step.name),
        )
        return [asdict(reason) for reason in reasons]

    def _job(self, step: Step) -> Job:
        handler = self._handlers.get(step.name)
        return function_call(handler, step.output_parameters) if handler else self._jobs[step.type]

    def _attempt_job(
        self, step: Step, name: str, arguments: Mapping[str, Json], record: StepExecution
    ) -> Properties:
        """Attempt the job. name, arguments: those of the first attempt."""

        def attempt(number: int) -> Properties:
            self._recorder.update(record, attempts=number, failure_reason="")
            own, request = name, arguments
            if number > 1:
                own = self._job_name(step.name, number)
                request = self._arguments(step, own)
            context = self._context(step.name, own)
            try:
                return self._job(step)(request, context)
            except (AttributeError, KeyError, TypeError) as error:
                with context.log.open("a", encoding="utf-8") as log:
                    log.write(traceback.format_exc())
                raise JobFailed(
                    f"ClientError: step {step.name}: the arguments of the request are malformed "
                    f"({type(error).__name__}: {error})"
                ) from None
            finally:
                if not context.keeps_sandbox:
                    shutil.rmtree(context.sandbox, ignore_errors=True)

        def pause(reason: JobInterrupted, seconds: float) -> None:
            self._recorder.update(record, failure_reason=f"{reason}; retrying in {seconds:g} s")
            self._sleep(seconds)

        return with_retries(attempt, step.retry_policies, pause)
