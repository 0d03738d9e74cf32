"""Settings that change the graph: a champion to compare with, a dataset in S3, a cluster."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from local_runner.definition.parsing import parse
from local_runner.plan import make_plan
from operations.aws.maintenance.resource_requirements import images
from pipeline_steps.presets import PRESETS
from pipeline_steps.render import render
from pipeline_steps.settings import PipelineSettings
from processing.jobs import champion, evaluate
from processing.names import JOBS, REQUIRED_PATH
from tests.support.clean_room import ROOT
from tests.support.deployed import DEPLOYED
from validation.definition import problems

CHOICES = {
    "champion": PipelineSettings(champion_margin=0.005),
    "in place": PipelineSettings(dataset_uri="s3://reviews/imdb.tar.gz"),
    "no_network": PipelineSettings(no_network=True, dataset_uri="s3://reviews/imdb.tar.gz"),
    "spark": PipelineSettings(processing_engine="spark"),
    "spark in place": PipelineSettings(processing_engine="spark", dataset_uri="raw/reviews/"),
}
ORDINARY = [
    *("Download", "Preprocess", "Train", "CreateModel", "Package", "Transform", "Evaluate"),
    "QualityGate",
]


@cache
def definition(name: str) -> str:
    return render(CHOICES[name])


def steps(name: str) -> dict[str, Any]:
    return {step["Name"]: step for step in json.loads(definition(name))["Steps"]}


def parameters(name: str) -> dict[str, Any]:
    return {item["Name"]: item for item in json.loads(definition(name))["Parameters"]}


def isolated(step: dict[str, Any]) -> bool:
    arguments = step["Arguments"]
    return bool(arguments.get("NetworkConfig", arguments).get("EnableNetworkIsolation"))


@pytest.mark.parametrize("name", CHOICES)
def test_definition_is_valid(name: str) -> None:
    assert problems(definition(name)) == []


def test_default_settings_have_no_champion_and_no_spark(committed: dict[str, Any]) -> None:
    assert [step["Name"] for step in committed["Steps"]] == ORDINARY
    assert "hampion" not in json.dumps(committed)
    assert "park" not in json.dumps(committed)


# --- champion ---


def test_evaluate_depends_on_champion() -> None:
    found = make_plan(
        parse(definition("champion")),
        {},
        DEPLOYED,
    )
    [evaluated] = [planned for planned in found.steps if planned.step.name == "Evaluate"]
    assert evaluated.depends_on == ("Champion", "Package", "Preprocess", "Transform")


def test_champion_is_not_cached() -> None:
    assert "CacheConfig" not in steps("champion")["Champion"]


def test_only_download_and_champion_have_a_network() -> None:
    jobs = {name: step for name, step in steps("champion").items() if step["Type"] == "Processing"}
    assert [name for name, step in jobs.items() if not isolated(step)] == ["Download", "Champion"]


def test_champion_and_evaluate_accept_their_arguments() -> None:
    # Values of parameters; provenance is name=value.
    values = {
        "Parameters.ChampionMargin": "0.005",
        "Parameters.GateMetric": "f1",
        "Parameters.GateThreshold": "0.85",
        "Parameters.DatasetUri": "s3://bucket/reviews.csv",
    }

    def given(name: str) -> list[str]:
        application = steps("champion")[name]["Arguments"]["AppSpecification"]
        return [resolved(word) for word in application["ContainerArguments"]]

    def resolved(word: Any) -> str:
        if isinstance(word, str):
            return word
        inner = word.get("Std:Join", {}).get("Values", [word])
        found = next((item.get("Get", "") for item in inner if isinstance(item, dict)), "")
        return values.get(found, "name=value")

    looked_up = champion.parser().parse_args(given("Champion"))
    evaluated = evaluate.parser().parse_args(given("Evaluate"))
    inputs = steps("champion")["Evaluate"]["Arguments"]["ProcessingInputs"]
    mounted = {item["InputName"]: item["S3Input"]["LocalPath"] for item in inputs}
    assert str(looked_up.output).endswith("/output/champion")
    assert mounted["champion"] == str(evaluated.champion)
    assert (evaluated.champion_margin, evaluated.gate_metric) == (0.005, "f1")
    assert (evaluated.gate_threshold, evaluated.dataset) == (0.85, "s3://bucket/reviews.csv")


def test_champion_margin_is_a_parameter_with_the_setting_as_default() -> None:
    assert parameters("champion")["ChampionMargin"]["DefaultValue"] == 0.005


def test_champion_margin_of_zero_adds_the_champion() -> None:
    definition = json.loads(render(PipelineSettings(champion_margin=0.0)))
    assert "Champion" in [step["Name"] for step in definition["Steps"]]


def test_gate_requires_threshold_and_champions_metric() -> None:
    threshold, required = steps("champion")["QualityGate"]["Arguments"]["Conditions"]
    assert threshold["RightValue"] == {"Get": "Parameters.GateThreshold"}
    assert required["RightValue"]["Std:JsonGet"]["Path"] == REQUIRED_PATH
    assert {item["Type"] for item in (threshold, required)} == {"GreaterThanOrEqualTo"}
    assert threshold["LeftValue"] == required["LeftValue"]


def test_rejection_message_names_both_requirements() -> None:
    [reject] = steps("champion")["QualityGate"]["Arguments"]["ElseSteps"]
    message = json.dumps(reject["Arguments"]["ErrorMessage"])
    assert all(
        part in message for part in ("Parameters.GateThreshold", REQUIRED_PATH, "ChampionMargin")
    )


# --- a dataset in S3 ---


@pytest.mark.parametrize("name", ["in place", "no_network", "spark in place"])
def test_dataset_in_s3_is_read_by_preprocess_without_download(name: str) -> None:
    found = steps(name)
    assert list(found) == ORDINARY[1:]
    inputs = found["Preprocess"]["Arguments"]["ProcessingInputs"]
    [raw] = [item["S3Input"] for item in inputs if item["InputName"] == "raw"]
    assert raw["S3Uri"] == {"Get": "Parameters.DatasetUri"}
    assert parameters(name)["DatasetUri"]["DefaultValue"] == CHOICES[name].dataset_uri


@pytest.mark.parametrize("name", ["in place", "no_network"])
def test_every_job_is_isolated_without_download(name: str) -> None:
    found = steps(name).values()
    jobs = [step for step in found if step["Type"] in ("Processing", "Training", "Model")]
    assert all(map(isolated, jobs))


@pytest.mark.parametrize("name", CHOICES)
def test_no_output_is_a_prefix_of_another(name: str) -> None:
    # An input is a prefix of keys: that of an output "test" would include an output "test2".
    found = {json.dumps(uri)[:-1] for uri in uris_of_execution(json.loads(definition(name)))}
    assert len(found) > 8
    assert [(a, b) for a in found for b in found if a != b and b.startswith(a.rstrip('"'))] == []


def uris_of_execution(value: Any) -> Iterator[list[Any]]:
    """Yield the parts of all URIs that contain the execution's ID."""
    if isinstance(value, dict):
        parts = value.get("Std:Join", {}).get("Values", [])
        if {"Get": "Execution.PipelineExecutionId"} in parts and len(parts) > 2:
            yield parts
        value = list(value.values())
    for item in value if isinstance(value, list) else ():
        yield from uris_of_execution(item)


