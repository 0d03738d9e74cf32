"""Datasets of this machine, put into the bucket where executions can read them."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path

from botocore.exceptions import ClientError

from operations.aws.client import Deployment
from operations.datasets import S3, WEB, Dataset, demo, local_dataset
from operations.progress import Progress

DEMO = "demo"
"""What to say for the demo's reviews."""

_FOLDER = "executions/datasets"
"""Where datasets lie in the bucket; they expire as what executions make does."""

_MISSING = ("404", "NoSuchKey", "NotFound")


def dataset_uri(
    deployment: Deployment,
    bucket: str,
    dataset: str,
    progress: Progress,
    *,
    is_labelled: bool = True,
) -> str:
    """The ``DatasetUri`` for ``dataset``: an address as it is; files are uploaded, each once.

    is_labelled: whether a folder of text must tell the classes. Raises DatasetError, naming the
    dataset.
    """
    if dataset.startswith((*WEB, S3)):
        return dataset
    with tempfile.TemporaryDirectory(prefix="sentiment-") as folder:
        local = _local(dataset, Path(folder), is_labelled)
        uri = f"s3://{bucket}/{_FOLDER}/{local.name}"
        files = {f"{_FOLDER}/{local.name}{rest}": path for rest, path in local.files.items()}
        missing = {
            key: path for key, path in files.items() if not _is_there(deployment, bucket, key, path)
        }
        progress.say(f"dataset {uri}" if missing else f"dataset {uri}, uploaded before")
        _upload(deployment, bucket, missing, progress)
        return uri


def _local(dataset: str, folder: Path, is_labelled: bool) -> Dataset:
    if dataset == DEMO:
        return Dataset.of_file(demo(folder))
    return local_dataset(dataset, folder, is_labelled=is_labelled)


def _is_there(deployment: Deployment, bucket: str, key: str, file: Path) -> bool:
    """Whether the bucket holds it; the name is made of the content, so the size is a formality."""
    try:
        answer = deployment.client("s3").head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["Error"].get("Code") in _MISSING:
            return False
        raise
    there: int = answer["ContentLength"]
    return there == file.stat().st_size


def _upload(
    deployment: Deployment, bucket: str, files: Mapping[str, Path], progress: Progress
) -> None:
    """Puts each file under its key."""
    total = sum(file.stat().st_size for file in files.values()) / 1e6
    sent = 0
    lock = threading.Lock()  # boto3 sends parts from several threads

    def on_bytes(count: int) -> None:
        nonlocal sent
        with lock:
            sent += count
            progress.now(f"uploading {sent / 1e6:.0f} of {total:.0f} MB")

    for key, file in files.items():
        with file.open("rb") as content:
            deployment.client("s3").upload_fileobj(content, bucket, key, Callback=on_bytes)
