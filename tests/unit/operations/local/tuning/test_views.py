"""The leaderboard and the chart of a search."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree

import pytest

from operations.local.tuning.results import (
    COMPLETE,
    FAILED,
    PRUNED,
    Measurement,
    Objective,
    SearchResult,
    TrialResult,
)
from operations.local.tuning.space import Choices, NumberRange
from operations.local.tuning.tune import Tuned
from operations.views.tuning.chart import search_chart
from operations.views.tuning.leaderboard import print_leaderboard

RANGES = (NumberRange("Eta", 0.01, 1.0, False, True), Choices("Features", ("stems", "<n>")))
TRIALS = (
    TrialResult(1, COMPLETE, {"Eta": 0.1, "Features": "stems"}, 0.5, (Measurement(0.5, 30),), True),
    TrialResult(2, COMPLETE, {"Eta": 0.2, "Features": "<n>"}, 0.4, (Measurement(0.4, 20),)),
    TrialResult(3, PRUNED, {"Eta": 0.3, "Features": "stems"}, 0.7),
    TrialResult(4, FAILED, {"Eta": 0.4, "Features": "stems"}, reason="Train: killed"),
)


def tuned(metric: str, *trials: TrialResult) -> Tuned:
    result = SearchResult.of(Objective(metric, metric), trials)
    return Tuned(result, RANGES, is_interrupted=False, preset={"Eta": 0.2}, others={})


@pytest.mark.parametrize(("metric", "best"), [("logloss", [2, 1, 3, 4]), ("auc", [1, 2, 3, 4])])
def test_trials_are_sorted_by_the_direction_of_the_metric(
    metric: str, best: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    print_leaderboard(tuned(metric, *TRIALS), as_json=True, preset="mine", next_command="")
    found = json.loads(capsys.readouterr().out)
    assert [trial["number"] for trial in found["trials"]] == best
    assert (found["best"]["number"], found["preset"]) == (best[0], "mine")


def test_table_has_every_trial_with_its_values(capsys: pytest.CaptureFixture[str]) -> None:
    print_leaderboard(tuned("logloss", *TRIALS), as_json=False, preset=None, next_command="")
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert rows[1] == ["2", "0.40000", "20", "0.2", "<n>"]
    assert rows[2][-1] == "start"
    assert rows[3][-1] == "pruned"
    assert " ".join(rows[4]).endswith("failed: Train: killed")


def test_chart_has_a_dot_for_each_trial_and_panel() -> None:
    root = ElementTree.fromstring(search_chart(tuned("logloss", *TRIALS)))
    kinds = [it.get("class") for it in root.iter() if it.tag.endswith("circle")]
    assert kinds == ["complete", "winner", "pruned"] * (1 + len(RANGES))


@pytest.mark.parametrize("count", [0, 1])
def test_chart_of_few_trials_is_drawn(count: int) -> None:
    ElementTree.fromstring(search_chart(tuned("logloss", *TRIALS[:count])))
