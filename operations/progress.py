"""What a person sees while steps run: a line for each that is over, a live one for the current."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.markup import escape
from rich.status import Status

from local_runner.execution import EXECUTING, SUCCEEDED, PipelineExecution, StepExecution
from local_runner.plan import Plan
from local_runner.run import Observer


class Progress:
    """Shows the steps of an execution on stderr; a terminal gets a spinner with the last line."""

    def __init__(self, quiet: bool) -> None:
        self._console = Console(stderr=True, quiet=quiet, highlight=False, soft_wrap=True)
        self._status = Status("starting", console=self._console)
        self._current = ""
        self._width = 12

    def observer(self) -> Observer:
        """What the runner is handed, to be told of everything."""
        return Observer(on_start=self._on_start, on_step=self._on_step, on_line=self._on_line)

    def __enter__(self) -> Progress:
        self._status.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._status.stop()

    def _on_start(self, plan: Plan, execution: PipelineExecution) -> None:
        self._width = max(len(planned.step.name) for planned in plan.steps)
        kept = [step.name for step in execution.steps.values() if step.status == SUCCEEDED]
        self._console.print(f"execution {execution.execution_id}")
        if execution.steps:
            self._console.print(f"  continued; already done: {', '.join(kept) or 'nothing'}")

    def _on_step(self, record: StepExecution) -> None:
        if record.status == EXECUTING:
            again = f" (attempt {record.attempts})" if record.attempts > 1 else ""
            self._current = escape(f"{record.name}{again} {record.failure_reason}")
            self._status.update(self._current)
            return
        mark = "[green]✓[/]" if record.status == SUCCEEDED else "[red]✗[/]"
        note = "cached" if record.cached else escape(record.failure_reason)
        if record.outcome is not None:
            note = "passed" if record.outcome else "not passed"
        name = escape(record.name.ljust(self._width))
        self._console.print(f"  {mark} {name} {record.seconds:6.1f} s  {note}".rstrip())

    def _on_line(self, line: str) -> None:
        self._status.update(f"{self._current}  [dim]{escape(line.expandtabs(2)[:90])}[/]")
