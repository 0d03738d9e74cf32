"""Answers of several values for each row, as SAGEMAKER_INFERENCE_OUTPUT chooses them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xgboost

from local_runner.algorithms.xgboost.errors import UserError
from local_runner.algorithms.xgboost.selected_output import (
    CSV,
    JSON,
    JSON_LINES,
    VARIABLE,
    accepted_type,
    selected_output,
)
from tests.support.programs import killed_if_failing
from tests.support.xgboost_samples import csv, sample, start_image

TEST = sample(5, seed=9)
ALL = "predicted_label,labels,probability,probabilities,raw_score,raw_scores,predicted_score"


def booster_of(objective: str) -> xgboost.Booster:
    rows = sample(60, seed=1)
    matrix = xgboost.DMatrix(
        np.array([counts for _, counts in rows]), label=[label for label, _ in rows]
    )
    classes = {"num_class": 3} if objective.startswith("multi:") else {}
    return xgboost.train({"objective": objective, "seed": 0, **classes}, matrix, 3)


def lines(objective: str, scores: list[float] | list[list[float]], selected: str) -> list[str]:
    found = np.array(scores, dtype=np.float32)
    return selected_output(booster_of(objective), found, selected).splitlines()


@pytest.mark.parametrize(
    ("objective", "score", "expected"),
    [
        ("binary:logistic", 0.75, '1,"[0, 1]",0.75,"[0.25, 0.75]",0.75,"[0.25, 0.75]",nan'),
        ("binary:logistic", 0.5, '0,"[0, 1]",0.5,"[0.5, 0.5]",0.5,"[0.5, 0.5]",nan'),
        ("binary:logitraw", -2.0, '0,"[0, 1]",nan,nan,-2.0,"[3.0, -2.0]",nan'),
        ("binary:hinge", 1.0, '1.0,"[0, 1]",nan,nan,1.0,"[0.0, 1.0]",nan'),
        ("multi:softmax", 2.0, '2.0,"[0, 1, 2]",nan,nan,2.0,"[-1.0, 2.0]",nan'),
        ("reg:squarederror", 3.5, "nan,nan,nan,nan,nan,nan,3.5"),
    ],
)
def test_values_are_those_of_the_objective(objective: str, score: float, expected: str) -> None:
    assert lines(objective, [score], ALL) == [expected]


def test_probabilities_of_several_classes_are_a_list() -> None:
    scores = [[0.25, 0.5, 0.25], [0.75, 0.125, 0.125]]
    assert lines("multi:softprob", scores, "predicted_label,probability,probabilities") == [
        '1,0.5,"[0.25, 0.5, 0.25]"',
        '0,0.75,"[0.75, 0.125, 0.125]"',
    ]


def test_keys_ignore_case_and_spaces_and_keep_their_order() -> None:
    found = lines("binary:logistic", [0.75], " Probability , predicted_label,typo")
    assert found == ["0.75,1,nan"]


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (JSON, '{"predictions": [{"predicted_label": 1, "probability": 0.75, "typo": NaN}]}'),
        (JSON_LINES, '{"predicted_label": 1, "probability": 0.75, "typo": NaN}\n'),
    ],
)
def test_selected_values_are_json_objects_if_accepted(accept: str, expected: str) -> None:
    scores = np.array([0.75], dtype=np.float32)
    selected = "typo,probability,predicted_label"
    assert selected_output(booster_of("binary:logistic"), scores, selected, accept) == expected


def test_types_of_answers_are_those_of_the_image(monkeypatch: pytest.MonkeyPatch) -> None:
    assert accepted_type("*/*") == accepted_type("") == accepted_type("Text/CSV; a=b") == CSV
    monkeypatch.setenv("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", JSON)
    assert accepted_type("") == JSON
    with pytest.raises(UserError, match=r"^406: .*text/plain"):
        accepted_type("text/plain")


def test_objective_without_selectable_output_is_refused_as_500() -> None:
    with pytest.raises(UserError, match=r"^500: Objective `rank:pairwise` unsupported"):
        lines("rank:pairwise", [0.5], "predicted_label")


def test_program_answers_with_the_values_of_the_variable(tmp_path: Path) -> None:
    for folder in ("model", "input/data", "output/data"):
        (tmp_path / folder).mkdir(parents=True)
    booster_of("binary:logistic").save_model(tmp_path / "model.ubj")
    (tmp_path / "model.ubj").rename(tmp_path / "model/xgboost-model")
    (tmp_path / "input/data/part-0").write_text(csv(TEST, labels=False))
    words = ("--batch-strategy", "MultiRecord", "--max-payload-mb", "6")
    process = start_image(
        tmp_path,
        *("transform", "--content-type", "text/csv", *words),
        **{VARIABLE: "predicted_label,probability"},
    )
    with killed_if_failing(process):
        _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    answers = (tmp_path / "output/data/part-0.out").read_text().splitlines()
    pairs = [line.split(",") for line in answers]
    assert [int(label) for label, _ in pairs] == [int(float(score) > 0.5) for _, score in pairs]
    assert len(pairs) == len(TEST)
