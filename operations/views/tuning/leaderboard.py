"""The leaderboard of a search: trials by their metric on the validation set."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from local_runner.definition.expressions import as_text
from operations.local.tuning.results import COMPLETE, FAILED, SearchResult, TrialResult
from operations.local.tuning.tune import Tuned
from operations.views.printing import print_json, print_line, print_pairs, print_table


def print_leaderboard(
    tuned: Tuned, *, as_json: bool, preset: str | None, next_command: str
) -> None:
    """Print the trials, the best first. preset: the name of the preset that was written."""
    if as_json:
        print_json(_document(tuned, preset))
        return
    result = tuned.result
    if not result.trials:
        print_line("no trial has ended")
        return
    names = [item.name for item in tuned.ranges]
    metric = result.objective.metric
    print_table(
        ("trial", metric, "rounds", *names, ""),
        [_row(trial, names) for trial in result.trials],
        numbers=("trial", metric, "rounds", *names),
    )
    if next_command:
        print_pairs([("next", next_command.strip("`"))])


def _row(trial: TrialResult, names: list[str]) -> list[str]:
    note = trial.state if trial.state != COMPLETE else "start" if trial.is_start else ""
    if trial.state == FAILED:
        note = f"failed: {trial.reason}"
    values = [as_text(trial.parameters.get(name, "")) for name in names]
    rounds = ", ".join(str(it.rounds) for it in trial.measurements)
    value = "" if trial.value is None else f"{trial.value:.5f}"
    return [str(trial.number), value, rounds, *values, note]


def _document(tuned: Tuned, preset: str | None) -> dict[str, Any]:
    result: SearchResult = tuned.result
    best = result.best
    return {
        "best": _trial(best) if best else None,
        "metric": result.objective.metric,
        "goal": "maximize" if result.objective.is_maximized else "minimize",
        "ranges": {item.name: str(item) for item in tuned.ranges},
        "parameters": dict(tuned.preset),
        "preset": preset,
        "interrupted": tuned.is_interrupted,
        "trials": [_trial(trial) for trial in result.trials],
    }


def _trial(trial: TrialResult) -> dict[str, Any]:
    fields = asdict(trial)
    measured = fields.pop("measurements")
    return {
        **fields,
        "values": [it["value"] for it in measured],
        "rounds": [it["rounds"] for it in measured],
    }
