"""Values out of their parameters' ranges are refused before a start; so are too long ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from operations.errors import UsageError
from operations.parameter_ranges import (
    chosen_dataset,
    require_accepted_length,
    require_in_range,
)
from tests.support.command_line import assert_refused, invoke

OUTSIDE = [
    *("Eta=7", "Eta=-0.1", "Eta=nan", "Eta=x", "Eta="),
    *("Subsample=0", "Subsample=1.1", "Gamma=-1", "Gamma=inf", "MaxDepth=-1", "MaxDepth=2.5"),
    *("MaxDepth=2147483648", "NumRound=0", "EarlyStoppingRounds=0", "Seed=2147483647"),
    *("TestFraction=0", "TestFraction=1", "ValidationFraction=1.5", "VocabularySize=0"),
    *("TextColumn=", "LabelColumn= ", "PositiveLabel=", "Commit=", "EvalMetric=accuracy"),
    *("GateThreshold=80", "ChampionMargin=-1", "TrainingInstanceCount=0", "SparkInstanceCount=101"),
    *("ProcessingInstanceType=m5.large", "ModelVersion=newest", "DriftThreshold=-1"),
    *("DecisionThreshold=1.5", "DecisionThreshold=0", "DecisionThreshold=1"),
    *("DecisionThreshold=f2", "DecisionThreshold=precision>=2", "DecisionThreshold=recall>=0"),
    *("DecisionThreshold=cost(fp=-1,fn=1)", "DecisionThreshold=cost(fp=1)", "DecisionThreshold="),
    *("DatasetUri=ftp://host/a.csv", "ModelPackageGroupName=a b"),
]
INSIDE = [
    *("Eta=0", "Eta=1", "Eta=1e-1", "Subsample=1", "Gamma=0", "MaxDepth=0", "Seed=-5"),
    *("TextColumn=the review", "PositiveLabel=-1", "ModelVersion=3", "DriftThreshold=0"),
    *("DecisionThreshold=0.25", "DecisionThreshold=f1", "DecisionThreshold=precision>=0.95"),
    *("DecisionThreshold=recall>=1", "DecisionThreshold=cost(fp=1,fn=2.5)"),
    *("ModelVersion=arn:aws:sagemaker:eu-west-1:1:model-package/group/3", "Unknown="),
]


def as_mapping(given: str) -> dict[str, str]:
    name, _, value = given.partition("=")
    return {name: value}


@pytest.mark.parametrize("given", OUTSIDE)
def test_a_value_out_of_range_is_refused_by_name(given: str) -> None:
    with pytest.raises(UsageError) as refused:
        require_in_range(as_mapping(given))
    name, _, value = given.partition("=")
    assert str(refused.value).startswith(f"{name} must be ")
    assert value in str(refused.value).partition(", got ")[2]


@pytest.mark.parametrize("given", INSIDE)
def test_a_value_in_range_is_accepted(given: str) -> None:
    require_in_range(as_mapping(given))


@pytest.mark.parametrize("verb", ["run", "show"])
def test_the_range_is_in_the_message(verb: str) -> None:
    result = invoke(verb, "--parameter", "Eta=7")
    assert_refused(result, 2, "Eta must be a number from 0 to 1, got 7")


def test_nothing_is_stored_for_a_value_out_of_range(tmp_path: Path) -> None:
    invoke("run", "--workdir", str(tmp_path / "runs"), "--parameter", "Eta=7")
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("name", "limit"), [("DatasetUri", 256), ("TextColumn", 243), ("Commit", 249)]
)
def test_a_longer_value_than_the_service_accepts_is_refused(name: str, limit: int) -> None:
    require_accepted_length({name: "x" * limit})
    with pytest.raises(UsageError, match=rf"{name} has {limit + 1} .*{limit}"):
        require_accepted_length({name: "x" * (limit + 1)})


def test_a_number_of_any_length_is_accepted() -> None:
    require_accepted_length({"Eta": f"0.{'3' * 300}"})


def test_the_dataset_may_be_given_as_a_parameter() -> None:
    given = {"DatasetUri": "reviews.csv", "Eta": "1"}
    assert chosen_dataset(None, given) == ("reviews.csv", {"Eta": "1"})
    assert chosen_dataset("a.csv", {"Eta": "1"}) == ("a.csv", {"Eta": "1"})
    with pytest.raises(UsageError):
        chosen_dataset("a.csv", given)
