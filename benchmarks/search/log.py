"""The search as a page of Markdown: a line for each trial, and what was chosen."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from benchmarks.search.fast import ACCURACY
from benchmarks.search.trial import Outcome
from benchmarks.xgboost_jobs import Values

_TABLE = "| trial | accuracy | spread | logloss | spread | rounds | CPU s | parameters |\n"
_TABLE += "|---|---|---|---|---|---|---|---|\n"


def markdown(
    date: str, reviews: int, seeds: Sequence[int], outcomes: Sequence[Outcome], chosen: Presets
) -> str:
    """The page; ``reviews`` is how many the training half has."""
    return "".join(
        [
            f"# Search of the presets, {date}\n\n",
            f"On the {reviews:,} reviews of the training half, none of the test half. Accuracy "
            "and logloss are those of the validation split at the round that early stopping kept: "
            f"mean and standard deviation over the seeds {', '.join(map(str, seeds))}, which "
            "decide the split and the training. CPU s: of one training, on a machine that others "
            "used too.\n\n",
            "`accurate` walks the parameters in order and moves where logloss is lower with every "
            "seed. `fast` is the least work (values x rounds x levels) whose mean validation "
            f"accuracy less its spread reaches {ACCURACY}.\n",
            f"\n## Trials\n\n{_TABLE}",
            *map(_line, outcomes),
            "\n## Chosen\n\n```json\n",
            json.dumps(chosen, indent=1, sort_keys=True),
            "\n```\n",
        ]
    )


Presets = Mapping[str, Values]
"""Values by the preset's name."""


def _line(outcome: Outcome) -> str:
    rounds = "/".join(str(training.rounds) for training in outcome.trainings)
    return (
        f"| {outcome.why} | {outcome.accuracy:.4f} | {outcome.accuracy_spread:.4f} | "
        f"{outcome.logloss:.4f} | {outcome.logloss_spread:.4f} | {rounds} | "
        f"{outcome.cpu_seconds:.1f} | {' '.join(_told(outcome.values))} |\n"
    )


def _told(values: Values) -> Iterator[str]:
    return (f"{name}={value}" for name, value in sorted(values.items()))
