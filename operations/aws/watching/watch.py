"""Watch an execution until it ends."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial

from operations.aws import executions, results
from operations.aws.client import Deployment
from operations.aws.executions import StepExecution
from operations.aws.jobs import kind_of
from operations.aws.watching import logs, missing_jobs
from operations.aws.watching.polling import Polling
from operations.aws.watching.remedies import remedy_lines
from operations.errors import CliError, Interrupted
from operations.execution_summary import FAILED, ExecutionSummary
from operations.progress import Progress

_LOG_LINES = 20


def watch(
    deployment: Deployment, execution: ExecutionSummary, polling: Polling, *, quiet: bool
) -> ExecutionSummary:
    """Show steps on stderr, unless ``quiet``, until the execution ends; return its results.

    Raises Interrupted for Ctrl-C and CliError if AWS doesn't answer any more. In both cases the
    execution continues, and the message has the command to watch it again.
    """
    again = f"{deployment.command('watch', execution.execution_id)} watches it again"
    try:
        with deployment.translated_errors(), Progress(quiet=quiet) as progress:
            progress.print_line(f"execution {execution.execution_id}")
            progress.set_status("connecting to AWS")
            ended, steps = _Watch(deployment, execution, progress, polling).until_it_ends()
    except KeyboardInterrupt:
        raise Interrupted(f"the execution continues; {again}") from None
    except CliError as error:
        raise CliError(f"{error}; the execution continues, and {again}") from None
    return results.summarize(deployment, ended, steps)


class _Watch:
    def __init__(
        self,
        deployment: Deployment,
        execution: ExecutionSummary,
        progress: Progress,
        polling: Polling,
    ) -> None:
        self._deployment = deployment
        self._arn = execution.arn
        self._progress = progress
        self._polling = polling
        # One attempt per call: polling retries, and shows it.
        self._sagemaker = deployment.client("sagemaker", attempts=1)
        self._shown: set[tuple[str, int]] = set()
        self._explained: set[str] = set()

    def until_it_ends(self) -> tuple[ExecutionSummary, list[StepExecution]]:
        describe = partial(executions.describe_with_steps, self._sagemaker, self._arn)
        while True:
            execution, steps = self._polling.with_retries(describe, self._progress)
            for step in steps:
                self._show(step)
                self._explain_missing_job(step)
            if not execution.is_running:
                if not any(step.status == FAILED for step in steps):
                    self._print_remedy([execution.failure_reason or ""])
                return execution, steps
            self._progress.set_status(_status(execution, steps))
            self._polling.sleep(self._polling.interval)

    def _show(self, step: StepExecution) -> None:
        """Print the line of a step that has ended, once for each attempt."""
        key = step.name, step.attempts
        if step.is_running or key in self._shown:
            return
        self._shown.add(key)
        summary = step.summary(datetime.now(UTC))
        if step.status == FAILED and kind_of(step):
            execution = self._arn.rsplit("/", 1)[-1]
            command = self._deployment.command("logs", step.name, "--execution", execution)
            more = f"more: {command}"
            lines, are_of_job = self._last_log_lines(step)
            self._progress.print_step(summary, lines, more)
            self._print_remedy([step.failure_reason, *(lines if are_of_job else ())])
        else:
            self._progress.print_step(summary)
            if step.status == FAILED:
                self._print_remedy([step.failure_reason])

    def _print_remedy(self, texts: Iterable[str]) -> None:
        for line in remedy_lines(texts):
            self._progress.print_line(f"      {line}")

    def _explain_missing_job(self, step: StepExecution) -> None:
        """Print once why a step probably has no job, and the remedy, unless AWS refuses."""
        now = datetime.now(UTC)
        if step.name in self._explained or not missing_jobs.is_missing(step, now):
            return
        self._explained.add(step.name)
        explain = partial(missing_jobs.explanation, self._deployment, self._arn, step, now)
        if text := results.or_none(self._deployment, explain):
            self._progress.print_line(f"  ! {text}")

    def _last_log_lines(self, step: StepExecution) -> tuple[list[str], bool]:
        """Return the lines and true, or why the caller may not read them and false."""
        try:
            with self._deployment.translated_errors():
                found = logs.lines(self._deployment, step, _LOG_LINES)
                return [line.message for line in found], True
        except CliError as error:
            return [str(error)], False


def _status(execution: ExecutionSummary, steps: Iterable[StepExecution]) -> str:
    now = datetime.now(UTC)
    running = [
        f"{step.name}{f' (attempt {step.attempts})' if step.attempts > 1 else ''} "
        f"{step.status} {step.seconds(now):.0f} s"
        for step in steps
        if step.is_running
    ]
    return ", ".join(running) or execution.status
