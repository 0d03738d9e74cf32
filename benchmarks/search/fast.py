"""The preset ``fast``: as little work as still reaches an accuracy.

Which of two trainings takes longer changes with the machine and with who else uses it. So the
work is counted instead: values in the training matrix, times rounds, times levels of a tree.
"""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Callable, Sequence

from benchmarks.search.trial import Outcome, Training
from benchmarks.xgboost_jobs import Values

ACCURACY = 0.87
"""What validation must show, mean less spread over the seeds; the article reports 0.86528."""

_SAME: Values = {
    "ColsampleBytree": 0.3,
    "Gamma": 0.0,
    "NumRound": 120,
    "ValidationFraction": 0.2,
}
_TRIED = {
    "evidence": ((100, 500), (0.3, 0.6), (3, 5)),
    "stems": ((2_000, 5_000), (0.3,), (4, 6)),
}
"""Words, eta and depths by features: stems make Preprocess shorter, evidence the training."""

_ROUNDS = 10
"""Rounds are chosen in steps of so many."""


def candidates() -> list[Values]:
    """All that is tried."""
    return [
        {**_SAME, "Eta": eta, "Features": features, "MaxDepth": depth, "VocabularySize": size}
        for features, others in _TRIED.items()
        for size, eta, depth in itertools.product(*others)
    ]


def fast(run: Callable[[str, Values], Outcome], tried: Sequence[Values]) -> Values | None:
    """The values with the least work among those that reach ACCURACY; None if none does.

    Between equals, the first. NumRound is the fewest rounds that suffice.
    """
    reaching = []
    for values in tried:
        named = ("Features", "VocabularySize", "Eta", "MaxDepth")
        why = "fast: " + ", ".join(f"{name} {values[name]}" for name in named)
        outcome = run(why, values)
        if rounds := rounds_to(outcome.trainings, ACCURACY):
            work = rounds * int(values["MaxDepth"]) * outcome.trainings[0].values
            reaching.append((work, {**values, "NumRound": rounds}))
    return min(reaching, key=lambda found: found[0], default=(0, None))[1]


def rounds_to(trainings: Sequence[Training], accuracy: float) -> int | None:
    """The fewest rounds after which mean less spread of the validation accuracies reaches it."""
    longest = min(len(training.accuracies) for training in trainings)
    for rounds in range(_ROUNDS, longest + 1, _ROUNDS):
        reached = [training.accuracies[rounds - 1] for training in trainings]
        if statistics.fmean(reached) - statistics.pstdev(reached) >= accuracy:
            return rounds
    return None
