"""Follow the log of a step until its jobs end."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from operations.aws import executions
from operations.aws.client import Deployment
from operations.aws.executions import StepExecution
from operations.aws.jobs import JobKind, common_name, kind_of
from operations.aws.pipelines import Pipeline
from operations.aws.watching import logs
from operations.aws.watching.polling import Polling
from operations.errors import Interrupted
from operations.execution_summary import ExecutionSummary, TimedLogLine
from operations.progress import Progress


@dataclass(frozen=True)
class FollowRequest:
    """The step to follow. last: the number of older lines to show first; None for all."""

    execution: ExecutionSummary
    step: str
    last: int | None


def follow(
    deployment: Deployment,
    pipeline: Pipeline,
    request: FollowRequest,
    polling: Polling,
    show: Callable[[TimedLogLine], None],
    *,
    quiet: bool,
) -> None:
    """Call ``show`` for each line of all hosts and attempts until the step ends.

    Waits for the step's start, and says so on stderr unless ``quiet``. Raise Interrupted for
    Ctrl-C, after which the job continues; CliError if the step ends without a log.
    """
    progress = Progress(quiet=quiet)
    follower = _Follower(deployment, pipeline, request, polling, progress)
    try:
        with progress:  # only until the first line: its status line would take over stdout
            step, kind = follower.wait_for_job()
        follower.show_until_it_ends(step, kind, show)
    except KeyboardInterrupt:
        command = deployment.command(
            "logs", request.step, "--execution", request.execution.execution_id, "--follow"
        )
        raise Interrupted(f"the job continues; {command} follows its log again") from None


class _Follower:
    def __init__(
        self,
        deployment: Deployment,
        pipeline: Pipeline,
        request: FollowRequest,
        polling: Polling,
        progress: Progress,
    ) -> None:
        self._pipeline = pipeline
        self._request = request
        self._polling = polling
        self._progress = progress
        # One attempt per call: polling retries, and shows it.
        self._describe = partial(
            executions.describe_with_steps,
            deployment.client("sagemaker", attempts=1),
            request.execution.arn,
        )
        self._logs = deployment.client("logs", attempts=1)
        self._tokens: dict[str, str | None] = {}

    def wait_for_job(self) -> tuple[StepExecution, JobKind]:
        """Return the step when it has started a job, and the kind of the job."""
        while True:
            execution, steps = self._ask(self._describe)
            step = logs.find_step(steps, self._request.step)
            if step is None:
                logs.require_job_step(self._pipeline, self._request.step)
                if not execution.is_running:
                    raise logs.not_started(steps, self._request.step, execution.execution_id)
            elif kind := kind_of(step):
                return step, kind
            elif not step.is_running:
                raise logs.no_job(step)
            self._progress.set_status(f"waiting for a job of step {self._request.step}")
            self._polling.sleep(self._polling.interval)

    def show_until_it_ends(
        self, step: StepExecution, kind: JobKind, show: Callable[[TimedLogLine], None]
    ) -> None:
        """Show the log; after the end of the step, once more, because lines arrive late."""
        found: Iterable[TimedLogLine] = deque(self._new_lines(step, kind), self._request.last)
        is_last = not step.is_running
        while True:
            for line in found:
                show(line)
            if is_last:
                for text in logs.remedies(step):
                    self._progress.print_line(text)
                break
            self._polling.sleep(self._polling.interval)
            is_last = not step.is_running
            _, steps = self._ask(self._describe)
            step = logs.find_step(steps, step.name) or step
            found = self._new_lines(step, kind)
        if not self._tokens:
            raise logs.no_log(step, kind)

    def _new_lines(self, step: StepExecution, kind: JobKind) -> list[TimedLogLine]:
        """The lines since the last call, in time order."""
        names = self._ask(lambda: logs.streams(self._logs, kind.log_group, common_name(step)))
        found = [line for name in names for line in self._of_stream(kind.log_group, name)]
        return sorted(found, key=lambda line: line.time)

    def _of_stream(self, group: str, stream: str) -> Iterable[TimedLogLine]:
        read = partial(self._logs.get_log_events, logGroupName=group, logStreamName=stream)
        token = self._tokens.setdefault(stream, None)
        while True:
            since = {} if token is None else {"nextToken": token}
            page = self._ask(partial(read, startFromHead=True, **since))
            yield from logs.read(page["events"], stream)
            if page["nextForwardToken"] == token:  # it repeats at the end of the stream
                return
            self._tokens[stream] = token = page["nextForwardToken"]

    def _ask(self, request: Callable[[], Any]) -> Any:
        return self._polling.with_retries(request, self._progress)
