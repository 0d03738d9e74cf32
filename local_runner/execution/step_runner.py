"""One step from its start to its end: conditions judged, jobs run, with the cache and retries."""

from __future__ import annotations

import shutil
import time
import traceback
from collections.abc import Callable, Mapping

from local_runner.definition import conditions
from local_runner.definition.expressions import Scope, as_text, resolve
from local_runner.definition.model import (
    CONDITION,
    FAIL,
    Json,
    Step,
)
from local_runner.errors import DefinitionError, JobFailed, JobInterrupted
from local_runner.execution.record import (
    FAILED,
    STOPPED,
    SUCCEEDED,
    StepExecution,
)
from local_runner.execution.recorder import Recorder
from local_runner.execution.retries import with_retries
from local_runner.execution.step_cache import StepCache
from local_runner.jobs.context import Job, JobContext, Properties


class StepRunner:
    """Runs steps, any number at the same time.

    context: makes what a job is handed, from its step's name and the number of the attempt.
    sleep: waits so many seconds, or raises KeyboardInterrupt when the execution is to stop.
    """

    def __init__(
        self,
        scope: Scope,
        jobs: Mapping[str, Job],
        context: Callable[[str, int], JobContext],
        cache: StepCache,
        recorder: Recorder,
        sleep: Callable[[float], None],
    ) -> None:
        self._scope = scope
        self._jobs = jobs
        self._context = context
        self._cache = cache
        self._recorder = recorder
        self._sleep = sleep

    def run(self, step: Step, record: StepExecution) -> bool:
        """Runs the step and records how it went; returns whether it succeeded."""
        began = time.monotonic()
        changes: dict[str, Json] = {}
        try:
            changes = {**self._performed(step, record), "status": SUCCEEDED}
        except (JobFailed, DefinitionError) as error:
            changes = {"status": FAILED, "failure_reason": str(error)}
        except KeyboardInterrupt:
            changes = {"status": STOPPED}
            raise
        finally:
            changes["seconds"] = round(time.monotonic() - began, 3)
            self._recorder.note(record, **changes)
        return record.status == SUCCEEDED

    def _performed(self, step: Step, record: StepExecution) -> dict[str, Json]:
        """What the step's record tells when it has done what its type asks for."""
        if step.type == CONDITION:
            wanted = step.arguments.get("Conditions", [])
            outcome = conditions.all_hold(wanted, self._scope)
            return {"outcome": outcome, "properties": {"Outcome": outcome}}
        if step.type == FAIL:
            raise JobFailed(as_text(resolve(step.arguments["ErrorMessage"], self._scope)))
        arguments = resolve(step.arguments, self._scope)
        key = self._cache.key(step.type, arguments) if step.cached else None
        if key and (kept := self._cache.find(key, step.cache_seconds)):
            return {"cached": True, "properties": kept}
        properties = self._job(step, arguments, record)
        if key:
            self._cache.keep(key, properties)
        return {"properties": properties}

    def _job(self, step: Step, arguments: Mapping[str, Json], record: StepExecution) -> Properties:
        def attempt(number: int) -> Properties:
            self._recorder.note(record, attempts=number, failure_reason="")
            context = self._context(step.name, number)
            try:
                return self._jobs[step.type](arguments, context)
            except (AttributeError, KeyError, TypeError) as error:
                with context.log.open("a", encoding="utf-8") as log:
                    log.write(traceback.format_exc())
                what = f"{type(error).__name__}: {error}"
                raise JobFailed(f"ClientError: the request is malformed ({what})") from None
            finally:
                shutil.rmtree(context.sandbox, ignore_errors=True)

        def pause(reason: JobInterrupted, seconds: float) -> None:
            told = f"{reason}; tried again in {seconds:g} s"
            self._recorder.note(record, failure_reason=told)
            self._sleep(seconds)

        return with_retries(attempt, step.retry_policies, pause)
