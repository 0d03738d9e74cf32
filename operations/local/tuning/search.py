"""The search: Optuna proposes values, trials measure them, and a journal keeps both."""

from __future__ import annotations

import hashlib
import statistics
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
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
from operations.local.tuning.space import Choices, NumberRange, Range, Value
from operations.local.tuning.trials import TrialFailed, TrialRunner
from processing.names import Parameter

TPE, RANDOM = "tpe", "random"
STRATEGIES = (TPE, RANDOM)

_JOURNAL = "journal.log"
_STUDY = "search"
_WAIT_SECONDS = 0.1
_TRIALS_BEFORE_PRUNING = 5
_WARM_UP = 10
"""Steps of a training's progress before which it isn't pruned: see `_progress`.

Shallow trees learn less in each round, too, and may be the best in the end.
"""
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
    """A trial that runs. reported: the steps whose values the journal has."""

    trial: Trial
    reported: set[int]
    parameters: dict[str, Value]
    cancellation: CancellationToken = field(default_factory=CancellationToken)
    is_pruned: bool = False


class Search:
    """A search whose journal is in ``folder``, which no other process may use."""

    def __init__(
        self, folder: Path, plan: SearchPlan, runner: TrialRunner, listener: Listener
    ) -> None:
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._plan, self._runner, self._listener = plan, runner, listener
        self._study = optuna.create_study(
            storage=JournalStorage(_journal(folder / _JOURNAL)),
            study_name=_STUDY,
            direction="maximize" if plan.objective.is_maximized else "minimize",
            pruner=optuna.pruners.MedianPruner(_TRIALS_BEFORE_PRUNING, _WARM_UP),
            load_if_exists=True,
        )
        if plan.start is not None and not self._trials():
            self._study.enqueue_trial(dict(plan.start), user_attrs={"is_start": True})

    def result(self) -> SearchResult:
        """Return the trials that have ended."""
        ended = (trial for trial in self._trials() if trial.state in _STATES)
        return SearchResult.of(self._plan.objective, map(self._result, ended))

    def run(self, trials: int, jobs: int, seconds: float | None) -> None:
        """Run until ``trials`` trials have ended, in any run, or for about these seconds.

        jobs: the number of trials that run at the same time. Raise CliError if a trial fails before
        any has succeeded; KeyboardInterrupt leaves unfinished trials to the next run.
        """
        end = None if seconds is None else time.monotonic() + seconds
        unfinished = [it for it in self._trials() if it.state == TrialState.RUNNING]
        begun = sum(it.state != TrialState.WAITING for it in self._trials())
        running: dict[Future[tuple[Measurement, ...]], _Running] = {}
        with ThreadPoolExecutor(jobs) as threads:
            try:
                while True:
                    while len(running) < jobs and (end is None or time.monotonic() < end):
                        if unfinished:
                            trial = self._begin(unfinished.pop(0))
                        elif begun < trials:
                            trial = self._begin(None)
                            begun += 1
                        else:
                            break
                        if self._repeats(trial):
                            continue
                        running[threads.submit(self._measure, trial)] = trial
                        self._listener.on_start([it.trial.number + 1 for it in running.values()])
                    if not running:
                        return
                    ended, _ = wait(running, _WAIT_SECONDS, FIRST_COMPLETED)
                    for future in sorted(ended, key=lambda it: running[it].trial.number):
                        self._end(future, running.pop(future))
                        numbers = [it.trial.number + 1 for it in running.values()]
                        self._listener.on_start(numbers)
            except BaseException:
                for other in running.values():
                    other.cancellation.cancel()
                raise

    def _trials(self) -> list[FrozenTrial]:
        trials: list[FrozenTrial] = self._study.get_trials(deepcopy=False)
        return trials

    def _begin(self, unfinished: FrozenTrial | None) -> _Running:
        """Begin a trial, or an unfinished one again, with the same values."""
        # A sampler of its own, so that values don't depend on where the search was interrupted.
        number = unfinished.number if unfinished else self._next_number()
        self._study.sampler = _sampler(self._plan.strategy, self._plan.seed, number)
        trial = Trial(self._study, unfinished._trial_id) if unfinished else self._study.ask()
        drawn = {it.name: _suggested(trial, it) for it in self._plan.ranges}
        trial.set_user_attr("parameters", drawn)
        reported = set(unfinished.intermediate_values) if unfinished else set()
        return _Running(trial, reported, drawn)

    def _next_number(self) -> int:
        trials = self._trials()
        waiting = [it.number for it in trials if it.state == TrialState.WAITING]
        return waiting[0] if waiting else len(trials)

    def _repeats(self, running: _Running) -> bool:
        """End a trial whose values a complete one has, and return True; False for others."""
        for other in self._trials():
            same = other.user_attrs.get("parameters") == running.parameters
            if same and other.state == TrialState.COMPLETE:
                measured = tuple(Measurement(**it) for it in other.user_attrs["measurements"])
                self._tell(running, measured)
                return True
        return False

    def _measure(self, running: _Running) -> tuple[Measurement, ...]:
        texts = {name: as_text(value) for name, value in running.parameters.items()}
        measured = []
        for position, seed in enumerate(self._plan.seeds):

            def on_round(rounds: int, best: Measurement, position: int = position) -> None:
                self._listener.on_round(running.trial.number + 1, rounds, best)
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
                raise CliError(f"trial {running.trial.number + 1}: {error}") from None
            running.trial.set_user_attr("reason", str(error))
            self._study.tell(running.trial, state=TrialState.FAIL)
            self._announce(running)

    def _tell(self, running: _Running, measured: tuple[Measurement, ...]) -> None:
        running.trial.set_user_attr("measurements", [asdict(it) for it in measured])
        self._study.tell(running.trial, statistics.fmean(it.value for it in measured))
        self._announce(running)

    def _announce(self, running: _Running) -> None:
        result = self.result()
        number = running.trial.number + 1
        trial = next(it for it in result.trials if it.number == number)
        self._listener.on_end(trial, result)

    def _result(self, trial: FrozenTrial) -> TrialResult:
        given = trial.user_attrs
        return TrialResult(
            trial.number + 1,
            _STATES[trial.state],
            given.get("parameters", {}),
            trial.value,
            tuple(Measurement(**it) for it in given.get("measurements", ())),
            given.get("is_start", False),
            given.get("reason", ""),
        )


class _NoLock:
    """The lock of a journal that needs none: the search's lock keeps other processes out.

    Optuna's own is a file, which a killed process leaves behind.
    """

    def acquire(self) -> bool:
        """Return True."""
        return True

    def release(self) -> None:
        """Do nothing."""


def _journal(path: Path) -> JournalFileBackend:
    """Open the journal, without a last line that a killed process hasn't written to its end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_file():
        content = path.read_bytes()
        path.write_bytes(content[: content.rfind(b"\n") + 1])
    return JournalFileBackend(str(path), _NoLock())


def _sampler(strategy: str, seed: int, number: int) -> Any:
    digest = hashlib.sha256(f"{seed}:{number}".encode()).digest()
    own = int.from_bytes(digest[:4], "big")
    if strategy == RANDOM:
        return optuna.samplers.RandomSampler(own)
    return optuna.samplers.TPESampler(seed=own)


def _suggested(trial: Trial, item: Range) -> Value:
    match item:
        case Choices():
            return str(trial.suggest_categorical(item.name, item.values))
        case NumberRange(is_integer=True):
            low, high = int(item.low), int(item.high)
            return item.value(trial.suggest_int(item.name, low, high, log=item.is_log))
        case NumberRange():
            return item.value(trial.suggest_float(item.name, item.low, item.high, log=item.is_log))
