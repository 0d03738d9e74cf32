"""Packages of AWS's images that scripts import: what they offer in jobs on this machine."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import Any

import pytest

from local_runner.errors import JobFailed
from local_runner.jobs.model_resource import create_model
from local_runner.jobs.training_job import create_training_job
from local_runner.jobs.transform_job import create_transform_job
from local_runner.platform.containers import HostContainer
from local_runner.platform.object_store import FolderStore
from tests.support.runner_samples import SKLEARN, XGBOOST, job_context, model_archive, put_object
from tests.support.xgboost_samples import csv, libsvm, sample

SOURCE = "s3://b/code/sourcedir.tar.gz"

TRAINING = """
import argparse, json, os
import xgboost
from sagemaker_containers import entry_point
from sagemaker_training import environment
from sagemaker_xgboost_container import distributed
from sagemaker_xgboost_container.data_utils import get_dmatrix, get_size

def train(params, matrix, model_dir, is_master):
    booster = xgboost.train(params, matrix, 2)
    if is_master:
        booster.save_model(os.path.join(model_dir, "trees.json"))

if __name__ == "__main__":
    job = environment.Environment()
    folder = job.channel_input_dirs["train"]
    content_type = job.hyperparameters["content_type"]
    matrix = get_dmatrix(folder, content_type)
    assert (get_size(folder) > 0) == (matrix is not None)
    assert get_dmatrix(None, content_type) is None
    hosts = json.loads(os.environ["SM_HOSTS"])
    arguments = {
        "params": {"objective": "binary:logistic", "base_score": 0.5},
        "matrix": matrix,
        "model_dir": job.model_dir,
    }
    if len(hosts) > 1:
        entry_point._wait_hostname_resolution()
        distributed.rabit_run(
            exec_fun=train, args=arguments, include_in_training=matrix is not None, hosts=hosts,
            current_host=os.environ["SM_CURRENT_HOST"], update_rabit_args=True,
        )
    else:
        train(**arguments, is_master=True)
"""


def train(root: Path, files: list[str], content_type: str, hosts: int) -> list[str]:
    """Train with the script on the hosts; return the names of the model's files."""
    put_object(root, SOURCE, model_archive({"train.py": TRAINING.encode()}))
    for number, content in enumerate(files):
        put_object(root, f"s3://b/rows/part-{number}", content)
    source = {
        "S3DataType": "S3Prefix",
        "S3Uri": "s3://b/rows/",
        "S3DataDistributionType": "ShardedByS3Key",
    }
    request = {
        "AlgorithmSpecification": {"TrainingImage": XGBOOST, "TrainingInputMode": "File"},
        "HyperParameters": {
            "content_type": content_type,
            "sagemaker_program": "train.py",
            "sagemaker_submit_directory": SOURCE,
        },
        "InputDataConfig": [{"ChannelName": "train", "DataSource": {"S3DataSource": source}}],
        "OutputDataConfig": {"S3OutputPath": "s3://b/out"},
        "ResourceConfig": {"InstanceCount": hosts},
    }
    described = create_training_job(request, job_context(root, HostContainer()))
    uri = described["ModelArtifacts"]["S3ModelArtifacts"]
    with FolderStore(root / "s3").open(uri) as file, tarfile.open(fileobj=file) as archive:
        return archive.getnames()


@pytest.mark.parametrize(
    ("content_type", "hosts", "parts"),
    [("csv", 1, 2), ("libsvm", 2, 2), ("csv", 2, 1)],
    ids=["one-host", "two-hosts", "host-without-data"],
)
def test_script_reads_its_channel_and_trains_on_the_hosts(
    tmp_path: Path, content_type: str, hosts: int, parts: int
) -> None:
    form = csv if content_type == "csv" else libsvm
    files = [form(sample(40, seed=seed)) for seed in range(parts)]
    assert train(tmp_path, files, content_type, hosts) == ["trees.json"]


def test_content_type_that_is_not_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(JobFailed, match="'parquet'"):
        train(tmp_path, ["1,2\n"], "parquet", 1)


SERVING = """
import json
import xgboost
from sagemaker_containers.beta.framework import (
    content_types, encoders, env, errors, modules, transformer, worker
)
from sagemaker_xgboost_container import encoder as xgb_encoders

def model_fn(model_dir):
    return "model"

def input_fn(content, content_type):
    if content_type != content_types.CSV:
        raise errors.UnsupportedFormatError(content_type)
    matrix = xgb_encoders.csv_to_dmatrix(content.rstrip("\\n"))
    return encoders.decode(content, content_type), matrix.num_row()

def predict_fn(data, model):
    return [*data[0].sum(axis=1), data[1]]

def output_fn(prediction, accept):
    if accept == "application/jsonlines":
        lines = xgb_encoders.json_to_jsonlines({"scores": prediction})
        return worker.Response(lines, mimetype=accept)
    if accept == "text/plain":
        return worker.Response("no text", status=406)
    if accept == "missing":
        return env.TrainingEnv().hosts
    if accept == "modules":
        return modules.import_module("x")
    return worker.Response(encoders.encode(prediction, accept), accept, mimetype=accept)
"""


def score(root: Path, accept: str) -> str:
    put_object(root, SOURCE, model_archive({"inference.py": SERVING.encode()}))
    put_object(root, "s3://b/rows/rows.csv", "1,2\n3,4\n")
    environment = {"SAGEMAKER_PROGRAM": "inference.py", "SAGEMAKER_SUBMIT_DIRECTORY": SOURCE}
    container = {"Image": SKLEARN, "Environment": environment}
    model = create_model(
        {"PrimaryContainer": container}, job_context(root, HostContainer(), "model")
    )
    request: dict[str, Any] = {
        "ModelName": model["ModelName"],
        "TransformInput": {
            "ContentType": "text/csv",
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/rows"}},
        },
        "TransformOutput": {"S3OutputPath": "s3://b/scores", "Accept": accept},
    }
    create_transform_job(request, job_context(root, HostContainer()))
    return FolderStore(root / "s3").path("s3://b/scores/rows.csv.out").read_text()


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("application/json", "[3.0, 7.0, 2]"),
        ("text/csv", "3.0\n7.0\n2.0\n"),
        ("application/jsonlines", "3.0\n7.0\n2\n"),
    ],
)
def test_functions_use_the_encoders_and_responses_of_the_images(
    tmp_path: Path, accept: str, expected: str
) -> None:
    assert score(tmp_path, accept) == expected


@pytest.mark.parametrize(
    ("accept", "named"),
    [("text/plain", "406: no text"), ("missing", "no hosts"), ("modules", "modules.import_module")],
)
def test_refusals_and_missing_parts_are_named(tmp_path: Path, accept: str, named: str) -> None:
    with pytest.raises(JobFailed, match=f"output_fn: .*{named}"):
        score(tmp_path, accept)
