"""The search of the presets: no test review gets in, and luck with one seed decides nothing."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.archive import Review, reviews
from benchmarks.command import NoArchive, the_archive
from benchmarks.search.accurate import START, accurate
from benchmarks.search.fast import candidates, fast, rounds_to
from benchmarks.search.half import members, training_half
from benchmarks.search.log import markdown
from benchmarks.search.training import train
from benchmarks.search.trial import Outcome, Training
from benchmarks.xgboost_jobs import Values, pipelines_hyperparameters


def archive_at(path: Path) -> Path:
    """An archive whose test half nobody may see."""
    with tarfile.open(path, "w") as archive:
        for half in ("test", "train"):
            for label in ("pos", "neg"):
                for number in range(3):
                    text = path.with_name("text")
                    text.write_text(f"{half} {label} {number}", encoding="utf-8")
                    archive.add(text, f"aclImdb/{half}/{label}/{number}_5.txt")
    return path


def test_no_text_of_the_test_half_reaches_a_trial(tmp_path: Path) -> None:
    target = tmp_path / "half.tar"
    count = training_half(archive_at(tmp_path / "all.tar"), target)
    found = list(reviews(target))
    assert count == 6
    assert sum(review.half == "train" for review in found) == 6
    assert all(review.text.startswith("train ") for review in found)


def test_a_stand_in_of_each_class_makes_the_half_that_preprocess_wants() -> None:
    given = [Review(f"train/{label}/1_5.txt", "train", label == "pos", "") for label in ("neg",)]
    given += [
        Review("train/pos/2_5.txt", "train", 1, ""),
        Review("test/pos/3_5.txt", "test", 1, ""),
    ]
    names = [name for name, _ in members(given)]
    assert names[2:] == ["test/neg/1_5.txt", "test/pos/2_5.txt"]


def test_a_review_of_the_training_half_by_another_name_ends_the_search() -> None:
    with pytest.raises(AssertionError):
        list(members([Review("test/pos/1_5.txt", "train", 1, "")]))


def training(logloss: float, accuracies: Sequence[float] = (0.9,), values: int = 100) -> Training:
    return Training(accuracies[-1], logloss, len(accuracies), accuracies, values, 1.0)


def outcome(*loglosses: float) -> Outcome:
    return Outcome("", {}, [training(logloss) for logloss in loglosses])


def test_a_better_mean_by_one_lucky_seed_does_not_move_the_search() -> None:
    assert not outcome(0.1, 0.31).betters(outcome(0.3, 0.3))
    assert outcome(0.29, 0.29).betters(outcome(0.3, 0.3))


def test_each_parameter_is_tried_from_the_best_so_far() -> None:
    loglosses = {(4, 0.1): 0.3, (5, 0.1): 0.2, (6, 0.1): 0.25, (5, 0.2): 0.4}
    tried: list[Values] = []

    def run(why: str, values: Values) -> Outcome:
        tried.append(values)
        found = loglosses[int(values["MaxDepth"]), float(values["Eta"])]
        return Outcome(why, values, [training(found), training(found)])

    start: Values = {"MaxDepth": 4, "Eta": 0.1}
    best = accurate(run, start, {"MaxDepth": (5, 6), "Eta": (0.2,)})
    assert best.values == {"MaxDepth": 5, "Eta": 0.1}
    assert tried[-1] == {"MaxDepth": 5, "Eta": 0.2}


def test_rounds_are_the_fewest_whose_accuracy_less_spread_suffices() -> None:
    sure = [*[0.8] * 19, 0.9, *[0.9] * 10]
    unsure = [*[0.8] * 19, 0.86, *[0.9] * 10]
    assert rounds_to([training(0.3, sure), training(0.3, sure)], 0.87) == 20
    assert rounds_to([training(0.3, sure), training(0.3, unsure)], 0.87) == 30
    assert rounds_to([training(0.3, unsure[:29])], 0.87) is None


def test_fast_is_what_takes_the_least_work_of_what_reaches_the_accuracy() -> None:
    def run(why: str, values: Values) -> Outcome:
        accuracy = {2: 0.8, 3: 0.9, 4: 0.95}[int(values["MaxDepth"])]
        return Outcome(why, values, [training(0.3, [accuracy] * 10, values=50)] * 2)

    named: Values = {"Features": "stems", "VocabularySize": 10, "Eta": 0.3}
    tried = [{**named, "MaxDepth": depth} for depth in (2, 4, 3)]
    assert fast(run, tried) == {**named, "MaxDepth": 3, "NumRound": 10}
    assert fast(run, tried[:1]) is None


@pytest.mark.parametrize("values", [START, *candidates()])
def test_a_preset_has_nothing_but_parameters_of_the_pipeline(values: Values) -> None:
    definition = json.loads(Path("pipeline_steps/definition.json").read_text(encoding="utf-8"))
    types = {item["Name"]: item["Type"] for item in definition["Parameters"]}
    python = {"Float": float, "Integer": int, "String": str}
    assert {name: type(value) for name, value in values.items()} == {
        name: python[types[name]] for name in values
    }


def test_a_trials_values_reach_the_training() -> None:
    assert pipelines_hyperparameters({"Eta": 0.05, "Seed": 7})["eta"] == "0.05"
    assert pipelines_hyperparameters({"Eta": 0.05, "Seed": 7})["seed"] == "7"
    assert pipelines_hyperparameters()["eta"] == "0.2"


def test_training_is_judged_by_validation_at_the_round_that_is_kept(tmp_path: Path) -> None:
    for name in ("train", "validation"):
        (tmp_path / name).mkdir()
        rows = "1 0:1 1:1 3:1\n0 0:1 2:1 3:1\n" * 100
        (tmp_path / name / "part-00000.libsvm").write_text(rows, encoding="utf-8")
    given = pipelines_hyperparameters({"NumRound": 30, "EarlyStoppingRounds": 5, "Gamma": 0.0})
    parameters = {**given, "num_round": 30, "early_stopping_rounds": 5, "nthread": 1}
    told = train(tmp_path, parameters)
    assert told["accuracy"] == 1.0
    assert told["values"] == 200 * 3
    assert told["rounds"] <= len(told["accuracies"]) <= 30


def test_the_log_has_a_line_for_each_trial() -> None:
    outcomes = [Outcome("start", {"Eta": 0.5}, [training(0.2), training(0.4)])]
    page = markdown("2026-11-25", 6, (1, 2), outcomes, {"accurate": {"Eta": 0.5}})
    assert "| start | 0.9000 | 0.0000 | 0.3000 | 0.1000 | 1/1 | 1.0 | Eta=0.5 |\n" in page


def test_an_archive_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoArchive, match=r"none\.tar is no file"):
        the_archive(str(tmp_path / "none.tar"))
