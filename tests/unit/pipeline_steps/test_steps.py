"""The committed definition's steps: requests, arguments of jobs, and references to each other."""

from __future__ import annotations

import argparse
import importlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from local_runner.definition.parsing import parse
from local_runner.plan import make_plan
from pipeline_steps.settings import PipelineSettings
from processing import names
from tests.support.deployed import DEPLOYED

Resolve = Callable[[Any], Any]
Steps = dict[str, dict[str, Any]]

PROCESSING = ("Download", "Preprocess", "Package", "Evaluate")
JOBS = (*PROCESSING, "Train", "CreateModel", "Transform", "RegisterModel")


def _isolated(step: dict[str, Any]) -> Any:
    arguments = step["Arguments"]
    owner = arguments.get("NetworkConfig", arguments) if step["Type"] == "Processing" else arguments
    return owner.get("EnableNetworkIsolation")


def _options(steps: Steps, name: str, by_defaults: Resolve) -> argparse.Namespace:
    arguments = by_defaults(steps[name]["Arguments"]["AppSpecification"]["ContainerArguments"])
    job = importlib.import_module(f"processing.jobs.{name.lower()}")
    options: argparse.Namespace = job.parser().parse_args(arguments)
    return options


def _mounts(step: dict[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """Local paths of inputs and of outputs, by name."""
    arguments = step["Arguments"]
    inputs = {
        item["InputName"]: item["S3Input"]["LocalPath"] for item in arguments["ProcessingInputs"]
    }
    outputs = {
        item["OutputName"]: item["S3Output"]["LocalPath"]
        for item in arguments["ProcessingOutputConfig"]["Outputs"]
    }
    return inputs, outputs


def test_steps_are_those_of_the_article_in_order(committed: dict[str, Any], steps: Steps) -> None:
    top = [step["Name"] for step in committed["Steps"]]
    assert top == [
        *("Download", "Preprocess", "Train", "CreateModel", "Package", "Transform", "Evaluate"),
        "QualityGate",
    ]
    gate = steps["QualityGate"]["Arguments"]
    assert [step["Name"] for step in gate["IfSteps"]] == ["RegisterModel"]
    assert [step["Name"] for step in gate["ElseSteps"]] == ["Reject"]


@pytest.mark.parametrize("name", JOBS)
def test_every_step_that_calls_the_service_is_retried(steps: Steps, name: str) -> None:
    exceptions = {
        exception
        for policy in steps[name]["RetryPolicies"]
        for exception in policy["ExceptionType"]
    }
    assert {"Step.SERVICE_FAULT", "Step.THROTTLING"} <= exceptions


@pytest.mark.parametrize("name", [*PROCESSING, "Train", "Transform"])
def test_every_job_is_retried_for_lack_of_capacity(steps: Steps, name: str) -> None:
    exceptions = {
        exception
        for policy in steps[name]["RetryPolicies"]
        for exception in policy["ExceptionType"]
    }
    assert {
        "SageMaker.JOB_INTERNAL_ERROR",
        "SageMaker.CAPACITY_ERROR",
        "SageMaker.RESOURCE_LIMIT",
    } <= exceptions


def test_only_download_may_reach_the_internet(steps: Steps) -> None:
    # A transform job is isolated by its model, here CreateModel.
    jobs = (*PROCESSING, "Train", "CreateModel")
    assert {name for name in jobs if _isolated(steps[name]) is not True} == {"Download"}
    assert _isolated(steps["Download"]) is False


def test_cached_steps_are_those_whose_arguments_determine_their_outputs(steps: Steps) -> None:
    cached = {name for name, step in steps.items() if "CacheConfig" in step}
    assert cached == {"Download", "Preprocess", "Train", "Package"}
    assert all(steps[name]["CacheConfig"]["Enabled"] is True for name in cached)


def test_hyperparameters_are_those_of_the_article_as_strings(
    steps: Steps, by_defaults: Resolve
) -> None:
    assert by_defaults(steps["Train"]["Arguments"]["HyperParameters"]) == {
        "objective": "binary:logistic",
        "max_depth": "5",
        "eta": "0.2",
        "gamma": "4.0",
        "min_child_weight": "6.0",
        "subsample": "0.8",
        "colsample_bytree": "1.0",
        "num_round": "500",
        "early_stopping_rounds": "10",
        "eval_metric": "error,logloss",
        "seed": "0",
    }


def test_every_hyperparameter_except_objective_is_a_parameter(steps: Steps) -> None:
    given = steps["Train"]["Arguments"]["HyperParameters"]
    assert {name for name, value in given.items() if isinstance(value, str)} == {"objective"}


@pytest.mark.parametrize("name", PROCESSING)
def test_job_runs_the_entry_point_of_its_name_in_the_mounted_code(
    steps: Steps, by_defaults: Resolve, name: str
) -> None:
    specification = steps[name]["Arguments"]["AppSpecification"]
    code = steps[name]["Arguments"]["ProcessingInputs"][0]["S3Input"]

    entry = by_defaults(specification["ContainerEntrypoint"])

    assert entry == ["python3", f"{code['LocalPath']}/code.pyz", name.lower()]
    assert by_defaults(code["S3Uri"]) == "s3://assets/code.pyz"


@pytest.mark.parametrize("name", PROCESSING)
def test_mounted_paths_are_those_of_processing_names(steps: Steps, name: str) -> None:
    inputs, outputs = _mounts(steps[name])
    assert inputs == {key: names.input_path(key) for key in inputs}
    assert outputs == {key: names.output_path(key) for key in outputs}


def test_download_accepts_its_arguments(steps: Steps, by_defaults: Resolve) -> None:
    options = _options(steps, "Download", by_defaults)
    _, outputs = _mounts(steps["Download"])

    assert options.uri == "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz"
    assert str(options.output) == outputs["raw"]


def test_preprocess_accepts_its_arguments(steps: Steps, by_defaults: Resolve) -> None:
    options = _options(steps, "Preprocess", by_defaults)
    inputs, outputs = _mounts(steps["Preprocess"])

    assert str(options.raw) == inputs["raw"]
    assert set(outputs.values()) == {
        f"{options.output}/{folder}"
        for folder in (
            *("train", "validation", "test", "labels", "rows"),
            *("vocabulary", "manifest"),
        )
    }
    assert (options.text_column, options.label_column, options.id_column) == ("auto", "auto", "id")
    assert (options.positive_label, options.test_fraction) == ("auto", 0.2)
    assert options.features == "stems"
    assert (options.vocabulary_size, options.validation_fraction) == (5_000, 0.4)
    assert (options.feature_format, options.training_parts) == ("text/libsvm", 1)
    assert options.seed == 0


def test_evaluate_accepts_its_arguments(steps: Steps, by_defaults: Resolve) -> None:
    options = _options(steps, "Evaluate", by_defaults)
    inputs, outputs = _mounts(steps["Evaluate"])

    read = (
        *("predictions", "labels", "rows", "train", "validation"),
        *("vocabulary", "manifest", "package"),
    )
    assert {name: str(getattr(options, name)) for name in read} == {
        name: path for name, path in inputs.items() if name != "code"
    }
    assert options.gate_metric == "accuracy"
    assert dict(options.provenance).items() >= {"eta": "0.2", "commit": "unknown"}.items()
    assert outputs == {"evaluation": f"{options.output}/evaluation"}


def test_feature_formats_of_the_parameter_are_those_that_preprocess_writes(
    committed: dict[str, Any],
) -> None:
    from processing.features.writer import FORMATS

    parameter = {item["Name"]: item for item in committed["Parameters"]}["FeatureFormat"]
    assert set(parameter["EnumValues"]) == set(FORMATS)


def test_only_outputs_that_a_version_refers_to_are_kept(steps: Steps, by_defaults: Resolve) -> None:
    places = {
        output["OutputName"]: by_defaults(output["S3Output"]["S3Uri"])
        for name in PROCESSING
        for output in steps[name]["Arguments"]["ProcessingOutputConfig"]["Outputs"]
    }
    places["model"] = by_defaults(steps["Train"]["Arguments"]["OutputDataConfig"]["S3OutputPath"])
    places["predictions"] = by_defaults(
        steps["Transform"]["Arguments"]["TransformOutput"]["S3OutputPath"]
    )
    of_model = {"evaluation", "manifest", "model", "package", "vocabulary"}
    folder = {name: "models" if name in of_model else "executions" for name in places}
    assert len(places) == 12
    assert all(
        place.startswith(f"s3://bucket/{folder[name]}/Execution.PipelineExecutionId/")
        for name, place in places.items()
    )
    assert len(set(places.values())) == len(places)


@pytest.mark.parametrize("name", ["Package", "Evaluate"])
def test_jobs_that_read_the_model_run_in_the_image_that_trains(steps: Steps, name: str) -> None:
    trained = steps["Train"]["Arguments"]["AlgorithmSpecification"]["TrainingImage"]
    assert steps[name]["Arguments"]["AppSpecification"]["ImageUri"] == trained


def test_provenance_contains_all_hyperparameters_and_the_image(
    steps: Steps, by_defaults: Resolve
) -> None:
    options = _options(steps, "Evaluate", by_defaults)
    provenance = dict(options.provenance)
    assert provenance.items() >= by_defaults(steps["Train"]["Arguments"]["HyperParameters"]).items()
    assert (
        provenance["image"]
        == steps["Train"]["Arguments"]["AlgorithmSpecification"]["TrainingImage"]
    )


def test_gate_compares_the_metric_with_the_threshold(steps: Steps) -> None:
    [condition] = steps["QualityGate"]["Arguments"]["Conditions"]
    assert condition == {
        "Type": "GreaterThanOrEqualTo",
        "LeftValue": {
            "Std:JsonGet": {
                "Path": names.MEASURED_PATH,
                "PropertyFile": {"Get": "Steps.Evaluate.PropertyFiles.EvaluationReport"},
            }
        },
        "RightValue": {"Get": "Parameters.GateThreshold"},
    }


def test_gate_reads_the_file_that_evaluate_writes(steps: Steps) -> None:
    assert steps["Evaluate"]["PropertyFiles"][0] == {
        "PropertyFileName": "EvaluationReport",
        "OutputName": names.EVALUATION,
        "FilePath": names.EVALUATION_FILE,
    }


def test_rejection_message_contains_metric_and_threshold(steps: Steps) -> None:
    values = steps["Reject"]["Arguments"]["ErrorMessage"]["Std:Join"]["Values"]
    measured = [value for value in values if isinstance(value, dict) and "Std:JsonGet" in value]
    assert [value["Std:JsonGet"]["Path"] for value in measured] == [names.MEASURED_PATH]
    assert {"Get": "Parameters.GateThreshold"} in values


def test_registered_version_has_model_metrics_and_vocabulary(
    steps: Steps, by_defaults: Resolve
) -> None:
    arguments = by_defaults({**steps["RegisterModel"]["Arguments"], "ModelCard": None})
    [container] = arguments["InferenceSpecification"]["Containers"]
    statistics = arguments["ModelMetrics"]["ModelQuality"]["Statistics"]

    assert arguments["ModelPackageGroupName"] == "group"
    assert arguments["ModelApprovalStatus"] == "PendingManualApproval"
    package = "Steps.Package.ProcessingOutputConfig.Outputs.package.S3Output.S3Uri"
    assert container["ModelDataUrl"] == f"{package}/model.tar.gz"
    assert statistics["S3Uri"].endswith(
        f"Outputs.evaluation.S3Output.S3Uri/{names.EVALUATION_FILE}"
    )
    metadata = arguments["CustomerMetadataProperties"]
    assert set(metadata) == {"model", "vocabulary", "manifest"}
    assert metadata["model"] == "Steps.Train.ModelArtifacts.S3ModelArtifacts"
    baselines = {"Statistics": statistics}
    assert arguments["DriftCheckBaselines"] == {
        "ModelDataQuality": baselines,
        "ModelQuality": baselines,
    }
    assert arguments["MetadataProperties"] == {
        "CommitId": names.UNKNOWN_COMMIT,
        "GeneratedBy": "Execution.PipelineExecutionArn",
    }


def test_registered_version_has_the_card_that_evaluate_writes(steps: Steps) -> None:
    file = steps["Evaluate"]["PropertyFiles"][1]
    assert (file["OutputName"], file["FilePath"]) == (names.EVALUATION, names.MODEL_CARD_FILE)
    card = steps["RegisterModel"]["Arguments"]["ModelCard"]
    assert card["ModelCardContent"]["Std:JsonGet"] == {
        "Path": names.MODEL_CARD_CONTENT,
        "PropertyFile": {"Get": f"Steps.Evaluate.PropertyFiles.{file['PropertyFileName']}"},
    }


def test_registered_version_takes_text_and_has_the_variables_that_serve_it(
    steps: Steps,
) -> None:
    specification = steps["RegisterModel"]["Arguments"]["InferenceSpecification"]
    [container] = specification["Containers"]
    assert container["Environment"] == names.Serving.ENVIRONMENT
    assert "text/plain" in specification["SupportedContentTypes"]
    assert "application/json" in specification["SupportedResponseMIMETypes"]


def test_model_of_batch_transform_takes_rows(steps: Steps, by_defaults: Resolve) -> None:
    container = by_defaults(steps["CreateModel"]["Arguments"])["PrimaryContainer"]
    assert container["ModelDataUrl"] == "Steps.Train.ModelArtifacts.S3ModelArtifacts"
    assert container["Environment"] == {}


def test_evaluation_and_gate_wait_for_the_package(committed: dict[str, Any]) -> None:
    waits_for = {
        planned.step.name: planned.depends_on
        for planned in make_plan(parse(json.dumps(committed)), {}, DEPLOYED).steps
    }
    assert waits_for["Package"] == ("Preprocess", "Train")
    assert "Package" in waits_for["Evaluate"]
    assert "Evaluate" in waits_for["QualityGate"]


def test_model_serves_in_the_image_that_trained_it(steps: Steps) -> None:
    trained = steps["Train"]["Arguments"]["AlgorithmSpecification"]["TrainingImage"]
    registered = steps["RegisterModel"]["Arguments"]["InferenceSpecification"]["Containers"][0]
    assert steps["CreateModel"]["Arguments"]["PrimaryContainer"]["Image"] == trained
    assert registered["Image"] == trained


def test_transform_sends_lines_in_requests_that_the_image_accepts(steps: Steps) -> None:
    arguments = steps["Transform"]["Arguments"]
    assert arguments["TransformInput"]["SplitType"] == "Line"
    assert arguments["TransformOutput"]["AssembleWith"] == "Line"
    assert arguments["BatchStrategy"] == "MultiRecord"
    assert arguments["MaxPayloadInMB"] <= 6


def test_committed_definition_has_the_default_settings(steps: Steps) -> None:
    settings = PipelineSettings()
    for name in (*PROCESSING, "Train"):
        seconds = steps[name]["Arguments"]["StoppingCondition"]["MaxRuntimeInSeconds"]
        assert seconds == settings.max_runtime_minutes * 60
    assert steps["Train"]["CacheConfig"]["ExpireAfter"] == f"P{settings.cache_days}D"
