"""The search: values are proposed, trials measure them, and a journal keeps both."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Protocol

from optuna.trial import FrozenTrial, Trial, TrialState

from local_runner.definition.expressions import as_text
from local_runner.platform.cancellation import CancellationToken
from operations.errors import CliError
from operations.local.tuning.results import (
    COMPLETE,
    FAILED,
    PRUNED,
    Measurement,
    Objective,
    SearchResult,
    TrialResult,
)
from operations.local.tuning.space import Range, Value
from operations.local.tuning.study import RANDOM, open_study, sampler, suggested
from operations.local.tuning.trials import TrialFailed, TrialRunner
from processing.names import Parameter

_WAIT_SECONDS = 0.1
_MOST_REPEATS = 100
"""Draws of values that have been tried, after which there are probably no others."""

_PARAMETERS, _IS_REPEAT = "parameters", "is_repeat"
_STATES = {
    TrialState.COMPLETE: COMPLETE,
    TrialState.PRUNED: PRUNED,
    TrialState.FAIL: FAILED,
}


class Listener(Protocol):
    """Receives the progress of a search, from several threads."""

    def on_start(self, numbers: Sequence[int]) -> None:
        """Trials run: their numbers, from 1."""

    def on_round(self, number: int, rounds: int, best: Measurement) -> None:
        """A trial has trained some rounds."""

    def on_end(self, trial: TrialResult, result: SearchResult) -> None:
        """A trial has ended; the result includes it."""


@dataclass(frozen=True)
class SearchPlan:
    """What a search does, except for its length. A search is continued if this is equal.

    start: values of the parameters to tune from which the search starts; None to start anywhere.
    seeds: of splitting and training; a trial's value is the mean. seed: that of the search.
    eta: the value of Eta if it isn't tuned.
    """

    ranges: tuple[Range, ...]
    objective: Objective
    start: Mapping[str, Value] | None
    seeds: tuple[int, ...]
    strategy: str
    seed: int
    eta: float = 1.0


@dataclass
class _Running:
    """A trial that runs. number: from 1. reported: the steps whose values the journal has."""

    trial: Trial
    number: int
    reported: set[int]
    parameters: dict[str, Value]
    cancellation: CancellationToken = field(default_factory=CancellationToken)
    is_pruned: bool = False


class Search:
    """A search whose journal is in ``folder``, which no other process may use."""

    def __init__(
        self, folder: Path, plan: SearchPlan, runner: TrialRunner, listener: Listener
    ) -> None:
        self._plan, self._runner, self._listener = plan, runner, listener
        self._study = open_study(folder, maximize=plan.objective.is_maximized)
        if plan.start is not None and not self._trials():
            self._study.enqueue_trial(dict(plan.start), user_attrs={"is_start": True})

    def result(self) -> SearchResult:
        """Return the trials that have ended."""
        trials = (
            _result(number, trial)
            for number, trial in enumerate(self._distinct(), start=1)
            if trial.state in _STATES
        )
        return SearchResult.of(self._plan.objective, trials)

    def run(self, trials: int, jobs: int, seconds: float | None) -> None:
        """Run until ``trials`` trials have ended, in any run, or for about these seconds.

        It ends earlier if all values have been tried.
        jobs: the number of trials that run at the same time. Raise CliError if a trial fails before
        any has succeeded; KeyboardInterrupt leaves unfinished trials to the next run.
        """
        end = None if seconds is None else time.monotonic() + seconds
        unfinished = [it for it in self._trials() if it.state == TrialState.RUNNING]
        left = trials - sum(it.state != TrialState.WAITING for it in self._distinct())
        running: dict[Future[tuple[Measurement, ...]], _Running] = {}
        with ThreadPoolExecutor(jobs) as threads:
            try:
                while True:
                    while len(running) < jobs and (end is None or time.monotonic() < end):
                        if unfinished:
                            trial = self._begin(unfinished.pop(0))
                        elif left > 0:
                            trial, left = self._begin_new(), left - 1
                        else:
                            break
                        if trial:
                            running[threads.submit(self._measure, trial)] = trial
                            self._listener.on_start([it.number for it in running.values()])
                        else:
                            left = 0
                    if not running:
                        return
                    ended, _ = wait(running, _WAIT_SECONDS, FIRST_COMPLETED)
                    for future in sorted(ended, key=lambda it: running[it].number):
                        self._end(future, running.pop(future))
                        self._listener.on_start([it.number for it in running.values()])
            except BaseException:
                for other in running.values():
                    other.cancellation.cancel()
                raise

    def _trials(self) -> list[FrozenTrial]:
        trials: list[FrozenTrial] = self._study.get_trials(deepcopy=False)
        return trials

    def _distinct(self) -> list[FrozenTrial]:
        """Return the trials without those that have the values of an earlier one."""
        return [trial for trial in self._trials() if not trial.user_attrs.get(_IS_REPEAT)]

    def _begin_new(self) -> _Running | None:
        """Begin a trial with new values; None if none are found, because all have been tried."""
        for _ in range(_MOST_REPEATS):
            if running := self._begin(None):
                return running
        return None

    def _begin(self, unfinished: FrozenTrial | None) -> _Running | None:
        """Begin a trial, or an unfinished one again, with the same values.

        Return None for values that an earlier trial has; the next ones are drawn at random.
        """
        number = unfinished.number if unfinished else self._next_number()
        earlier = [trial for trial in self._trials() if trial.number < number]
        is_after_repeat = bool(earlier) and earlier[-1].user_attrs.get(_IS_REPEAT)
        strategy = RANDOM if is_after_repeat else self._plan.strategy
        # A sampler of its own, so that values don't depend on where the search was interrupted.
        self._study.sampler = sampler(strategy, self._plan.seed, number)
        trial = Trial(self._study, unfinished._trial_id) if unfinished else self._study.ask()
        drawn = {it.name: suggested(trial, it) for it in self._plan.ranges}
        if any(it.user_attrs.get(_PARAMETERS) == drawn for it in earlier):
            trial.set_user_attr(_IS_REPEAT, True)
            self._study.tell(trial, state=TrialState.FAIL)
            return None
        trial.set_user_attr(_PARAMETERS, drawn)
        reported = set(unfinished.intermediate_values) if unfinished else set()
        numbers = [it.number for it in self._distinct()]
        return _Running(trial, numbers.index(number) + 1, reported, drawn)

    def _next_number(self) -> int:
        trials = self._trials()
        waiting = [it.number for it in trials if it.state == TrialState.WAITING]
        return waiting[0] if waiting else len(trials)

    def _measure(self, running: _Running) -> tuple[Measurement, ...]:
        texts = {name: as_text(value) for name, value in running.parameters.items()}
        measured = []
        for position, seed in enumerate(self._plan.seeds):

            def on_round(rounds: int, best: Measurement, position: int = position) -> None:
                self._listener.on_round(running.number, rounds, best)
                if position == 0:
                    self._report(running, rounds, best)

            measured.append(self._runner.measure(texts, seed, on_round, running.cancellation))
        return tuple(measured)

    def _report(self, running: _Running, rounds: int, best: Measurement) -> None:
        """Report what a training has reached, and stop it if it is worse than the median."""
        step = self._progress(running, rounds)
        if running.is_pruned or step < 1 or step in running.reported:
            return
        running.reported.add(step)
        running.trial.report(best.value, step)
        if running.trial.should_prune():
            running.is_pruned = True
            running.cancellation.cancel()

    def _progress(self, running: _Running, rounds: int) -> int:
        """Return the step that a training has reached: about rounds x Eta.

        After equally many rounds, a training with a small Eta would always seem worse.
        """
        return int((rounds + 0.5) * float(running.parameters.get(Parameter.ETA, self._plan.eta)))

    def _end(self, future: Future[tuple[Measurement, ...]], running: _Running) -> None:
        try:
            self._tell(running, future.result())
        except KeyboardInterrupt:
            if not running.is_pruned:
                raise
            self._study.tell(running.trial, state=TrialState.PRUNED)
            self._announce(running)
        except TrialFailed as error:
            if self.result().best is None:  # the next run begins it again
                raise CliError(f"trial {running.number}: {error}") from None
            running.trial.set_user_attr("reason", str(error))
            self._study.tell(running.trial, state=TrialState.FAIL)
            self._announce(running)

    def _tell(self, running: _Running, measured: tuple[Measurement, ...]) -> None:
        running.trial.set_user_attr("measurements", [asdict(it) for it in measured])
        self._study.tell(running.trial, statistics.fmean(it.value for it in measured))
        self._announce(running)

    def _announce(self, running: _Running) -> None:
        result = self.result()
        trial = next(it for it in result.trials if it.number == running.number)
        self._listener.on_end(trial, result)


def _result(number: int, trial: FrozenTrial) -> TrialResult:
    given = trial.user_attrs
    return TrialResult(
        number,
        _STATES[trial.state],
        given.get(_PARAMETERS, {}),
        trial.value,
        tuple(Measurement(**it) for it in given.get("measurements", ())),
        given.get("is_start", False),
        given.get("reason", ""),
    )
