"""Trials: what `run` would do until Train, with the values of a trial.

Preprocess runs once for each distinct set of values that it depends on. Train gets its training and
validation sets alone.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from local_runner.execution.record import PipelineExecution
from local_runner.jobs.description import round_metrics
from local_runner.plan import Plan
from local_runner.platform.cancellation import CancellationToken
from local_runner.run import Control, Observer, run
from local_runner.selection import Selection, needed_results
from local_runner.workdir import Workdir
from operations.errors import CliError
from operations.local.running.definitions import planned
from operations.local.running.run import RunRequest
from operations.local.running.selection import selected
from operations.local.tuning.results import LearningCurve, Measurement, Objective
from processing.names import Parameter, Step

OnRound = Callable[[int, Measurement], None]

TRAIN = Selection(only=(Step.TRAIN,), no_cache=True)
"""A trial's own step: never from the cache, because its log has the metric of each round."""


class TrialFailed(CliError):
    """A job of a trial failed; the message says why."""


@dataclass(frozen=True)
class TrialRunner:
    """Runs the executions of trials. values: the parameters that a deployment would set.

    threads: of each training. preparing: called with the values of a trial, Seed included, that the
    steps before Train use; returns their observer.
    """

    request: RunRequest
    workdir: Workdir
    values: Mapping[str, str]
    objective: Objective
    threads: int
    preparing: Callable[[Mapping[str, str]], Observer]
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _prepared: dict[str, PipelineExecution] = field(default_factory=dict)

    def measure(
        self,
        parameters: Mapping[str, str],
        seed: int,
        on_round: OnRound,
        cancellation: CancellationToken,
    ) -> Measurement:
        """Train with these values and return what the model reaches on the validation set.

        on_round: called after each round with the number of rounds and the best model so far.
        Raise TrialFailed, or KeyboardInterrupt if it was cancelled.
        """
        own = {**parameters, Parameter.SEED: str(seed)}
        given = {**self.request.parameters, **own}
        whole = planned(self.request.definition, given, self.values, {})
        with self._lock:
            prepared = self._results_for_train(whole, own, cancellation)
        plan = selected(whole, TRAIN, prepared, self.request.definition)
        curve = LearningCurve(self.objective)

        def on_line(line: str) -> None:
            number, metrics = round_metrics(line)
            if metrics:
                curve.add(number, metrics)
                if curve.best:
                    on_round(number + 1, curve.best)

        self._run(plan, Observer(on_line=on_line), cancellation)
        if curve.best is None:
            raise TrialFailed(f"{Step.TRAIN} logged no validation-{self.objective.metric}")
        return curve.best

    def _results_for_train(
        self, whole: Plan, own: Mapping[str, str], cancellation: CancellationToken
    ) -> PipelineExecution:
        """Return an execution of the steps that Train depends on."""
        needed = needed_results(whole, TRAIN)
        plan = selected(whole, Selection(last=needed), None, self.request.definition)
        used = {name for it in plan.steps for name in it.parameters}
        key = json.dumps({name: whole.parameters[name] for name in sorted(used)})
        if key not in self._prepared:
            observer = self.preparing({name: it for name, it in own.items() if name in used})
            self._prepared[key] = self._run(plan, observer, cancellation)
        return self._prepared[key]

    def _run(
        self, plan: Plan, observer: Observer, cancellation: CancellationToken
    ) -> PipelineExecution:
        if cancellation.cancelled:
            raise KeyboardInterrupt
        control = Control(cancellation, self.threads, is_continued=False)
        execution = run(plan, self.workdir, observer, control=control)
        if failed := execution.failed_step():
            raise TrialFailed(f"{failed.name}: {failed.failure_reason}")
        return execution
