"""The AWS API operations that local jobs may call, over HTTP as boto3 calls them.

    SageMaker   ListModelPackages, DescribeModelPackage     of the local model registry
    S3          GetObject, HeadObject, ListObjects          of the local object store (`s3_reads`)
                PutObject (also in parts), CopyObject       into it (`s3_uploads`)
                DeleteObject                                from it
    STS         GetCallerIdentity                           of the local account

Anything else is refused with an error in AWS's form. Signatures aren't checked.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from types import MappingProxyType
from typing import BinaryIO, cast
from urllib.parse import parse_qsl, unquote, urlsplit
from xml.sax.saxutils import escape

from local_runner.errors import JobFailed
from local_runner.platform.aws.model_packages import OPERATIONS, ApiError
from local_runner.platform.aws.s3_reads import LIST_PARAMETERS, listing, open_object
from local_runner.platform.aws.s3_uploads import Missing, Uploads
from local_runner.platform.identity import LOCAL
from local_runner.platform.model_registry import ModelRegistry
from local_runner.platform.object_store import FolderStore

_CHUNK = 1 << 20
_S3_ERROR = "{}"
_QUERY_ERROR = "<ErrorResponse>{}</ErrorResponse>"  # of STS and IAM
_CALLER = (
    "<GetCallerIdentityResponse><GetCallerIdentityResult>"
    f"<Arn>arn:aws:sts::{LOCAL.account}:assumed-role/local/job</Arn>"
    f"<UserId>local:job</UserId><Account>{LOCAL.account}</Account>"
    "</GetCallerIdentityResult></GetCallerIdentityResponse>"
).encode()


class AwsApi(ThreadingHTTPServer):
    """A server on a free port of 127.0.0.1."""

    daemon_threads = True

    def __init__(self, registry: ModelRegistry, store: FolderStore) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.registry = registry
        self.store = store
        self.uploads = Uploads(store)

    def server_close(self) -> None:
        """Stop listening, and forget uploads that were never completed."""
        super().server_close()
        self.uploads.abort_all()

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
        if target is None and b"Action=GetCallerIdentity" in body:
            self._answer(200, "text/xml", BytesIO(_CALLER), len(_CALLER))
            return
        if target is None:
            self._answer_error(
                501, "NotImplemented", "local runs don't support this operation", _QUERY_ERROR
            )
            return
        try:
            if target not in OPERATIONS:
                raise ApiError("UnknownOperationException", f"local runs don't support {target}")
            answer, status = OPERATIONS[target](self._api.registry, json.loads(body)), 200
        except ApiError as error:
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
        upload, copied = query.get("uploadId"), self.headers.get("x-amz-copy-source")
        if not key or (upload and copied) or (query and not upload):
            self.rfile.read(size)
            self._refuse_s3()
            return
        try:
            if upload:
                self._api.uploads.add(upload, int(query["partNumber"]), self.rfile, size)
            elif copied:
                content = self._api.uploads.copy(bucket, key, unquote(copied)).encode()
                self._answer(200, "application/xml", BytesIO(content), len(content))
                return
            else:
                self._api.uploads.put(bucket, key, self.rfile, size)
        except JobFailed as error:
            self._answer_failure(error)
            return
        self._answer(200, "application/xml", BytesIO(), 0, {"ETag": '"0"'})

    def _location(self) -> tuple[str, str, dict[str, str]]:
        """Return the bucket, the key and the query of an S3 request."""
        address = urlsplit(self.path)
        bucket, _, key = unquote(address.path).lstrip("/").partition("/")
        query = dict(parse_qsl(address.query, keep_blank_values=True))
        query.pop("x-id", None)  # the operation's name, in which some SDKs differ
        return bucket, key, query

    def _answer_upload(self) -> None:
        """Start or complete an upload in parts."""
        bucket, key, query = self._location()
        try:
            if "uploads" in query:
                content = self._api.uploads.start(bucket, key).encode()
            else:
                content = self._api.uploads.complete(query["uploadId"]).encode()
        except JobFailed as error:
            self._answer_failure(error)
            return
        self._answer(200, "application/xml", BytesIO(content), len(content))

    def do_DELETE(self) -> None:
        bucket, key, query = self._location()
        upload = query.get("uploadId")
        if not key or (query and not upload):
            self._refuse_s3()
            return
        try:
            if upload:
                self._api.uploads.abort(upload)
            else:
                self._api.store.delete(f"s3://{bucket}/{key}")
        except JobFailed as error:
            self._answer_failure(error)
            return
        self._answer(204, "application/xml", BytesIO(), 0)

    def _answer_failure(self, error: JobFailed) -> None:
        code = (404, error.code) if isinstance(error, Missing) else (403, "AccessDenied")
        self._answer_error(*code, escape(str(error)))

    def _refuse_s3(self) -> None:
        self._answer_error(
            501,
            "NotImplemented",
            "local runs support reading, listing, writing, copying and deleting objects only",
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
