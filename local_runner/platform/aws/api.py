"""The AWS API operations that local jobs may call, over HTTP as boto3 calls them.

    SageMaker   ListModelPackages, DescribeModelPackage     of the local model registry
    S3          GetObject, HeadObject, ListObjects          of the local object store (`s3_reads`)
                PutObject, also in parts                    into it (`s3_uploads`)

Anything else is refused with an error in AWS's form. Signatures aren't checked.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from types import MappingProxyType
from typing import Any, BinaryIO, cast
from urllib.parse import parse_qsl, unquote, urlsplit
from xml.sax.saxutils import escape

from local_runner.errors import JobFailed
from local_runner.platform.aws.s3_reads import LIST_PARAMETERS, listing, open_object
from local_runner.platform.aws.s3_uploads import Uploads
from local_runner.platform.model_registry import ModelRegistry
from local_runner.platform.object_store import FolderStore

MODEL_PACKAGE_SUMMARY = (
    "CreationTime",
    "ModelApprovalStatus",
    "ModelPackageArn",
    "ModelPackageDescription",
    "ModelPackageGroupName",
    "ModelPackageStatus",
    "ModelPackageVersion",
)
"""Fields of a model package that ListModelPackages returns, by botocore's model."""

_LIST_PARAMETERS = {"MaxResults", "ModelPackageGroupName", "NextToken", "SortBy", "SortOrder"}
_PAGE_SIZE = 100
_CHUNK = 1 << 20
_S3_ERROR = "{}"
_QUERY_ERROR = "<ErrorResponse>{}</ErrorResponse>"  # of STS and IAM

Request = Mapping[str, Any]


