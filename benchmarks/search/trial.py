"""A trial's values and what came of it: plain data between measuring, choosing and writing."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.xgboost_jobs import Values


@dataclass(frozen=True)
class Training:
    """One seed's training, as it did on its validation split.

    accuracy, logloss: of the round that early stopping kept. accuracies: of every round, from the
    first. values: stored in the training matrix. cpu_seconds: of the training, reading included.
    """

    accuracy: float
    logloss: float
    rounds: int
    accuracies: Sequence[float]
    values: int
    cpu_seconds: float


@dataclass(frozen=True)
class Outcome:
    """What a trial's values led to, a training for each seed; ``why`` is what it tried."""

    why: str
    values: Values
    trainings: Sequence[Training]

    @property
    def accuracy(self) -> float:
        """The mean over the seeds."""
        return statistics.fmean(training.accuracy for training in self.trainings)

    @property
    def logloss(self) -> float:
        """The mean over the seeds."""
        return statistics.fmean(training.logloss for training in self.trainings)

    @property
    def accuracy_spread(self) -> float:
        """The standard deviation over the seeds."""
        return statistics.pstdev(training.accuracy for training in self.trainings)

    @property
    def logloss_spread(self) -> float:
        """The standard deviation over the seeds."""
        return statistics.pstdev(training.logloss for training in self.trainings)

    @property
    def cpu_seconds(self) -> float:
        """Of one training, the mean over the seeds."""
        return statistics.fmean(training.cpu_seconds for training in self.trainings)

    def betters(self, other: Outcome) -> bool:
        """Whether the logloss is lower with every seed, so that one lucky split can't decide."""
        pairs = zip(self.trainings, other.trainings, strict=True)
        return all(mine.logloss < its.logloss for mine, its in pairs)
