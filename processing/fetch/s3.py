"""Objects in S3, with boto3: in every SageMaker image; local runs don't need it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from processing.errors import DataError, UsageError
from processing.fetch.attempts import CHUNK_BYTES, Interrupted, Response, transfer

_CHANGED = ("PreconditionFailed", "InvalidRange", "412", "416")
_MISSING = ("NoSuchKey", "404")
_DENIED = ("AccessDenied", "403")


def bucket_and_key(uri: str) -> tuple[str, str]:
    """Return the parts of an S3 URI. Raise UsageError for another one."""
    bucket, slash, key = uri.partition("://")[2].partition("/")  # a key may hold "?" and "#"
    if not bucket or not slash:
        raise UsageError(f"{uri!r}: must be s3://bucket/key or s3://bucket/prefix/")
    return bucket, key


@contextlib.contextmanager
def s3_client() -> Iterator[Any]:
    """Yield an S3 client."""
    import boto3

    client = boto3.client("s3")
    try:
        yield client
    finally:
        client.close()


@contextlib.contextmanager
def errors_about(uri: str, client: Any = None) -> Iterator[None]:
    """Turn errors of S3 into a DataError in one line, which names the URI.

    client: finds out whether a missing object is a folder.
    """
    from botocore.exceptions import BotoCoreError, ClientError, SSLError

    try:
        yield
    except ClientError as error:
        raise DataError(f"{uri}: {_cause_and_remedy(error, uri, client)}") from None
    except SSLError as error:
        raise DataError(
            f"{uri}: S3's certificate isn't trusted ({error}); behind a company's proxy, set "
            "AWS_CA_BUNDLE to the file of its CA certificates"
        ) from None
    except BotoCoreError as error:
        raise DataError(f"{uri}: {error}") from None


def list_objects(client: Any, uri: str) -> Iterator[dict[str, Any]]:
    """Yield the objects below a prefix, by key, without the empty objects of folders."""
    bucket, prefix = bucket_and_key(uri)
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    with errors_about(uri):
        for page in pages:
            # Consoles create objects for folders.
            yield from (each for each in page.get("Contents", []) if not each["Key"].endswith("/"))


def fetch_object(client: Any, uri: str, target: Path) -> None:
    """Store an object. Raise DataError."""
    with errors_about(uri, client):
        transfer(uri, target, partial(_open, client, uri))


@contextlib.contextmanager
def _open(client: Any, uri: str, position: int, version: str) -> Iterator[Response]:
    from botocore.exceptions import BotoCoreError, ClientError

    bucket, key = bucket_and_key(uri)
    rest = {"Range": f"bytes={position}-", "IfMatch": version} if position else {}
    try:
        answer = client.get_object(Bucket=bucket, Key=key, **rest)
    except ClientError as error:
        if error.response["Error"]["Code"] in _CHANGED:
            raise Interrupted("the object was changed", restart=True) from None
        raise
    except BotoCoreError as error:  # after botocore's own attempts
        if position:
            raise Interrupted(f"no connection ({error})") from None
        raise
    with contextlib.closing(answer["Body"]) as body:
        size = position + answer["ContentLength"]
        yield Response(_chunks(body), position, size, answer.get("ETag", ""))


def _chunks(body: Any) -> Iterator[bytes]:
    from botocore.exceptions import BotoCoreError, FlexibleChecksumError

    try:
        while chunk := body.read(CHUNK_BYTES):
            yield chunk
    except FlexibleChecksumError as error:
        raise Interrupted(f"the content was damaged ({error})", restart=True) from None
    except (BotoCoreError, OSError) as error:
        raise Interrupted(f"the connection was lost ({error})") from None


def _cause_and_remedy(error: Any, uri: str, client: Any) -> str:
    code, message = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
    if code in _MISSING and client and _is_folder(client, uri):
        return "this is a folder; add / to the end of DatasetUri"
    if code in (*_MISSING, "NoSuchBucket"):
        return f"no such {'bucket' if 'Bucket' in code else 'object'} ({code}); check DatasetUri"
    if code in _DENIED:
        return (
            f"access denied ({message}); the job's role may read the environment's bucket and the "
            "settings dataset_uri and dataset_prefixes: copy the dataset to raw/ in that bucket, "
            "or add its folder to dataset_prefixes"
        )
    if code == "InvalidObjectState":
        return "the object is archived; restore it first"
    return str(error)


def _is_folder(client: Any, uri: str) -> bool:
    """Whether there are objects below the URI; false if they can't be listed."""
    with contextlib.suppress(DataError):
        return any(list_objects(client, f"{uri}/"))
    return False
