"""An execution, watched to its end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from operations.aws import evaluation, executions, logs
from operations.aws.client import (
    Deployment,
    errors_of_aws,
    in_a_line,
    is_passing,
)
from operations.aws.executions import Execution, StepExecution
from operations.aws.jobs import kind_of
from operations.errors import CliError, Interrupted
from operations.progress import Progress

_TAIL = 20
_LONGEST_PAUSE = 30.0

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Pace:
    """How often AWS is asked, and how long it may keep silent; in seconds.

    sleep and clock are those of the module time; tests have their own.
    """

    interval: float = 5.0
    patience: float = 300.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic


@dataclass(frozen=True)
class Watched:
    """An execution and its steps in the order in which they began.

    accuracy, scores (an S3 URI): None if there is none, or none yet.
    """

    execution: Execution
    steps: tuple[StepExecution, ...]
    accuracy: float | None = None
    scores: str | None = None


def watched(deployment: Deployment, execution: Execution, pace: Pace, *, quiet: bool) -> Watched:
    """Tells of the steps on stderr, unless ``quiet``, until the execution has ended.

    Raises Interrupted for Ctrl-C and CliError if AWS can't be asked any more; the execution goes on
    in both cases, and the message says how to come back to it.
    """
    come_back = f"{deployment.hint('watch', execution.execution_id)} comes back to it"
    try:
        with errors_of_aws(deployment), Progress(quiet=quiet) as progress:
            progress.say(f"execution {execution.execution_id}")
            progress.now("asking AWS")
            seen = _Watch(deployment, execution, progress, pace).to_the_end()
    except KeyboardInterrupt:
        raise Interrupted(f"the execution goes on; {come_back}") from None
    except CliError as error:
        raise CliError(f"{error}; the execution goes on, and {come_back}") from None
    return replace(seen, accuracy=_accuracy(deployment, seen), scores=_scores(deployment, seen))


class _Watch:
    def __init__(
        self, deployment: Deployment, execution: Execution, progress: Progress, pace: Pace
    ) -> None:
        self._deployment = deployment
        self._arn = execution.arn
        self._progress = progress
        self._pace = pace
        # One attempt a call: this class tries again itself, and tells of it.
        self._sagemaker = deployment.client("sagemaker", attempts=1)
        self._told: set[tuple[str, int]] = set()

    def to_the_end(self) -> Watched:
        while True:
            seen = self._patiently(self._look)
            for step in seen.steps:
                self._tell(step)
            if not seen.execution.is_running:
                return seen
            self._progress.now(_going_on(seen))
            self._pace.sleep(self._pace.interval)

    def _look(self) -> Watched:
        # In this order: what an execution that has ended has done can't change any more.
        execution = executions.describe(self._sagemaker, self._arn)
        return Watched(execution, tuple(executions.steps(self._sagemaker, self._arn)))

    def _patiently(self, ask: Callable[[], Answer]) -> Answer:
        """The answer, however often AWS has to be asked. Raises CliError when patience is over."""
        began, pause = self._pace.clock(), 2.0
        while True:
            try:
                return ask()
            except (BotoCoreError, ClientError) as error:
                if not is_passing(error):
                    raise
                why = _shortly(error)
            if self._pace.clock() - began + pause > self._pace.patience:
                raise CliError(f"no answer from AWS for {self._pace.patience:.0f} s ({why})")
            self._progress.say(f"  no answer ({why}); asking again in {pause:.0f} s")
            self._pace.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _tell(self, step: StepExecution) -> None:
        """The line of a step that has ended, once."""
        key = step.name, step.attempts
        if step.is_running or key in self._told:
            return
        self._told.add(key)
        self._progress.over(step.name, step.succeeded, step.seconds(datetime.now(UTC)), _note(step))
        if step.status == "Failed" and kind_of(step):
            self._progress.quote(self._tail(step))

    def _tail(self, step: StepExecution) -> Iterable[str]:
        try:
            with errors_of_aws(self._deployment):
                return [line.message for line in logs.lines(self._deployment, step, _TAIL)]
        except CliError as error:
            return [str(error)]


def _shortly(error: BotoCoreError | ClientError) -> str:
    """What is wrong, for a line that may be repeated: AWS's code for it, or botocore's words."""
    if isinstance(error, ClientError):
        return error.response["Error"].get("Code", "Unknown")
    return in_a_line(error)


def _accuracy(deployment: Deployment, seen: Watched) -> float | None:
    try:
        with errors_of_aws(deployment):
            return evaluation.of_execution(deployment, seen.execution, seen.steps).accuracy
    except CliError:
        return None


def _scores(deployment: Deployment, seen: Watched) -> str | None:
    try:
        with errors_of_aws(deployment):
            return evaluation.scores(deployment, seen.steps)
    except CliError:
        return None


def _note(step: StepExecution) -> str:
    """What there is to say of a step that has ended."""
    if step.outcome is not None:
        return "passed" if step.outcome else "not passed"
    if step.cached:
        return "cached"
    return step.failure_reason or ("" if step.succeeded else step.status)


def _going_on(seen: Watched) -> str:
    now = datetime.now(UTC)
    running = [
        f"{step.name}{f' (attempt {step.attempts})' if step.attempts > 1 else ''} "
        f"{step.status} {step.seconds(now):.0f} s"
        for step in seen.steps
        if step.is_running
    ]
    return ", ".join(running) or seen.execution.status
