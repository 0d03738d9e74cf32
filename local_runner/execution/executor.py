"""Execute a plan: each step as soon as its dependencies have succeeded, to the end or a failure."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path

from local_runner.cores import available_cores
from local_runner.execution.reasons import History
from local_runner.execution.record import (
    FAILED,
    STOPPED,
    PipelineExecution,
)
from local_runner.execution.recorder import Listener, Recorder
from local_runner.execution.schedule import outcome, ready_steps
from local_runner.execution.scope import ExecutionScope
from local_runner.execution.step_cache import StepCache
from local_runner.execution.step_runner import StepRunner
from local_runner.jobs.cleanup import clean_up
from local_runner.jobs.context import Job, JobContext
from local_runner.jobs.for_each import combine_iterations
from local_runner.jobs.model_package import create_model_package
from local_runner.jobs.model_resource import create_model
from local_runner.jobs.processing_job import create_processing_job
from local_runner.jobs.training_job import create_training_job
from local_runner.jobs.transform_job import create_transform_job
from local_runner.jobs.tuning_job import create_tuning_job
from local_runner.plan import Plan
from local_runner.platform.cancellation import CancellationToken
from local_runner.platform.containers import Container, ignore
from local_runner.platform.identity import LOCAL, Identity
from local_runner.platform.object_store import ObjectStore
from local_runner.workdir import Workdir

# The main thread notices Ctrl-C only between two waits.
_WAIT_SECONDS = 0.1

JOBS: Mapping[str, Job] = {
    "Processing": create_processing_job,
    "Training": create_training_job,
    "Model": create_model,
    "Transform": create_transform_job,
    "RegisterModel": create_model_package,
    "Tuning": create_tuning_job,
    "ForEach": combine_iterations,
    "Cleanup": clean_up,
}


@dataclass(frozen=True)
class Debugging:
    """The steps to debug, by name, and what their jobs have instead of the platform's.

    Their sandboxes are kept, in the execution's folder ``debug``.
    """

    steps: Collection[str]
    store: ObjectStore
    container: Container


@dataclass(frozen=True)
class Platform:
    """The platform of an execution.

    jobs: by step type. aws_environment: the variables with which jobs call AWS's API, beyond those
    that they inherit. max_parallel_steps: the number of steps that may run at the same time.
    job_name: returns the name of a job, from the execution's id, the step and the attempt's number.
    require_inputs: raises JobFailed if the step with a name can't start for lack of inputs.
    """

    store: ObjectStore
    container: Container
    identity: Identity = LOCAL
    jobs: Mapping[str, Job] = field(default_factory=lambda: JOBS)
    aws_environment: Callable[[], Mapping[str, str]] = dict
    max_parallel_steps: int = field(default_factory=available_cores)
    job_name: Callable[[str, str, int], str] = "pipelines-{}-{}-{}".format
    require_inputs: Callable[[str], None] = ignore
    debugging: Debugging | None = None


class Executor:
    """Executes one plan as one execution.

    listener: called at every change of a step, by one thread at a time.
    sleep: waits some seconds between attempts; by default until the execution is cancelled.
    cancellation: stops the execution when it is cancelled; by default, only Ctrl-C does.
    """

    def __init__(
        self,
        plan: Plan,
        execution: PipelineExecution,
        workdir: Workdir,
        platform: Platform,
        listener: Listener,
        sleep: Callable[[float], None] | None = None,
        cancellation: CancellationToken | None = None,
    ) -> None:
        self._plan = plan
        self._execution = execution
        self._workdir = workdir
        self._platform = platform
        self._folder = workdir.executions.folder(execution.execution_id)
        self._cancellation = cancellation or CancellationToken()
        self._recorder = Recorder(plan, execution, workdir.executions, listener)
        self._steps = StepRunner(
            ExecutionScope(
                execution,
                {planned.step.name: planned.step for planned in plan.steps},
                platform.store,
                platform.identity,
            ),
            platform.jobs,
            {it.step.name: it.handler for it in plan.steps if it.handler},
            partial(platform.job_name, execution.execution_id),
            self._context,
            StepCache(workdir.cache, platform.store),
            History(workdir.executions, execution.pipeline, execution.execution_id),
            self._recorder,
            platform.require_inputs,
            sleep or self._cancellation.wait,
        )

    def execute(self) -> None:
        """Perform the steps that haven't succeeded yet; the execution's status is the outcome.

        After a failure that no run condition handles, no more steps start; those that run may
        finish. A KeyboardInterrupt cancels them, leaves the execution Stopped, and is raised again.
        """
        self._recorder.discard_unfinished()
        status = self._execution.status
        try:
            self._perform_steps()
            status = outcome(self._plan, self._execution)
        except KeyboardInterrupt:
            status = STOPPED
            raise
        finally:
            self._recorder.end(status)
            shutil.rmtree(self._folder / "sandboxes", ignore_errors=True)

    def _perform_steps(self) -> None:
        running: set[Future[None]] = set()
        limit = self._platform.max_parallel_steps
        with ThreadPoolExecutor(limit) as threads:
            try:
                while True:
                    is_failed = outcome(self._plan, self._execution) == FAILED
                    free = 0 if is_failed else limit - len(running)
                    for planned in list(islice(ready_steps(self._plan, self._execution), free)):
                        record = self._recorder.begin(planned)
                        running.add(threads.submit(self._steps.perform, planned.step, record))
                    if not running:
                        return
                    ended, running = wait(running, _WAIT_SECONDS, FIRST_COMPLETED)
                    for step in ended:
                        step.result()
            except BaseException:
                self._cancellation.cancel()
                raise

    def _context(self, step: str, name: str) -> JobContext:
        debugging = self._platform.debugging
        debugged = debugging if debugging and step in debugging.steps else None
        sandboxes = self._folder / ("debug" if debugged else "sandboxes")
        logs = self._workdir.executions.logs(self._execution.execution_id)
        sandboxes.mkdir(exist_ok=True)
        logs.mkdir(exist_ok=True)
        return JobContext(
            name=name,
            store=(debugged or self._platform).store,
            container=(debugged or self._platform).container,
            identity=self._platform.identity,
            # A folder that no job of an interrupted run can still be writing to.
            sandbox=Path(tempfile.mkdtemp(prefix=f"{step}-", dir=sandboxes)),
            log=logs / f"{step}.log",
            models=self._workdir.models,
            registry=self._workdir.registry,
            aws_environment=self._platform.aws_environment,
            cancellation=self._cancellation,
            keeps_sandbox=debugged is not None,
        )
