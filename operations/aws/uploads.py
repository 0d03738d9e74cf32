"""Datasets of this machine, put into the bucket where executions can read them."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path

from botocore.exceptions import ClientError

from operations.aws.session import Deployment
from operations.datasets import S3, WEB, content_name, demo, local_archive
from operations.progress import Progress

DEMO = "demo"
"""What to say for the demo's reviews."""

_FOLDER = "executions/datasets"
"""Where datasets lie in the bucket; they expire as what executions make does."""

_MISSING = ("404", "NoSuchKey", "NotFound")


def dataset_uri(deployment: Deployment, bucket: str, dataset: str, progress: Progress) -> str:
    """The ``DatasetUri`` for ``dataset``: an address as it is; anything else is uploaded, once.

    Raises DatasetError, naming the dataset.
    """
    if dataset.startswith((*WEB, S3)):
        return dataset
    with tempfile.TemporaryDirectory(prefix="sentiment-") as folder:
        archive, name = _archive(dataset, Path(folder))
        uri = f"s3://{bucket}/{_FOLDER}/{name}"
        if _is_there(deployment, bucket, f"{_FOLDER}/{name}", archive):
            progress.say(f"dataset {uri}, uploaded before")
        else:
            progress.say(f"dataset {uri}")
            _upload(deployment, archive, bucket, f"{_FOLDER}/{name}", progress)
        return uri


def _archive(dataset: str, folder: Path) -> tuple[Path, str]:
    if dataset != DEMO:
        return local_archive(dataset, folder)
    archive = demo(folder)
    return archive, content_name(archive, archive.name)


def _is_there(deployment: Deployment, bucket: str, key: str, archive: Path) -> bool:
    """Whether the bucket holds it; the name is made of the content, so the size is a formality."""
    try:
        answer = deployment.client("s3").head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["Error"].get("Code") in _MISSING:
            return False
        raise
    there: int = answer["ContentLength"]
    return there == archive.stat().st_size


def _upload(
    deployment: Deployment, archive: Path, bucket: str, key: str, progress: Progress
) -> None:
    total = archive.stat().st_size / 1e6
    sent = 0
    lock = threading.Lock()  # boto3 sends parts from several threads

    def on_bytes(count: int) -> None:
        nonlocal sent
        with lock:
            sent += count
            progress.now(f"uploading {sent / 1e6:.0f} of {total:.0f} MB")

    with archive.open("rb") as file:
        deployment.client("s3").upload_fileobj(file, bucket, key, Callback=on_bytes)
