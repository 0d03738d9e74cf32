"""Upload of local datasets to the bucket that executions read."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path

from botocore.exceptions import ClientError

from operations.aws.client import Deployment
from operations.aws.errors import error_code
from operations.datasets import S3, WEB, Dataset, demo, local_dataset
from operations.parameter_ranges import require_accepted_length
from operations.progress import Progress
from processing.names import Parameter

DEMO = "demo"
"""The name of the demo dataset on the command line."""

_FOLDER = "executions/datasets"
"""Prefix of datasets in the bucket; they expire like the outputs of executions."""

_MISSING = ("404", "NoSuchKey", "NotFound")


def upload_dataset(
    deployment: Deployment,
    bucket: str,
    dataset: str,
    progress: Progress,
    *,
    is_labelled: bool = True,
) -> str:
    """Return the ``DatasetUri`` for ``dataset``, after uploading local files that are missing.

    is_labelled: whether a folder of text files must have a folder per class. Raise DatasetError.
    """
    if _is_uploaded(dataset):
        return dataset
    with tempfile.TemporaryDirectory(prefix="sentiment-") as folder:
        local = _local(dataset, Path(folder), is_labelled)
        uri = _uri(bucket, local)
        files = {f"{_FOLDER}/{local.name}{rest}": path for rest, path in local.files.items()}
        missing = {
            key: path for key, path in files.items() if not _exists(deployment, bucket, key, path)
        }
        progress.print_line(f"dataset {uri}{'' if missing else ' (already uploaded)'}")
        _upload(deployment, bucket, missing, progress)
        return uri


def dataset_uri(bucket: str, dataset: str, *, is_labelled: bool = True) -> str:
    """Return what `upload_dataset` would, without uploading anything."""
    if _is_uploaded(dataset):
        return dataset
    with tempfile.TemporaryDirectory(prefix="sentiment-") as folder:
        return _uri(bucket, _local(dataset, Path(folder), is_labelled))


def _is_uploaded(dataset: str) -> bool:
    if not dataset.startswith((*WEB, S3)):
        return False
    require_accepted_length({Parameter.DATASET_URI: dataset})
    return True


def _uri(bucket: str, local: Dataset) -> str:
    uri = f"s3://{bucket}/{_FOLDER}/{local.name}"
    require_accepted_length({Parameter.DATASET_URI: uri})
    return uri


def _local(dataset: str, folder: Path, is_labelled: bool) -> Dataset:
    if dataset == DEMO:
        return Dataset.of_file(demo(folder))
    return local_dataset(dataset, folder, is_labelled=is_labelled)


def _exists(deployment: Deployment, bucket: str, key: str, file: Path) -> bool:
    """Whether the bucket has the file; its key is a hash of its content."""
    try:
        answer = deployment.client("s3").head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error_code(error) in _MISSING:
            return False
        raise
    size: int = answer["ContentLength"]
    return size == file.stat().st_size


def _upload(
    deployment: Deployment, bucket: str, files: Mapping[str, Path], progress: Progress
) -> None:
    """Upload each file to its key."""
    total = sum(file.stat().st_size for file in files.values()) / 1e6
    sent = 0
    lock = threading.Lock()  # boto3 sends parts from several threads

    def on_bytes(count: int) -> None:
        nonlocal sent
        with lock:
            sent += count
            progress.set_status(f"uploading {sent / 1e6:.0f} of {total:.0f} MB")

    for key, file in files.items():
        with file.open("rb") as content:
            deployment.client("s3").upload_fileobj(content, bucket, key, Callback=on_bytes)
