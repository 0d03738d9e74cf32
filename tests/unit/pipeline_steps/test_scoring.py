"""The committed definition of the scoring pipeline: steps, and arguments of jobs."""

from __future__ import annotations

import argparse
import importlib
import json
from typing import Any

import pytest

from local_runner.definition.parsing import parse
from local_runner.plan import make_plan
from pipeline_steps.render import render_score
from pipeline_steps.settings import PipelineSettings
from processing import names
from processing.names import JOBS
from tests.support.deployed import DEPLOYED
from validation.definition import problems

OWN_JOBS = {"FindModel": "find-model", "Prepare": "prepare", "Join": "join"}


@pytest.fixture
def scoring(committed_scoring: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The steps by name."""
    return {step["Name"]: step for step in committed_scoring["Steps"]}


def _options(step: dict[str, Any]) -> argparse.Namespace:
    application = step["Arguments"]["AppSpecification"]
    words = [word if isinstance(word, str) else "7" for word in application["ContainerArguments"]]
    job = importlib.import_module(JOBS[application["ContainerEntrypoint"][2]])
    options: argparse.Namespace = job.parser().parse_args(words)
    return options


def _inputs(step: dict[str, Any]) -> dict[str, str]:
    items = step["Arguments"]["ProcessingInputs"]
    return {item["InputName"]: item["S3Input"]["LocalPath"] for item in items}


def _outputs(step: dict[str, Any]) -> dict[str, Any]:
    items = step["Arguments"]["ProcessingOutputConfig"]["Outputs"]
    return {item["OutputName"]: item["S3Output"] for item in items}


def test_steps_depend_on_the_steps_whose_outputs_they_use(
    committed_scoring: dict[str, Any],
) -> None:
    given = {"DatasetUri": "s3://bucket/reviews/new.csv"}
    found = make_plan(parse(render_score(PipelineSettings())), given, DEPLOYED)
    waits_for = {planned.step.name: planned.depends_on for planned in found.steps}
    assert waits_for == {
        "FindModel": (),
        "Prepare": ("FindModel",),
        "CreateModel": ("FindModel",),
        "Transform": ("CreateModel", "FindModel", "Prepare"),
        "Join": ("FindModel", "Prepare", "Transform"),
        "DriftKnown": ("Join",),
        "DriftUnknown": ("DriftKnown", "Join"),
        "DriftGate": ("DriftKnown", "Join"),
        "Drifted": ("DriftGate", "Join"),
    }


def test_dataset_has_no_default_and_model_version_has(
    committed_scoring: dict[str, Any],
) -> None:
    defaults = {item["Name"]: item.get("DefaultValue") for item in committed_scoring["Parameters"]}
    assert {name for name, value in defaults.items() if value is None} == {"DatasetUri", *DEPLOYED}
    assert (defaults["ModelVersion"], defaults["DriftThreshold"]) == ("approved", 0.25)


@pytest.mark.parametrize("name", OWN_JOBS)
def test_job_is_in_the_code_asset_and_accepts_its_arguments(
    scoring: dict[str, dict[str, Any]], name: str
) -> None:
    step = scoring[name]
    assert step["Arguments"]["AppSpecification"]["ContainerEntrypoint"][2] == OWN_JOBS[name]
    options = _options(step)
    read = {key: path for key, path in _inputs(step).items() if key != "code"}
    assert {key: str(getattr(options, key)) for key in read} == read
    assert {item["LocalPath"] for item in _outputs(step).values()} == {
        f"{options.output}/{key}" for key in _outputs(step)
    }


def test_only_find_model_has_a_network(scoring: dict[str, dict[str, Any]]) -> None:
    open_ones = {
        name
        for name, step in scoring.items()
        if step["Type"] == "Processing"
        and not step["Arguments"]["NetworkConfig"]["EnableNetworkIsolation"]
    }
    assert open_ones == {"FindModel"}
    assert scoring["CreateModel"]["Arguments"]["EnableNetworkIsolation"] is True


def test_model_and_format_are_those_of_the_found_version(
    scoring: dict[str, dict[str, Any]],
) -> None:
    def of_version(path: str) -> dict[str, Any]:
        file = {"Get": "Steps.FindModel.PropertyFiles.Version"}
        return {"Std:JsonGet": {"Path": path, "PropertyFile": file}}

    assert scoring["CreateModel"]["Arguments"]["PrimaryContainer"] == {
        "Image": of_version("image"),
        "ModelDataUrl": of_version("model_uri"),
    }
    transformed = scoring["Transform"]["Arguments"]["TransformInput"]
    assert transformed["ContentType"] == of_version("feature_format")


def test_transform_differs_from_the_training_pipelines_only_in_its_input(
    scoring: dict[str, dict[str, Any]], steps: dict[str, Any]
) -> None:
    of_training = steps["Transform"]["Arguments"]
    of_scoring = scoring["Transform"]["Arguments"]
    assert {key for key in of_training if of_training[key] != of_scoring[key]} == {"TransformInput"}


def test_only_scores_and_drift_are_kept(scoring: dict[str, dict[str, Any]]) -> None:
    places = {
        name: output["S3Uri"]["Std:Join"]["Values"][1]
        for step in scoring.values()
        if step["Type"] == "Processing"
        for name, output in _outputs(step).items()
    }
    assert {name for name, place in places.items() if place == "scores"} == {"scores", "drift"}
    assert set(places.values()) == {"scores", "executions"}


def test_scores_are_never_those_of_earlier_reviews_or_of_an_earlier_version(
    scoring: dict[str, dict[str, Any]],
) -> None:
    assert [name for name, step in scoring.items() if "CacheConfig" in step] == []


def test_prepare_reads_the_reviews_in_place(scoring: dict[str, dict[str, Any]]) -> None:
    inputs = scoring["Prepare"]["Arguments"]["ProcessingInputs"]
    uris = {item["InputName"]: item["S3Input"]["S3Uri"] for item in inputs}
    assert uris["raw"] == {"Get": "Parameters.DatasetUri"}


def test_no_more_than_four_jobs_run(scoring: dict[str, dict[str, Any]]) -> None:
    jobs = [name for name, step in scoring.items() if step["Type"] in ("Processing", "Transform")]
    assert jobs == ["FindModel", "Prepare", "Transform", "Join"]


def _of_drift(path: str) -> dict[str, Any]:
    file = {"Get": "Steps.Join.PropertyFiles.Drift"}
    return {"Std:JsonGet": {"Path": path, "PropertyFile": file}}


def _gate(scoring: dict[str, dict[str, Any]]) -> dict[str, Any]:
    [gate] = scoring["DriftKnown"]["Arguments"]["IfSteps"]
    assert gate["Name"] == "DriftGate"
    arguments: dict[str, Any] = gate["Arguments"]
    return arguments


def test_drift_above_the_threshold_fails_with_the_largest_measure(
    scoring: dict[str, dict[str, Any]],
) -> None:
    gate = _gate(scoring)
    assert gate["Conditions"] == [
        {
            "Type": "LessThanOrEqualTo",
            "LeftValue": _of_drift(names.MAX_DRIFT),
            "RightValue": {"Get": "Parameters.DriftThreshold"},
        }
    ]
    assert gate["IfSteps"] == []
    [drifted] = gate["ElseSteps"]
    values = drifted["Arguments"]["ErrorMessage"]["Std:Join"]["Values"]
    assert _of_drift(names.MAX_DRIFT) in values
    assert _of_drift(names.MAX_DRIFT_MEASURE) in values
    assert {"Get": "Parameters.DriftThreshold"} in values


def test_unknown_drift_fails_with_the_reason_and_is_not_compared_with_the_threshold(
    scoring: dict[str, dict[str, Any]],
) -> None:
    known = scoring["DriftKnown"]["Arguments"]
    assert known["Conditions"] == [
        {
            "Type": "Equals",
            "LeftValue": _of_drift(names.DRIFT_STATUS),
            "RightValue": names.DRIFT_MEASURED,
        }
    ]
    [unknown] = known["ElseSteps"]
    assert (unknown["Name"], unknown["Type"]) == ("DriftUnknown", "Fail")
    values = unknown["Arguments"]["ErrorMessage"]["Std:Join"]["Values"]
    assert _of_drift(names.DRIFT_REASON) in values
    assert _of_drift(names.MAX_DRIFT) not in values


def test_model_is_in_the_vpc_of_the_settings() -> None:
    settings = PipelineSettings(subnets=("subnet-01234567",), security_groups=("sg-01234567",))
    definition = render_score(settings)
    [model] = [step for step in json.loads(definition)["Steps"] if step["Name"] == "CreateModel"]
    assert model["Arguments"]["VpcConfig"] == {
        "SecurityGroupIds": ["sg-01234567"],
        "Subnets": ["subnet-01234567"],
    }
    assert problems(definition) == []
