"""Refusals, in the plan and by step and field, of parts that local runs don't support."""

from __future__ import annotations

from typing import Any

import pytest

from local_runner.definition.model import OTHER_TYPES
from local_runner.errors import DefinitionError
from local_runner.refusals import notes
from tests.support.runner_samples import (
    SKLEARN,
    XGBOOST,
    Document,
    condition,
    document,
    parameter,
    planned,
    processing,
)


def step(kind: str, name: str = "A", **arguments: Any) -> Document:
    return {"Name": name, "Type": kind, "Arguments": arguments}


def channel(**keys: Any) -> Document:
    source = keys.pop("source", {"S3DataSource": {"S3Uri": "s3://b/x"}})
    return step(
        "Training",
        AlgorithmSpecification={"TrainingImage": XGBOOST},
        InputDataConfig=[{"ChannelName": "c", "DataSource": source, **keys}],
        OutputDataConfig={"S3OutputPath": "s3://b/models"},
    )


def processing_input(**keys: Any) -> Document:
    return step("Processing", ProcessingInputs=[{"InputName": "x", **keys}])


def transform(split: Any = "Line", assemble: str | None = "Line", **keys: Any) -> Document:
    return step(
        "Transform",
        TransformInput={"SplitType": split},
        TransformOutput={"AssembleWith": assemble} if assemble else {},
        **keys,
    )


def refusal_of(*steps: Document, parameters: tuple[Document, ...] = ()) -> str:
    with pytest.raises(DefinitionError) as refusal:
        planned(document(*steps, parameters=parameters))
    return str(refusal.value)


def xgboost(channel: Document | None = None, **hyperparameters: Any) -> Document:
    return step(
        "Training",
        AlgorithmSpecification={"TrainingImage": XGBOOST},
        HyperParameters={"num_round": "5", **hyperparameters},
        InputDataConfig=[channel] if channel else [],
        OutputDataConfig={"S3OutputPath": "s3://b/models"},
    )


REFUSED = {
    "path outside /opt/ml": (
        processing_input(S3Input={"S3Uri": "s3://b/x", "LocalPath": "data/x"}),
        "ProcessingInputs['x'].S3Input.LocalPath 'data/x'",
    ),
    "path outside /opt/ml/processing": (
        processing_input(S3Input={"S3Uri": "s3://b/x", "LocalPath": "/opt/ml/input/x"}),
        "ProcessingInputs['x'].S3Input.LocalPath '/opt/ml/input/x'",
    ),
    "path that leads out of /opt/ml": (
        processing_input(S3Input={"S3Uri": "s3://b/x", "LocalPath": "/opt/ml/../x"}),
        "ProcessingInputs['x'].S3Input.LocalPath '/opt/ml/../x'",
    ),
    "no path": (
        processing_input(S3Input={"S3Uri": "s3://b/x"}),
        "ProcessingInputs['x'].S3Input.LocalPath is missing",
    ),
    "manifest": (
        channel(source={"S3DataSource": {"S3DataType": "ManifestFile"}}),
        "InputDataConfig['c'].DataSource.S3DataSource.S3DataType 'ManifestFile'",
    ),
    "augmented manifest": (
        channel(source={"S3DataSource": {"S3DataType": "AugmentedManifestFile"}}),
        "InputDataConfig['c'].DataSource.S3DataSource.S3DataType 'AugmentedManifestFile'",
    ),
    "file system": (
        channel(source={"FileSystemDataSource": {"FileSystemId": "fs-1"}}),
        "InputDataConfig['c'].DataSource.FileSystemDataSource isn't",
    ),
    "pipe mode": (channel(InputMode="Pipe"), "InputDataConfig['c'].InputMode 'Pipe'"),
    "record wrapper": (channel(RecordWrapperType="RecordIO"), "RecordWrapperType 'RecordIO'"),
    "dataset definition": (
        processing_input(DatasetDefinition={"LocalPath": "/opt/ml/processing/x"}),
        "ProcessingInputs['x'].DatasetDefinition isn't",
    ),
    "manifest of a processing job": (
        processing_input(S3Input={"S3DataType": "ManifestFile"}),
        "ProcessingInputs['x'].S3Input.S3DataType 'ManifestFile'",
    ),
    "feature store": (
        step(
            "Processing",
            ProcessingOutputConfig={"Outputs": [{"OutputName": "o", "FeatureStoreOutput": {}}]},
        ),
        "ProcessingOutputConfig.Outputs['o'].FeatureStoreOutput isn't",
    ),
    "split of records": (transform("TFRecord"), "TransformInput.SplitType 'TFRecord'"),
    "no program": (
        step("Processing", AppSpecification={"ImageUri": SKLEARN}),
        "ContainerEntrypoint is missing",
    ),
    "custom image without a program": (
        step("Processing", AppSpecification={"ImageUri": "1.dkr.ecr/mine:latest"}),
        "no emulation of the image '1.dkr.ecr/mine:latest'",
    ),
    "instances of a tuning job": (
        step(
            "Tuning",
            TrainingJobDefinition={"HyperParameterTuningResourceConfig": {"InstanceConfigs": []}},
        ),
        "TrainingJobDefinition.HyperParameterTuningResourceConfig.InstanceConfigs isn't",
    ),
    "multi-model": (
        step("Model", PrimaryContainer={"Mode": "MultiModel", "Image": XGBOOST}),
        "PrimaryContainer.Mode 'MultiModel'",
    ),
    "uncompressed model": (
        step("Model", PrimaryContainer={"ModelDataSource": {}, "Image": XGBOOST}),
        "PrimaryContainer.ModelDataSource isn't",
    ),
    "inference pipeline": (
        step("Model", Containers=[{"Image": SKLEARN}, {"Image": XGBOOST}]),
        "Containers: local models have one container, got 2",
    ),
    "marketplace algorithm": (
        step("Training", AlgorithmSpecification={"AlgorithmName": "arn"}),
        "AlgorithmSpecification.AlgorithmName 'arn'",
    ),
    "GPU": (xgboost(tree_method="gpu_hist"), "tree_method gpu_hist: local runs"),
    "Dask": (xgboost(use_dask_gpu_training="true"), "use_dask_gpu_training true: local runs"),
    "Parquet for XGBoost": (
        xgboost({"ChannelName": "train", "ContentType": "application/x-parquet"}),
        "channel train: local runs don't read application/x-parquet",
    ),
}


