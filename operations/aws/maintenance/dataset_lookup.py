"""Whether the dataset that an execution would read exists, its objects in S3, and their version."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from uuid import uuid4

from botocore.exceptions import ClientError

from operations.aws.client import Deployment
from operations.aws.errors import error_code
from operations.aws.results import or_none
from operations.datasets import S3, WEB
from operations.errors import CliError

_SECONDS = 10
_GONE = (404, 410)
_DIGITS = 16


def dataset_exists(deployment: Deployment, uri: str) -> bool:
    """Whether the object, the folder or the web address exists. Raise CliError if that's unknown.

    The URI of a folder in S3 ends in ``/``.
    """
    if uri.startswith(S3):
        return first_object(deployment, uri) is not None
    if uri.startswith(WEB):
        return _is_on_the_web(uri)
    raise CliError(f"{uri} is neither s3:// nor https://")


def first_object(deployment: Deployment, uri: str) -> str | None:
    """Return the key of the object at a URI in S3, or of one below a folder; None without one."""
    bucket, _, key = uri.removeprefix(S3).partition("/")
    try:
        # The object itself would be the first one. Consoles create empty objects for folders.
        listed = deployment.client("s3").list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=10)
    except ClientError as error:
        if error_code(error) != "NoSuchBucket":
            raise
        return None
    keys = [found["Key"] for found in listed.get("Contents", ())]
    is_folder = uri.endswith("/")
    return next((one for one in keys if (not one.endswith("/") if is_folder else one == key)), None)


def dataset_objects(deployment: Deployment, uri: str) -> Iterator[Mapping[str, Any]]:
    """Yield the listed object at a URI in S3, or those below a folder, without folders' own."""
    bucket, _, key = uri.removeprefix(S3).partition("/")
    is_folder = uri.endswith("/")
    for page in (
        deployment.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=key)
    ):
        for item in page.get("Contents", ()):
            if not item["Key"].endswith("/") if is_folder else item["Key"] == key:
                yield item


def dataset_version(deployment: Deployment, uri: str) -> str:
    """Return a text that changes with the objects of a dataset in S3, for SageMaker's step cache.

    A new one each time, if the caller may not list them.
    """

    def listed() -> str:
        digest = hashlib.sha256()
        for item in dataset_objects(deployment, uri):
            digest.update(f"{item['Key']}\0{item.get('ETag', '')}\n".encode())
        return digest.hexdigest()[:_DIGITS]

    return or_none(deployment, listed) or uuid4().hex[:_DIGITS]


def _is_on_the_web(uri: str) -> bool:
    try:
        with urlopen(Request(uri, method="HEAD"), timeout=_SECONDS):
            return True
    except HTTPError as error:
        error.close()
        if error.code in _GONE:
            return False
        raise CliError(f"the server of {uri} returned status {error.code}") from None
    except (OSError, HTTPException, ValueError) as error:
        raise CliError(f"no answer from the server of {uri} to this machine ({error})") from None
