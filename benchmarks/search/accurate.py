"""The preset ``accurate``: from a start, one parameter after the other, whatever lowers logloss."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from benchmarks.search.trial import Outcome
from benchmarks.xgboost_jobs import Values

START: Values = {
    "ColsampleBytree": 0.1,
    "EarlyStoppingRounds": 30,
    "Eta": 0.05,
    "Features": "evidence",
    "Gamma": 0.0,
    "MaxDepth": 4,
    "MinChildWeight": 6.0,
    "NumRound": 3000,
    "Subsample": 0.8,
    "ValidationFraction": 0.2,
    "VocabularySize": 5000,
}
"""Many small trees, each of which sees a tenth of the columns; early stopping ends them.

From an earlier trial, which also printed accuracies of the test half (docs/model.md).
"""

STEPS: Mapping[str, Sequence[int | float]] = {
    "ValidationFraction": (0.1, 0.4),
    "VocabularySize": (10_000, 20_000),
    "MaxDepth": (3, 5),
    "Eta": (0.1,),
    "ColsampleBytree": (0.05, 0.2),
    "Subsample": (0.5,),
    "MinChildWeight": (20.0,),
    "Gamma": (1.0,),
}
"""What else to try of each parameter, in this order."""


def accurate(
    run: Callable[[str, Values], Outcome],
    start: Values = START,
    steps: Mapping[str, Sequence[int | float]] = STEPS,
) -> Outcome:
    """Walks the parameters once; moves where validation logloss is lower with every seed."""
    best = run("start of accurate", start)
    for name, others in steps.items():
        tried = [run(f"{name} {other}", {**best.values, name: other}) for other in others]
        better = [outcome for outcome in tried if outcome.betters(best)]
        best = min(better, key=lambda outcome: outcome.logloss, default=best)
    return best
