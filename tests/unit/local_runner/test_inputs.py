"""The objects that a plan reads and none of its steps writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from local_runner.definition.parsing import parse
from local_runner.inputs import StepInput, external_inputs, missing_inputs, program_uris
from local_runner.plan import make_plan
from local_runner.platform.object_store import FolderStore
from tests.support.runner_samples import (
    XGBOOST,
    Document,
    compare,
    condition,
    document,
    output_of,
    parameter,
    processing,
    put_object,
)

BUCKET = parameter("Bucket", DefaultValue="bucket")


def joined(*values: Any, on: str = "/") -> Document:
    return {"Std:Join": {"On": on, "Values": list(values)}}


def train(uri: Any, **arguments: Any) -> Document:
    channel = {
        "ChannelName": "train",
        "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}},
    }
    request = {
        "AlgorithmSpecification": {"TrainingImage": XGBOOST, "TrainingInputMode": "File"},
        "InputDataConfig": [channel],
        "OutputDataConfig": {"S3OutputPath": "s3://bucket/models"},
        **arguments,
    }
    return {"Name": "Train", "Type": "Training", "Arguments": request}


def read(*steps: Document, **given: str) -> list[tuple[str, str, str]]:
    text = json.dumps(document(*steps, parameters=(BUCKET,)))
    plan = make_plan(parse(text), given, {})
    return [(item.step, item.name, item.uri) for item in external_inputs(plan)]


def test_literals_parameters_and_joins_are_read() -> None:
    step = processing(
        "Split",
        {
            "literal": "s3://bucket/a",
            "joined": joined("s3:/", {"Get": "Parameters.Bucket"}, "b"),
        },
    )
    assert read(step, Bucket="mine") == [
        ("Split", "literal", "s3://bucket/a"),
        ("Split", "joined", "s3://mine/b"),
    ]


def test_what_another_step_writes_is_not_external() -> None:
    split = processing("Split", outputs={"train": "s3://bucket/out", "test": "s3://bucket/test/"})
    assert read(split, train(output_of("Split", "train"))) == []
    assert read(split, train("s3://bucket/out/part.csv")) == []
    assert read(split, train("s3://bucket/tes")) == []
    assert read(split, train("s3://bucket/out2")) == [("Train", "train", "s3://bucket/out2")]


def test_uris_that_only_an_execution_knows_are_left_out() -> None:
    folder = joined("s3://bucket", {"Get": "Execution.PipelineExecutionId"})
    assert read(train(folder)) == []


def test_scripts_model_archives_and_transform_inputs_are_read() -> None:
    source = '"s3://bucket/code/sourcedir.tar.gz"'
    model = {"Image": XGBOOST, "ModelDataUrl": "s3://bucket/model.tar.gz"}
    transform = {
        "ModelName": {"Get": "Steps.Model.ModelName"},
        "TransformInput": {
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/x"}}
        },
        "TransformOutput": {"S3OutputPath": "s3://bucket/scores"},
    }
    steps = (
        train("s3://bucket/rows", HyperParameters={"sagemaker_submit_directory": source}),
        {"Name": "Model", "Type": "Model", "Arguments": {"PrimaryContainer": model}},
        {"Name": "Transform", "Type": "Transform", "Arguments": transform},
    )
    assert set(read(*steps)) == {
        ("Train", "train", "s3://bucket/rows"),
        ("Train", "sagemaker_submit_directory", "s3://bucket/code/sourcedir.tar.gz"),
        ("Model", "ModelDataUrl", "s3://bucket/model.tar.gz"),
        ("Transform", "TransformInput", "s3://bucket/x"),
    }


def test_inputs_of_steps_in_branches_are_read_once() -> None:
    gate = condition("Gate", compare("Equals", 1, 1), if_steps=(train("s3://bucket/rows"),))
    assert read(gate) == [("Train", "train", "s3://bucket/rows")]


def test_input_is_missing_unless_the_store_has_an_object_with_its_prefix(tmp_path: Path) -> None:
    inputs = [StepInput("Split", "rows", "s3://bucket/raw/rows")]
    store = FolderStore(tmp_path / "s3")
    assert missing_inputs(inputs, store) == inputs
    put_object(tmp_path, "s3://bucket/raw/rows.csv", "1")
    assert missing_inputs(inputs, store) == []


def test_mapped_objects_are_not_missing(tmp_path: Path) -> None:
    inputs = [StepInput("Split", "rows", "s3://bucket/raw")]
    file = tmp_path / "rows.csv"
    file.write_text("1")
    assert missing_inputs(inputs, FolderStore(tmp_path / "s3", {"s3://bucket/raw/1": file})) == []


def test_models_of_a_tuning_job_are_written_by_it() -> None:
    definition = train("s3://bucket/train")["Arguments"]
    tune = {"Name": "Tune", "Type": "Tuning", "Arguments": {"TrainingJobDefinition": definition}}
    steps = (tune, processing("Read", {"models": "s3://bucket/models/"}))
    assert read(*steps) == [("Tune", "train", "s3://bucket/train")]


def test_training_writes_only_to_a_folder_of_its_job() -> None:
    evaluate = processing(
        "Evaluate", {"all": "s3://bucket/models/", "code": "s3://bucket/models/a"}
    )
    assert read(train("s3://bucket/models/code/train.py"), evaluate) == [
        ("Train", "train", "s3://bucket/models/code/train.py"),
        ("Evaluate", "code", "s3://bucket/models/a"),
    ]


def test_registered_version_reads_its_archive_and_not_its_code() -> None:
    container = {
        "Image": XGBOOST,
        "ModelDataUrl": "s3://bucket/model.tar.gz",
        "Environment": {"SAGEMAKER_SUBMIT_DIRECTORY": "s3://bucket/source.tar.gz"},
    }
    request = {
        "ModelPackageGroupName": "g",
        "InferenceSpecification": {"Containers": [container]},
    }
    step = {"Name": "Register", "Type": "RegisterModel", "Arguments": request}
    assert read(step) == [("Register", "ModelDataUrl", "s3://bucket/model.tar.gz")]


def test_programs_get_uris_that_are_neither_inputs_nor_outputs() -> None:
    step = processing("Split", {"rows": "s3://bucket/rows"}, {"parts": "s3://bucket/parts"})
    step["Arguments"]["AppSpecification"]["ContainerArguments"] = [
        "--data",
        {"Std:Join": {"On": "/", "Values": ["s3://bucket", "more.csv"]}},
        "s3://bucket/rows",
        "s3://bucket/parts/1.csv",
        joined("s3://bucket", {"Get": "Execution.PipelineExecutionId"}),
    ]
    step["Arguments"]["Environment"] = {"WORDS": "s3://bucket/words", "MODE": "fast"}
    training = train("s3://bucket/parts", HyperParameters={"init": '"s3://bucket/init"'})
    plan = make_plan(parse(json.dumps(document(step, training))), {}, {})
    assert [(item.step, item.name, item.uri) for item in program_uris(plan)] == [
        ("Split", "argument", "s3://bucket/more.csv"),
        ("Split", "WORDS", "s3://bucket/words"),
        ("Train", "init", "s3://bucket/init"),
    ]
