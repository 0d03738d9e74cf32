"""The model card: its numbers, its schema, and that it is the same for the same evaluation."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from processing import names
from processing.evaluation.predictions import read_predictions
from processing.jobs import evaluate
from processing.report.context import ReportContext
from processing.report.inputs import read_inputs
from processing.report.model_card import model_card, write_model_card
from tests.support.evaluation_samples import arguments, champion, evaluated, measured
from tests.support.model_card_schema import problems

COMMIT = "28634772f1d10df0e6ccd4f8bf3d31592cfedd4d"
PROVENANCE = {
    "execution": "local-0001",
    "started": "2026-11-29T16:57:01Z",
    "commit": COMMIT,
    "image": "repository/xgboost:3.0-5",
    "code": "processing.pyz",
    "objective": "binary:logistic",
    "max_depth": "5",
    "positive_label": "very good",
}


def card_of(output: Path) -> Any:
    """The content of the card that Evaluate wrote."""
    path = output / names.EVALUATION / names.MODEL_CARD_FILE
    return json.loads(json.loads(path.read_text(encoding="utf-8"))[names.MODEL_CARD_CONTENT])


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Any]:
    """An evaluation and its card."""
    folder = tmp_path_factory.mktemp("card")
    pairs = [f"{name}={value}" for name, value in PROVENANCE.items()]
    given = ("--dataset", "s3://bucket/raw/reviews.csv", "--pipeline", "sentiment-dev")
    found = evaluated(folder, arguments(folder / "in"), *given, "--provenance", *pairs)
    return found, card_of(folder)


def context_of(folder: Path) -> ReportContext:
    given = arguments(folder / "in")
    evaluation = evaluated(folder / "out", given)
    inputs = read_inputs(evaluate.parser().parse_args([*given, "--output=o"]))
    return ReportContext.of(evaluation, read_predictions(inputs.test_set, 0.5), inputs)


def numbers(card: Any) -> dict[str, Any]:
    """The values of the card's metrics, by name."""
    [evaluation] = card["evaluation_details"]
    return {
        metric["name"]: metric["value"]
        for group in evaluation["metric_groups"]
        for metric in group["metric_data"]
    }


def test_numbers_are_those_of_the_evaluation(sample: tuple[dict[str, Any], Any]) -> None:
    evaluation, card = sample
    metrics = evaluation[names.METRICS]
    expected = {name: item["value"] for name, item in metrics.items() if "value" in item}
    matrix = metrics[names.CONFUSION_MATRIX]
    expected[names.CONFUSION_MATRIX] = [[matrix[row][column] for column in "01"] for row in "01"]
    expected.update(
        (name, value)
        for name, value in evaluation[names.CALIBRATION].items()
        if isinstance(value, float)
    )
    assert numbers(card) == expected


def test_every_metric_has_an_interval_that_contains_its_value(
    sample: tuple[dict[str, Any], Any],
) -> None:
    [evaluation] = sample[1]["evaluation_details"]
    metrics = evaluation["metric_groups"][0]["metric_data"]
    assert len(metrics) >= 5
    for metric in metrics:
        low, _, high = metric["notes"].rpartition(": ")[2].partition(" to ")
        assert float(low) <= metric["value"] <= float(high)


def test_details_identify_data_code_and_model(sample: tuple[dict[str, Any], Any]) -> None:
    evaluation, card = sample
    details = card["additional_information"]["custom_details"]
    assert details["commit"] == COMMIT
    assert details["execution"] == "local-0001"
    assert "0.5" in details["decision threshold"]
    assert details["dataset SHA-256"] == evaluation[names.DATA]["sha256"]
    assert details["xgboost-model SHA-256"] == evaluation[names.INPUTS_SHA256]["xgboost-model"]
    training = card["training_details"]["training_job_details"]
    assert training["training_datasets"] == ["s3://bucket/raw/reviews.csv"]
    assert {"name": "max_depth", "value": "5"} in training["user_provided_hyper_parameters"]


def test_commands_to_reproduce_have_the_commit_the_dataset_and_the_parameters(
    sample: tuple[dict[str, Any], Any],
) -> None:
    details = sample[1]["additional_information"]["custom_details"]
    checkout, copy, run = map(shlex.split, details["how to reproduce"].split(" && "))
    assert checkout == ["git", "checkout", COMMIT]
    assert copy[-2:] == ["s3://bucket/raw/reviews.csv", "reviews.csv"]
    assert run == [
        *("sentiment", "run", "--dataset", "reviews.csv"),
        *("--parameter", "MaxDepth=5", "--parameter", "PositiveLabel=very good"),
    ]


def test_card_follows_the_schema_of_model_packages(sample: tuple[dict[str, Any], Any]) -> None:
    assert problems(sample[1]) == []


def test_card_without_provenance_follows_the_schema(tmp_path: Path) -> None:
    evaluated(tmp_path, arguments(tmp_path / "in"))
    card = card_of(tmp_path)
    assert problems(card) == []
    assert "commit" not in card["additional_information"]["custom_details"]


def test_card_names_the_champion(tmp_path: Path) -> None:
    old = measured(tmp_path / "old", arguments(tmp_path / "1"))
    folder = champion(tmp_path / "champion", old)
    evaluated(tmp_path / "new", arguments(tmp_path / "2"), "--champion", str(folder))
    [evaluation] = card_of(tmp_path / "new")["evaluation_details"]
    assert "version 3" in evaluation["evaluation_observation"]


def test_limits_name_what_is_wrong_with_the_data(tmp_path: Path) -> None:
    context = context_of(tmp_path)
    skipped = [{"name": "a", "reason": "empty"}] * 3
    duplicates = {**context.inputs.manifest["duplicates"], "test_texts_in_train": 7}
    manifest = {**context.inputs.manifest, "skipped": skipped, "duplicates": duplicates}
    labels = {**context.evaluation[names.LABELS], names.SOURCE: names.BY_ALPHABET}
    context = replace(
        context,
        evaluation={**context.evaluation, names.LABELS: labels},
        inputs=replace(context.inputs, manifest=manifest),
    )
    limits = model_card(context, pipeline="")["additional_information"][
        "caveats_and_recommendations"
    ]
    assert [word in limits for word in ("3 reviews", "7 texts", "alphabetical")] == [True] * 3


def test_card_of_very_long_names_is_one_line_within_the_limit(tmp_path: Path) -> None:
    context = context_of(tmp_path)
    text = '"\\\n\ud800é' * 2_000
    provenance = {f"{number}{text}"[:300]: text for number in range(30)} | {"dataset": text}
    labels = {"negative": text, "positive": text, "source": text}
    evaluation = {**context.evaluation, names.LABELS: labels, names.PROVENANCE: provenance}
    path = tmp_path / "model-card.json"
    write_model_card(path, replace(context, evaluation=evaluation), pipeline=text)
    content = json.loads(path.read_text(encoding="utf-8"))[names.MODEL_CARD_CONTENT]
    assert len(content) <= 100_000
    assert "\n" not in content
    assert problems(json.loads(content)) == []
