"""The search: what is proposed, kept, pruned and continued; trials are functions here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pytest

from local_runner.platform.cancellation import CancellationToken
from operations.errors import CliError
from operations.local.tuning.results import (
    COMPLETE,
    FAILED,
    PRUNED,
    LearningCurve,
    Measurement,
    Objective,
    SearchResult,
    TrialResult,
)
from operations.local.tuning.search import Search, SearchPlan
from operations.local.tuning.space import Choices, NumberRange
from operations.local.tuning.study import RANDOM, TPE
from operations.local.tuning.trials import OnRound, TrialFailed, TrialRunner

DEPTH = NumberRange("MaxDepth", 1, 1000, is_integer=True)
ETA = NumberRange("Eta", 0.01, 1.0, is_integer=False, is_log=True)
LOGLOSS = Objective("logloss", "logloss")
PLAN = SearchPlan(
    (DEPTH, ETA), LOGLOSS, start={"MaxDepth": 5, "Eta": 0.2}, seeds=(0,), strategy=TPE, seed=0
)

Measure = Callable[[Mapping[str, str], int, OnRound, CancellationToken], Measurement]


def distance(
    parameters: Mapping[str, str], seed: int, _on_round: OnRound, _token: CancellationToken
) -> Measurement:
    """The distance from depth 300."""
    return Measurement(abs(int(parameters.get("MaxDepth", 0)) - 300) / 1000 + seed, 10)


@dataclass
class Trials:
    """A trial runner that calls a function, and the parameters of the calls."""

    measured: Measure = distance
    calls: list[Mapping[str, str]] = field(default_factory=list)

    def measure(
        self,
        parameters: Mapping[str, str],
        seed: int,
        on_round: OnRound,
        cancellation: CancellationToken,
    ) -> Measurement:
        self.calls.append(dict(parameters))
        return self.measured(parameters, seed, on_round, cancellation)


@dataclass
class Heard:
    """A listener that remembers which trials have ended."""

    ended: list[int] = field(default_factory=list)

    def on_start(self, numbers: Sequence[int]) -> None:
        pass

    def on_round(self, number: int, rounds: int, best: Measurement) -> None:
        pass

    def on_end(self, trial: TrialResult, result: SearchResult) -> None:
        assert trial in result.trials
        self.ended.append(trial.number)


def search(folder: Path, trials: Trials, plan: SearchPlan = PLAN) -> Search:
    return Search(folder, plan, cast("TrialRunner", trials), Heard())


def searched(folder: Path, trials: Trials, count: int, plan: SearchPlan = PLAN) -> SearchResult:
    found = search(folder, trials, plan)
    found.run(count, 1, None)
    return found.result()


def test_the_first_trial_has_the_values_from_which_the_search_starts(tmp_path: Path) -> None:
    trials = Trials()
    result = searched(tmp_path, trials, 3)
    assert trials.calls[0] == {"MaxDepth": "5", "Eta": "0.2"}
    assert [it.number for it in result.trials if it.is_start] == [1]


@pytest.mark.parametrize("strategy", [TPE, RANDOM])
def test_equal_seeds_give_equal_searches_and_others_give_others(
    strategy: str, tmp_path: Path
) -> None:
    plan = replace(PLAN, strategy=strategy)
    first = searched(tmp_path / "1", Trials(), 15, plan)
    assert searched(tmp_path / "2", Trials(), 15, plan) == first
    assert searched(tmp_path / "3", Trials(), 15, replace(plan, seed=1)) != first


def test_tpe_learns_from_the_trials(tmp_path: Path) -> None:
    learned, drawn = (
        searched(tmp_path / strategy, Trials(), 40, replace(PLAN, strategy=strategy))
        for strategy in (TPE, RANDOM)
    )

    def late(result: SearchResult) -> float:
        return sum(it.value or 0.0 for it in result.trials if it.number > 20)

    assert late(learned) < late(drawn)


@pytest.mark.parametrize("count", [1, 4, 14])
def test_an_interrupted_search_ends_like_one_that_was_not(count: int, tmp_path: Path) -> None:
    def interrupted(*arguments: Any) -> Measurement:
        if len(trials.calls) == count:
            raise KeyboardInterrupt
        return distance(*arguments)

    trials = Trials(interrupted)
    with pytest.raises(KeyboardInterrupt):
        searched(tmp_path / "1", trials, 20)
    result = searched(tmp_path / "1", Trials(), 20)
    assert result == searched(tmp_path / "2", Trials(), 20)


def test_more_trials_continue_a_search_and_the_same_number_runs_none(tmp_path: Path) -> None:
    first = searched(tmp_path, Trials(), 4)
    trials = Trials()
    assert searched(tmp_path, trials, 4, PLAN) == first
    assert trials.calls == []
    assert len(searched(tmp_path, trials, 6).trials) == 6
    assert len(trials.calls) == 2


def test_a_line_that_a_killed_process_has_not_finished_is_dropped(tmp_path: Path) -> None:
    first = searched(tmp_path, Trials(), 4)
    with (tmp_path / "journal.log").open("ab") as journal:
        journal.write(b'{"op_code":4,"work')
    assert searched(tmp_path, Trials(), 4) == first
    assert len(searched(tmp_path, Trials(), 6).trials) == 6


def test_a_damaged_journal_is_named_with_the_remedy(tmp_path: Path) -> None:
    searched(tmp_path, Trials(), 2)
    journal = tmp_path / "journal.log"
    journal.write_bytes(b"{broken\n" + journal.read_bytes())
    with pytest.raises(CliError, match=r"journal\.log.*remove"):
        searched(tmp_path, Trials(), 2)


@pytest.mark.parametrize("strategy", [TPE, RANDOM])
def test_all_values_of_a_small_space_are_tried_once(strategy: str, tmp_path: Path) -> None:
    ranges = (Choices("Features", ("a", "b")), Choices("MaxDepth", ("1", "2", "3")))
    plan = replace(PLAN, ranges=ranges, start=None, strategy=strategy)
    trials = Trials()
    result = searched(tmp_path, trials, 12, plan)
    assert sorted(it.number for it in result.trials) == [1, 2, 3, 4, 5, 6]
    assert len({tuple(call.items()) for call in trials.calls}) == len(trials.calls) == 6
    assert searched(tmp_path, trials, 12, plan) == result
    assert len(trials.calls) == 6


def test_the_value_of_several_seeds_is_their_mean(tmp_path: Path) -> None:
    result = searched(tmp_path, Trials(), 1, replace(PLAN, seeds=(0, 1, 2)))
    [trial] = result.trials
    assert [it.value for it in trial.measurements] == pytest.approx([0.295, 1.295, 2.295])
    assert trial.value == pytest.approx(1.295)


def trained(
    final: float, eta: float, rounds: int, on_round: OnRound, token: CancellationToken
) -> Measurement:
    """A training that approaches a loss: the faster, the larger Eta is."""
    for number in range(1, rounds + 1):
        measured = Measurement(1.0 - min(number * eta / 10, 1.0) * (1.0 - final), number)
        on_round(number, measured)
        if token.cancelled:
            raise KeyboardInterrupt
    return measured


def test_training_worse_than_the_median_is_pruned(tmp_path: Path) -> None:
    trials = Trials(
        lambda given, _, *others: trained(int(given["MaxDepth"]) / 1000, 1.0, 12, *others)
    )
    plan = replace(PLAN, ranges=(DEPTH,), start=None, strategy=RANDOM)
    result = searched(tmp_path, trials, 15, plan)
    states = [it.state for it in result.trials]
    assert set(states) == {COMPLETE, PRUNED}
    assert states == sorted(states)
    assert result.best
    assert result.best.parameters["MaxDepth"] == min(int(it["MaxDepth"]) for it in trials.calls)


def test_training_with_a_small_eta_is_compared_after_more_rounds(tmp_path: Path) -> None:
    """After equally many rounds, those with a small Eta, which are the best, have learned less."""
    trials = Trials(
        lambda given, _, *others: trained(float(given["Eta"]), float(given["Eta"]), 200, *others)
    )
    plan = replace(PLAN, ranges=(replace(ETA, low=0.05),), start=None, strategy=RANDOM)
    result = searched(tmp_path, trials, 15, plan)
    assert PRUNED in {it.state for it in result.trials}
    assert result.best
    assert result.best.parameters["Eta"] == min(float(it["Eta"]) for it in trials.calls)


def test_a_failure_before_any_success_ends_the_search_and_is_tried_again(tmp_path: Path) -> None:
    def failing(*_: Any) -> Measurement:
        raise TrialFailed("Preprocess: no reviews")

    with pytest.raises(CliError, match="trial 1: Preprocess: no reviews"):
        searched(tmp_path, Trials(failing), 3)
    assert searched(tmp_path, Trials(), 3) == searched(tmp_path / "other", Trials(), 3)


def test_a_later_failure_is_listed_last_with_its_reason(tmp_path: Path) -> None:
    def sometimes(*arguments: Any) -> Measurement:
        if len(trials.calls) == 2:
            raise TrialFailed("Train: out of memory")
        return distance(*arguments)

    trials = Trials(sometimes)
    result = searched(tmp_path, trials, 4)
    assert [it.number for it in result.trials][-1] == 2
    assert (result.trials[-1].state, result.trials[-1].reason) == (FAILED, "Train: out of memory")


def test_no_trial_starts_after_the_time(tmp_path: Path) -> None:
    trials = Trials()
    found = search(tmp_path, trials)
    found.run(5, 1, 1e-9)
    assert (found.result().trials, trials.calls) == ((), [])


def test_parallel_trials_all_end(tmp_path: Path) -> None:
    found = search(tmp_path, Trials())
    found.run(9, 3, None)
    assert sorted(it.number for it in found.result().trials) == list(range(1, 10))


@pytest.mark.parametrize(
    ("metric", "deciding", "expected"),
    [
        ("logloss", "logloss", Measurement(0.3, 2)),
        ("error", "logloss", Measurement(0.2, 2)),
        ("logloss", "auc", Measurement(0.4, 3)),
    ],
)
def test_the_model_is_that_of_the_best_round_of_the_deciding_metric(
    metric: str, deciding: str, expected: Measurement
) -> None:
    curve = LearningCurve(Objective(metric, deciding))
    for number, (error, logloss, auc) in enumerate(
        [(0.4, 0.6, 0.7), (0.2, 0.3, 0.8), (0.1, 0.4, 0.9)]
    ):
        names = {"error": error, "logloss": logloss, "auc": auc}
        curve.add(number, {f"validation:{name}": value for name, value in names.items()})
    assert curve.best == expected
