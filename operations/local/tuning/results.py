"""The results of a search: trials, the best first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from local_runner.algorithms.xgboost.hyperparameters import maximized
from operations.errors import UsageError
from operations.local.tuning.space import Value

COMPLETE, PRUNED, FAILED = "complete", "pruned", "failed"
_STATES = (COMPLETE, PRUNED, FAILED)


@dataclass(frozen=True)
class Objective:
    """The metric of the validation set by which trials are compared.

    deciding: the last of EvalMetric, which early stopping uses: the model ends with its best round.
    """

    metric: str
    deciding: str

    @classmethod
    def of(cls, eval_metric: str, chosen: str | None) -> Objective:
        """Return the objective for a value of EvalMetric. chosen: None for the last metric.

        Raise UsageError for a metric that the training doesn't compute.
        """
        computed = eval_metric.split(",")
        if chosen is not None and chosen not in computed:
            raise UsageError(
                f"--metric {chosen}: the training computes {', '.join(computed)}; "
                f"add --parameter EvalMetric={chosen},{eval_metric}"
            )
        return cls(chosen or computed[-1], computed[-1])

    @property
    def is_maximized(self) -> bool:
        """Whether larger values are better."""
        return maximized(self.metric)


@dataclass(frozen=True)
class Measurement:
    """The model of one execution. rounds: of boosting, up to the best one."""

    value: float
    rounds: int


class LearningCurve:
    """The metrics of a training's rounds on the validation set, up to now."""

    def __init__(self, objective: Objective) -> None:
        self._objective = objective
        self._best: tuple[float, Measurement] | None = None

    def add(self, number: int, metrics: Mapping[str, float]) -> None:
        """Add the metrics of a round, whose numbers begin with 0."""
        deciding = metrics.get(f"validation:{self._objective.deciding}")
        value = metrics.get(f"validation:{self._objective.metric}")
        if deciding is None or value is None:
            return
        cost = -deciding if maximized(self._objective.deciding) else deciding
        if number == 0 or self._best is None or cost < self._best[0]:
            self._best = cost, Measurement(value, number + 1)

    @property
    def best(self) -> Measurement | None:
        """The model that early stopping would keep; None before the first round."""
        return self._best[1] if self._best else None


@dataclass(frozen=True)
class TrialResult:
    """One trial. number: from 1, in the order of their starts.

    value: the mean of ``measurements``, one for each seed; of a pruned trial, the last one known.
    is_start: whether it has the values from which the search starts. reason: why it failed.
    """

    number: int
    state: str
    parameters: Mapping[str, Value]
    value: float | None = None
    measurements: tuple[Measurement, ...] = ()
    is_start: bool = False
    reason: str = ""


@dataclass(frozen=True)
class SearchResult:
    """The trials of a search that have ended, the best first; those without a model last."""

    objective: Objective
    trials: tuple[TrialResult, ...]

    @classmethod
    def of(cls, objective: Objective, trials: Iterable[TrialResult]) -> SearchResult:
        """Return the result with its trials in order; of equal ones, the earlier comes first."""

        def rank(trial: TrialResult) -> tuple[int, float, int]:
            value = trial.value or 0.0
            cost = -value if objective.is_maximized else value
            return _STATES.index(trial.state), cost, trial.number

        return cls(objective, tuple(sorted(trials, key=rank)))

    @property
    def best(self) -> TrialResult | None:
        """The best trial; None if none is complete."""
        return next((it for it in self.trials if it.state == COMPLETE), None)
