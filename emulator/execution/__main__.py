"""Run the execution whose folder is the only argument; it ends with the process that started it."""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path

from emulator.clients import Clients
from emulator.events import Events
from emulator.execution.recorded_jobs import Services, job_name, jobs
from emulator.execution.request import Request
from emulator.execution.s3_store import S3Store
from emulator.sagemaker import changes
from local_runner.cores import available_cores
from local_runner.execution.executor import Executor, Platform
from local_runner.execution.record import EXECUTING, PipelineExecution, StepExecution
from local_runner.platform.containers import HostContainer
from local_runner.run import prepare
from local_runner.selection import Selection, select
from local_runner.workdir import Workdir


def main() -> None:
    """Run the execution in the folder that the command line names."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    run(Request.read(Path(sys.argv[1])))


def run(request: Request) -> PipelineExecution:
    """Start or continue the execution and return its record."""
    workdir = Workdir(request.workdir)
    execution = workdir.executions.load(request.execution_id)
    assert execution is not None
    services = Services(Clients(request.endpoint), request)
    events = Events(services.clients)
    plan = prepare(request.definition(), request.parameters(), {})
    plan = select(plan, Selection(only=request.selected_steps), execution)
    platform = Platform(
        S3Store(services.client("s3")),
        HostContainer(),
        request.identity,
        jobs(services),
        max_parallel_steps=request.max_parallel_steps or available_cores(),
        job_name=job_name,
    )
    reported: dict[str, str] = {}

    def on_step(record: StepExecution) -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # blocked by the parent
        if reported.get(record.name) != record.status:
            reported[record.name] = record.status
            events.emit(*changes.of_step(request.pipeline_arn, request.execution_id, record))

    events.emit(*changes.of_execution(request.pipeline_arn, execution, None))
    executor = Executor(plan, execution, workdir, platform, on_step)
    with suppress(KeyboardInterrupt):  # stopped, as the record says
        executor.execute()
    events.emit(*changes.of_execution(request.pipeline_arn, execution, EXECUTING))
    return execution


def _end_with_parent() -> None:
    """Interrupt this process when standard input ends, which it does with the parent."""
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGINT)


if __name__ == "__main__":
    main()