class _ApiError(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def list_model_packages(registry: ModelRegistry, request: Request) -> dict[str, Any]:
    """Return a page of a group's versions; ``NextToken`` is the number of versions before it."""
    if unknown := sorted(request.keys() - _LIST_PARAMETERS):
        raise _ApiError("ValidationException", f"{unknown[0]} isn't supported by local runs")
    if request.get("SortBy", "CreationTime") != "CreationTime":
        raise _ApiError("ValidationException", "SortBy: local runs support CreationTime only")
    packages = registry.versions(request["ModelPackageGroupName"])
    if request.get("SortOrder") == "Descending":
        packages.reverse()
    start = int(request.get("NextToken", 0))
    end = start + request.get("MaxResults", _PAGE_SIZE)
    page = [
        {key: package[key] for key in MODEL_PACKAGE_SUMMARY if key in package}
        for package in packages[start:end]
    ]
    token = {"NextToken": str(end)} if end < len(packages) else {}
    return {"ModelPackageSummaryList": page, **token}


def describe_model_package(registry: ModelRegistry, request: Request) -> dict[str, Any]:
    """Return the version whose ARN is given."""
    arn = request["ModelPackageName"]
    try:
        package = registry.describe(arn)
    except ValueError as error:
        raise _ApiError("ValidationException", str(error)) from None
    if package is None:
        raise _ApiError("ValidationException", f"ModelPackage {arn} does not exist.")
    return dict(package)


_OPERATIONS: dict[str, Callable[[ModelRegistry, Request], dict[str, Any]]] = {
    "SageMaker.DescribeModelPackage": describe_model_package,
    "SageMaker.ListModelPackages": list_model_packages,
}


class AwsApi(ThreadingHTTPServer):
    """A server on a free port of 127.0.0.1."""

    daemon_threads = True

    def __init__(self, registry: ModelRegistry, store: FolderStore) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.registry = registry
        self.store = store
        self.uploads = Uploads(store)

    @property
    def url(self) -> str:
        """The endpoint's URL."""
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        target = self.headers.get("X-Amz-Target")
        if target is None and self._location()[2].keys() & {"uploads", "uploadId"}:
            self._answer_upload()
            return
        if target is None:
            self._answer_error(
                501, "NotImplemented", "local runs don't support this operation", _QUERY_ERROR
            )
            return
        try:
            if target not in _OPERATIONS:
                raise _ApiError("UnknownOperationException", f"local runs don't support {target}")
            answer, status = _OPERATIONS[target](self._api.registry, json.loads(body)), 200
        except _ApiError as error:
            answer, status = {"__type": error.code, "message": str(error)}, 400
        content = json.dumps(answer).encode()
        self._answer(status, "application/x-amz-json-1.1", BytesIO(content), len(content))

    def do_GET(self) -> None:
        bucket, key, query = self._location()
        if not bucket or query.keys() - (set() if key else LIST_PARAMETERS):
            self._refuse_s3()
            return
        if key:
            self._answer_object(bucket, key)
            return
        content = listing(self._api.store, bucket, query).encode()
        self._answer(200, "application/xml", BytesIO(content), len(content))

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_PUT(self) -> None:
        bucket, key, query = self._location()
        size = int(self.headers.get("Content-Length", 0))
        upload = query.get("uploadId")
        is_plain = not upload and not query.keys() - {"x-id"}
        is_copy = "x-amz-copy-source" in self.headers
        if not key or is_copy or not (upload or is_plain):
            self.rfile.read(size)
            self._refuse_s3()
            return
        try:
            if upload:
                self._api.uploads.add(upload, int(query["partNumber"]), self.rfile, size)
            else:
                self._api.uploads.put(bucket, key, self.rfile, size)
        except JobFailed as error:
            self._answer_error(403, "AccessDenied", escape(str(error)))
            return
        self._answer(200, "application/xml", BytesIO(), 0, {"ETag": '"0"'})

    def _location(self) -> tuple[str, str, dict[str, str]]:
        """Return the bucket, the key and the query of an S3 request."""
        address = urlsplit(self.path)
        bucket, _, key = unquote(address.path).lstrip("/").partition("/")
        return bucket, key, dict(parse_qsl(address.query, keep_blank_values=True))

    def _answer_upload(self) -> None:
        """Start or complete an upload in parts."""
        bucket, key, query = self._location()
        try:
            if "uploads" in query:
                content = self._api.uploads.start(bucket, key).encode()
            else:
                content = self._api.uploads.complete(query["uploadId"]).encode()
        except JobFailed as error:
            self._answer_error(403, "AccessDenied", escape(str(error)))
            return
        self._answer(200, "application/xml", BytesIO(content), len(content))

    def do_DELETE(self) -> None:
        upload = self._location()[2].get("uploadId")
        if upload is None:
            self._refuse_s3()
            return
        try:
            self._api.uploads.abort(upload)
        except JobFailed as error:
            self._answer_error(404, "NoSuchUpload", escape(str(error)))
            return
        self._answer(204, "application/xml", BytesIO(), 0)

    def _refuse_s3(self) -> None:
        self._answer_error(
            501,
            "NotImplemented",
            "local runs support GetObject, HeadObject, ListObjects and PutObject",
        )

    def _answer_object(self, bucket: str, key: str) -> None:
        range_ = self.headers.get("Range")
        try:
            found = open_object(self._api.store, bucket, key, range_)
        except FileNotFoundError:
            self._answer_error(404, "NoSuchKey", "the local object store has no such key")
            return
        except ValueError:
            self._answer_error(416, "InvalidRange", "the object has no such range")
            return
        with found.content as content:
            status = 206 if range_ else 200
            self._answer(status, "binary/octet-stream", content, found.size, found.headers)

    def log_message(self, *_: object) -> None:
        """Log nothing; the job reports what goes wrong."""

    @property
    def _api(self) -> AwsApi:
        return cast("AwsApi", self.server)

    def _answer_error(
        self, status: int, code: str, message: str, envelope: str = _S3_ERROR
    ) -> None:
        error = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
        content = envelope.format(error).encode()
        self._answer(status, "application/xml", BytesIO(content), len(content))

    def _answer(
        self,
        status: int,
        content_type: str,
        content: BinaryIO,
        size: int,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(size))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            while size > 0 and (chunk := content.read(min(size, _CHUNK))):
                self.wfile.write(chunk)
                size -= len(chunk)