@pytest.mark.parametrize(("refused", "words"), REFUSED.values(), ids=REFUSED)
def test_unsupported_field_is_refused_by_step_and_field(refused: Document, words: str) -> None:
    message = refusal_of(condition("Gate", if_steps=(refused,)))
    assert message.startswith("step A: ")
    assert words in message


@pytest.mark.parametrize("kind", OTHER_TYPES)
def test_unsupported_step_type_is_refused_whatever_its_keys(kind: str) -> None:
    unsupported = {**step(kind, "Check", Some="argument"), "SkipCheck": False}
    message = refusal_of(unsupported)
    assert "step Check: " in message
    assert kind in message


def test_value_of_a_parameter_is_refused_like_a_literal_one() -> None:
    mode = parameter("Mode", DefaultValue="Pipe")
    message = refusal_of(channel(InputMode={"Get": "Parameters.Mode"}), parameters=(mode,))
    assert "InputDataConfig['c'].InputMode 'Pipe'" in message


def test_hyperparameters_of_a_script_are_its_own() -> None:
    source = "s3://b/source.tar.gz"
    script = xgboost(
        sagemaker_program="train.py", sagemaker_submit_directory=source, eval_metric="f1"
    )
    plan = planned(document(script))
    assert [it.step.name for it in plan.steps] == ["A"]


def test_value_that_is_known_only_when_the_step_starts_is_not_refused() -> None:
    later = {"Get": "Steps.First.ProcessingJobName"}
    plan = planned(document(processing("First"), channel(InputMode=later)))
    assert [it.step.name for it in plan.steps] == ["First", "A"]


def test_all_refusals_of_a_plan_are_in_one_message() -> None:
    message = refusal_of(step("EMR", "Spark"), channel(InputMode="Pipe", ShuffleConfig={"Seed": 1}))
    assert message == (
        "step Spark: local runs don't support the step type EMR; remove the step, or select "
        "others with --only, --from or --until; "
        "step A: InputDataConfig['c'].InputMode 'Pipe' isn't supported by local runs; "
        "use 'File' or 'FastFile'; "
        "step A: InputDataConfig['c'].ShuffleConfig isn't supported by local runs; leave it out"
    )


def test_fast_file_mode_that_runs_as_files_is_noted() -> None:
    plan = planned(document(channel(InputMode="FastFile"), processing("Other")))
    assert list(notes(plan)) == ["step A: InputDataConfig['c'].InputMode FastFile runs as File"]
