"""Progress of a search on stderr: lines for the steps before Train, and for each ended trial."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from local_runner.definition.expressions import as_text
from local_runner.execution.record import EXECUTING, PipelineExecution, StepExecution
from local_runner.plan import Plan
from local_runner.run import Observer
from operations.local.results import summarize_step
from operations.local.tuning.results import (
    COMPLETE,
    FAILED,
    PRUNED,
    Measurement,
    Objective,
    SearchResult,
    TrialResult,
)
from operations.local.tuning.space import Value
from operations.progress import Progress

_MARKS = {COMPLETE: "✓", PRUNED: "-", FAILED: "✗"}


class SearchProgress:
    """Shows what a search reports."""

    def __init__(self, progress: Progress, objective: Objective) -> None:
        self._progress, self._metric = progress, objective.metric

    def preparing(self, values: Mapping[str, str]) -> Observer:
        """Return the observer of the steps before Train, which run with these values."""

        def on_start(plan: Plan, _: PipelineExecution) -> None:
            names = ", ".join(it.step.name for it in plan.steps)
            self._progress.print_line(f"  {names} with {_shown(values)}")

        def on_step(record: StepExecution) -> None:
            if record.status != EXECUTING:
                self._progress.print_step(summarize_step(record))
                self._progress.set_detail("")

        set_detail = self._progress.set_detail
        return Observer(on_step, set_detail, set_detail, on_start)

    def on_start(self, numbers: Sequence[int]) -> None:
        """Show the trials that run."""
        shown = ", ".join(map(str, numbers))
        self._progress.set_status(f"trial{'s' if len(numbers) > 1 else ''} {shown}")

    def on_round(self, number: int, rounds: int, best: Measurement) -> None:
        """Show what a trial has reached."""
        text = f"trial {number}: {self._metric} {best.value:.5f} in round {best.rounds} of {rounds}"
        self._progress.set_detail(text)

    def on_end(self, trial: TrialResult, result: SearchResult) -> None:
        """Print a trial that has ended."""
        outcome = trial.state
        if trial.state == FAILED:
            outcome = f"failed: {trial.reason}"
        elif trial.value is not None:
            is_best = trial == result.best
            suffix = ", pruned" if trial.state == PRUNED else ", the best" if is_best else ""
            outcome = f"{self._metric} {trial.value:.5f}{suffix}"
        name = f"{_MARKS[trial.state]} trial {trial.number}"
        self._progress.print_line(f"  {name:<11} {outcome}  {_shown(trial.parameters)}")


def _shown(values: Mapping[str, Value]) -> str:
    return " ".join(f"{name}={as_text(it)}" for name, it in values.items())
