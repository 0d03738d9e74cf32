"""Whether the dataset that an execution would read exists."""

from __future__ import annotations

from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from botocore.exceptions import ClientError

from operations.aws.client import Deployment
from operations.aws.errors import error_code
from operations.datasets import S3, WEB
from operations.errors import CliError

_SECONDS = 10
_GONE = (404, 410)


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