# --- processing_engine ---


def test_spark_changes_only_image_and_resources_of_preprocess(
    committed: dict[str, Any],
) -> None:
    [alone] = [step for step in committed["Steps"] if step["Name"] == "Preprocess"]
    cluster = steps("spark")["Preprocess"]["Arguments"]
    for key in ("ProcessingInputs", "ProcessingOutputConfig", "RoleArn", "StoppingCondition"):
        assert cluster[key] == alone["Arguments"][key]
    application = cluster["AppSpecification"]
    assert (
        application["ContainerArguments"]
        == alone["Arguments"]["AppSpecification"]["ContainerArguments"]
    )
    assert application["ImageUri"].endswith("/sagemaker-spark-processing:3.5-cpu-py312-v1.3")
    resources = cluster["ProcessingResources"]["ClusterConfig"]
    assert resources["InstanceCount"] == {"Get": "Parameters.SparkInstanceCount"}
    assert resources["InstanceType"] == {"Get": "Parameters.SparkInstanceType"}


def test_operators_may_check_every_image() -> None:
    policy = (ROOT / "operations" / "policy.json").read_text(encoding="utf-8")
    repositories = {image.repository for image in images(definition("spark"))}
    assert "sagemaker-spark-processing" in repositories
    assert [name for name in repositories if f':repository/{name}"' not in policy] == []


def test_spark_job_is_in_the_code_asset() -> None:
    application = steps("spark")["Preprocess"]["Arguments"]["AppSpecification"]
    python, _, job = application["ContainerEntrypoint"]
    assert python == "python3"
    assert JOBS[job] == "processing.spark.submit"


def test_every_instance_of_the_cluster_has_the_whole_dataset() -> None:
    # Executors read it at the same path as the driver.
    inputs = steps("spark")["Preprocess"]["Arguments"]["ProcessingInputs"]
    assert {item["S3Input"]["S3DataDistributionType"] for item in inputs} == {"FullyReplicated"}


def test_only_download_and_the_cluster_have_a_network() -> None:
    jobs = {name: step for name, step in steps("spark").items() if step["Type"] == "Processing"}
    assert [name for name, step in jobs.items() if not isolated(step)] == ["Download", "Preprocess"]


def test_only_preprocess_runs_on_the_cluster(committed: dict[str, Any]) -> None:
    alone = {step["Name"]: step for step in committed["Steps"]}
    cluster = steps("spark")
    assert [name for name in ORDINARY if cluster[name] != alone[name]] == ["Preprocess"]


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_every_preset_has_the_same_parameters_on_spark(preset: str) -> None:
    def parameters(**settings: Any) -> dict[str, Any]:
        rendered = json.loads(render(PipelineSettings(preset=preset, **settings)))
        return {item["Name"]: item for item in rendered["Parameters"]}

    on_spark = parameters(processing_engine="spark")
    alone = parameters()
    assert {name: on_spark[name] for name in alone} == alone


def test_instances_of_the_cluster_are_parameters() -> None:
    settings = PipelineSettings(processing_engine="spark", spark_instance_type="ml.r5.4xlarge")
    found = {item["Name"]: item for item in json.loads(render(settings))["Parameters"]}
    assert found["SparkInstanceType"]["DefaultValue"] == "ml.r5.4xlarge"
    assert found["SparkInstanceCount"]["DefaultValue"] == 2
    assert found["ProcessingInstanceType"]["DefaultValue"] == "ml.m5.large"


# --- DatasetVersion ---


@pytest.mark.parametrize(("name", "reader"), [("champion", "Download"), ("in place", "Preprocess")])
def test_step_cache_compares_the_datasets_version_in_the_step_that_reads_it(
    name: str, reader: str
) -> None:
    with_version = {
        step for step, its in steps(name).items() if "DatasetVersion" in json.dumps(its)
    }
    assert with_version == {reader}
    variables = steps(name)[reader]["Arguments"]["Environment"].values()
    assert {"Get": "Parameters.DatasetVersion"} in variables
