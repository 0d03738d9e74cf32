"""Runs a plan: each step as soon as what it depends on is over, to the end or a failure."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from local_runner.execution.record import (
    FAILED,
    STOPPED,
    SUCCEEDED,
    PipelineExecution,
)
from local_runner.execution.recorder import Listener, Recorder
from local_runner.execution.schedule import due
from local_runner.execution.scope import ExecutionScope
from local_runner.execution.step_cache import StepCache
from local_runner.execution.step_runner import StepRunner
from local_runner.jobs import model, processing, registry, training, transform
from local_runner.jobs.context import Job, JobContext
from local_runner.plan import Plan
from local_runner.platform.cancellation import Stop
from local_runner.platform.containers import Container
from local_runner.platform.identity import LOCAL, Identity
from local_runner.platform.object_store import ObjectStore
from local_runner.workdir import Workdir

# A Ctrl-C may reach any thread; the one that has to act hears of it when it isn't waiting.
_GLANCE_SECONDS = 0.1

JOBS: Mapping[str, Job] = {
    "Processing": processing.run,
    "Training": training.run,
    "Model": model.run,
    "Transform": transform.run,
    "RegisterModel": registry.run,
}


def available_cores() -> int:
    """How many cores this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True)
class Platform:
    """What an execution runs on: objects, programs, the pipeline's identity, jobs by step type.

    aws_environment: the variables with which jobs call AWS's API, beyond those that they inherit.
    max_parallel_steps: how many steps run at the same time, at most.
    """

    store: ObjectStore
    container: Container
    identity: Identity = LOCAL
    jobs: Mapping[str, Job] = field(default_factory=lambda: JOBS)
    aws_environment: Callable[[], Mapping[str, str]] = dict
    max_parallel_steps: int = field(default_factory=available_cores)


class Executor:
    """Executes one plan for one execution.

    listener: told of every change of a step, by one thread at a time.
    sleep: how to wait between attempts, in seconds; tests pass their own.
    """

    def __init__(
        self,
        plan: Plan,
        execution: PipelineExecution,
        workdir: Workdir,
        platform: Platform,
        listener: Listener,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self._plan = plan
        self._execution = execution
        self._workdir = workdir
        self._platform = platform
        self._folder = workdir.executions.folder(execution.execution_id)
        self._stop = Stop()
        self._recorder = Recorder(plan, execution, workdir.executions, listener)
        self._steps = StepRunner(
            ExecutionScope(
                execution,
                {planned.step.name: planned.step for planned in plan.steps},
                platform.store,
                platform.identity,
            ),
            platform.jobs,
            self._context,
            StepCache(workdir.cache, platform.store),
            self._recorder,
            sleep or self._stop.pause,
        )

    def execute(self) -> None:
        """Runs the steps that the execution hasn't finished yet; the outcome is in its status.

        After a failure no more steps start, and those that run are let end. A KeyboardInterrupt
        ends them, leaves the execution Stopped and goes on.
        """
        self._recorder.forget_unfinished()
        status = self._execution.status
        try:
            status = SUCCEEDED if self._all_succeed() else FAILED
        except KeyboardInterrupt:
            status = STOPPED
            raise
        finally:
            self._recorder.end(status)
            shutil.rmtree(self._folder / "sandboxes", ignore_errors=True)

    def _all_succeed(self) -> bool:
        succeeded = True
        running: set[Future[bool]] = set()
        limit = self._platform.max_parallel_steps
        with ThreadPoolExecutor(limit) as threads:
            try:
                while True:
                    free = limit - len(running) if succeeded else 0
                    for planned in list(islice(due(self._plan, self._execution), free)):
                        record = self._recorder.begin(planned.step)
                        running.add(threads.submit(self._steps.run, planned.step, record))
                    if not running:
                        return succeeded
                    ended, running = wait(running, _GLANCE_SECONDS, FIRST_COMPLETED)
                    for step in ended:
                        succeeded &= step.result()
            except BaseException:
                self._stop.ask()
                raise

    def _context(self, step: str, attempt: int) -> JobContext:
        sandboxes, logs = self._folder / "sandboxes", self._folder / "logs"
        sandboxes.mkdir(exist_ok=True)
        logs.mkdir(exist_ok=True)
        return JobContext(
            name=f"pipelines-{self._execution.execution_id}-{step}-{attempt}",
            store=self._platform.store,
            container=self._platform.container,
            identity=self._platform.identity,
            # A folder that no job of an interrupted run can still be writing to.
            sandbox=Path(tempfile.mkdtemp(prefix=f"{step}-", dir=sandboxes)),
            log=logs / f"{step}.log",
            models=self._workdir.models,
            registry=self._workdir.registry,
            aws_environment=self._platform.aws_environment,
            stop=self._stop,
        )
