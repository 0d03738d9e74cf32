"""The AWS endpoint of local jobs, called by boto3."""

from __future__ import annotations

import io
import os
import socket
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local_runner.errors import JobFailed
from local_runner.platform.aws.api import AwsApi
from local_runner.platform.aws.endpoint import AwsEndpoint, without_aws
from local_runner.platform.aws.s3_uploads import Uploads
from local_runner.platform.identity import LOCAL
from local_runner.platform.model_registry import ModelRegistry
from local_runner.platform.object_store import FolderStore

_ONCE = Config(retries={"total_max_attempts": 1})


@pytest.fixture
def registry(tmp_path: Path) -> ModelRegistry:
    return ModelRegistry(tmp_path / "registry")


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "s3")


@pytest.fixture
def endpoint(registry: ModelRegistry, store: FolderStore) -> Iterator[AwsEndpoint]:
    with AwsEndpoint(registry, store) as endpoint:
        yield endpoint


@pytest.fixture
def session(endpoint: AwsEndpoint, monkeypatch: pytest.MonkeyPatch) -> boto3.Session:
    """A session in a job of a user who has AWS settings."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the user's")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "the user's")
    monkeypatch.setenv("AWS_PROFILE", "the-users")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    environment = {**without_aws(os.environ), **endpoint.environment()}
    for name in os.environ.keys() - environment.keys():
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return boto3.Session()


@pytest.fixture
def sagemaker(session: boto3.Session) -> Any:
    return session.client("sagemaker", config=_ONCE)


@pytest.fixture
def s3(session: boto3.Session) -> Any:
    return session.client("s3", config=_ONCE)


def register(registry: ModelRegistry, count: int, **request: Any) -> None:
    for _ in range(count):
        request = {"ModelPackageGroupName": "reviews", **request}
        registry.register("reviews", request, LOCAL)


def put(store: FolderStore, uri: str, content: bytes) -> None:
    path = store.path(uri)
    path.parent.mkdir(parents=True)
    path.write_bytes(content)


def test_jobs_use_no_credentials_of_the_user(session: boto3.Session) -> None:
    credentials = session.get_credentials()
    assert credentials is not None
    assert (credentials.access_key, credentials.secret_key) == ("local", "local")
    assert not credentials.token
    assert session.region_name == "local-1"


@pytest.mark.parametrize(("order", "numbers"), [("Ascending", [1, 2]), ("Descending", [2, 1])])
def test_versions_are_listed_in_order_of_creation(
    sagemaker: Any, registry: ModelRegistry, order: str, numbers: list[int]
) -> None:
    register(registry, 2, ModelApprovalStatus="Approved", CustomerMetadataProperties={"a": "b"})
    listed = sagemaker.list_model_packages(ModelPackageGroupName="reviews", SortOrder=order)
    summaries = listed["ModelPackageSummaryList"]
    assert [summary["ModelPackageVersion"] for summary in summaries] == numbers
    assert summaries[0].keys() == {
        "CreationTime",
        "ModelApprovalStatus",
        "ModelPackageArn",
        "ModelPackageGroupName",
        "ModelPackageStatus",
        "ModelPackageVersion",
    }


def test_versions_are_listed_in_pages(sagemaker: Any, registry: ModelRegistry) -> None:
    register(registry, 5)
    pages = sagemaker.get_paginator("list_model_packages").paginate(
        ModelPackageGroupName="reviews", PaginationConfig={"PageSize": 2}
    )
    counts = [len(page["ModelPackageSummaryList"]) for page in pages]
    assert counts == [2, 2, 1]


def test_group_without_versions_is_listed_as_empty(sagemaker: Any) -> None:
    listed = sagemaker.list_model_packages(ModelPackageGroupName="reviews")
    assert listed["ModelPackageSummaryList"] == []


def test_version_is_described_with_all_that_was_registered(
    sagemaker: Any, registry: ModelRegistry
) -> None:
    register(registry, 2, CustomerMetadataProperties={"vocabulary": "s3://b/v"})
    described = sagemaker.describe_model_package(
        ModelPackageName="arn:aws:sagemaker:local-1:000000000000:model-package/reviews/2"
    )
    assert described["ModelPackageVersion"] == 2
    assert described["CustomerMetadataProperties"] == {"vocabulary": "s3://b/v"}


@pytest.mark.parametrize(
    "name", ["reviews", "arn:aws:sagemaker:local-1:000000000000:model-package/reviews/7"]
)
def test_version_that_does_not_exist_is_a_validation_exception(sagemaker: Any, name: str) -> None:
    with pytest.raises(ClientError, match=name) as raised:
        sagemaker.describe_model_package(ModelPackageName=name)
    assert raised.value.response["Error"]["Code"] == "ValidationException"


@pytest.mark.parametrize("filter_", [{"SortBy": "Name"}, {"NameContains": "x"}])
def test_list_filter_that_is_not_emulated_is_refused(
    sagemaker: Any, filter_: dict[str, str]
) -> None:
    with pytest.raises(ClientError, match=next(iter(filter_))):
        sagemaker.list_model_packages(ModelPackageGroupName="reviews", **filter_)


def test_other_operations_are_refused(session: boto3.Session, sagemaker: Any, s3: Any) -> None:
    with pytest.raises(ClientError, match="ListModels"):
        sagemaker.list_models()
    key: dict[str, Any] = {"Bucket": "b", "Key": "k"}
    for operation, arguments in (
        ("create_bucket", {"Bucket": "b"}),
        ("put_object_acl", {**key, "ACL": "private"}),
        ("delete_object_tagging", key),
        ("get_object_tagging", key),
        ("list_buckets", {}),
    ):
        with pytest.raises(ClientError, match="NotImplemented"):
            getattr(s3, operation)(**arguments)
    with pytest.raises(ClientError, match="NotImplemented"):
        session.client("sts", config=_ONCE).get_session_token()


def test_caller_is_of_the_local_account(session: boto3.Session) -> None:
    assert session.client("sts").get_caller_identity()["Account"] == LOCAL.account


def test_object_is_copied_and_deleted(s3: Any, store: FolderStore) -> None:
    put(store, "s3://bucket/a ü.csv", b"rows")
    s3.copy_object(Bucket="bucket", Key="b.csv", CopySource={"Bucket": "bucket", "Key": "a ü.csv"})
    s3.delete_object(Bucket="bucket", Key="a ü.csv")
    assert store.path("s3://bucket/b.csv").read_bytes() == b"rows"
    assert not store.exists("s3://bucket/a ü.csv")
    with pytest.raises(ClientError, match="NoSuchKey"):
        s3.copy_object(Bucket="bucket", Key="c", CopySource="bucket/gone")


@pytest.mark.parametrize("size", [0, 3, 20 * 1024**2], ids=["empty", "small", "in-parts"])
def test_object_is_written(s3: Any, store: FolderStore, size: int) -> None:
    content = bytes(range(256)) * (size // 256) + b"end"[: size % 256]
    s3.upload_fileobj(io.BytesIO(content), "b", "results/a b.pkl")
    assert store.path("s3://b/results/a b.pkl").read_bytes() == content
    assert [name for name, _ in store.files("s3://b/")] == ["results/a b.pkl"]
    s3.put_object(Bucket="b", Key="results/a b.pkl", Body=b"other")
    assert store.path("s3://b/results/a b.pkl").read_bytes() == b"other"


def test_upload_in_parts_that_is_aborted_leaves_nothing(s3: Any, store: FolderStore) -> None:
    place = {"Bucket": "b", "Key": "k"}
    upload = {**place, "UploadId": s3.create_multipart_upload(**place)["UploadId"]}
    s3.upload_part(**upload, PartNumber=1, Body=b"x")
    s3.abort_multipart_upload(**upload)
    assert list(store.staging().iterdir()) == []
    for call in (
        s3.abort_multipart_upload,
        s3.complete_multipart_upload,
        partial(s3.upload_part, PartNumber=1, Body=b"x"),
    ):
        with pytest.raises(ClientError, match="NoSuchUpload") as caught:
            call(**upload)
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404
    assert list(store.staging().iterdir()) == []


def test_upload_that_is_not_completed_is_forgotten_when_the_server_stops(
    registry: ModelRegistry, store: FolderStore
) -> None:
    api = AwsApi(registry, store)
    answer = api.uploads.start("b", "k")
    name = answer.partition("<UploadId>")[2].partition("<")[0]
    api.uploads.add(name, 1, io.BytesIO(b"x"), size=1)
    assert len(list(store.staging().iterdir())) == 1
    api.server_close()
    assert list(store.staging().iterdir()) == []


def test_object_whose_writer_is_killed_does_not_appear(store: FolderStore) -> None:
    with pytest.raises(JobFailed):
        Uploads(store).put("b", "k", io.BytesIO(b"rows"), size=5)
    assert not store.exists("s3://b/k")
    assert list(store.staging().iterdir()) == []


def test_object_that_cannot_be_written_is_refused(s3: Any, store: FolderStore) -> None:
    put(store, "s3://b/folder/file", b"x")
    for key in ("folder", "folder/file/below"):
        with pytest.raises(ClientError, match="AccessDenied"):
            s3.put_object(Bucket="b", Key=key, Body=b"y")


@pytest.mark.parametrize("key", ["vocabulary.json", "a b/ü?#%2F+.json", "empty"])
def test_object_is_read(s3: Any, store: FolderStore, key: str) -> None:
    content = b"" if key == "empty" else b"\x00\xff" * 100_000
    put(store, f"s3://bucket/{key}", content)
    assert s3.get_object(Bucket="bucket", Key=key)["Body"].read() == content


@pytest.mark.parametrize("key", ["gone", "folder", "../secret"])
def test_missing_object_raises_no_such_key(s3: Any, store: FolderStore, key: str) -> None:
    put(store, "s3://bucket/folder/file", b"x")
    put(store, "s3://secret/file", b"x")
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(Bucket="bucket", Key=key)


@pytest.mark.parametrize("size", [0, 5, 9_000_000])
def test_object_is_downloaded(
    session: boto3.Session, store: FolderStore, tmp_path: Path, size: int
) -> None:
    content = bytes(range(250)) * (size // 250) + b"\0" * (size % 250)
    put(store, "s3://bucket/raw/rows.csv", content)
    target = tmp_path / "rows.csv"
    session.resource("s3").Bucket("bucket").download_file("raw/rows.csv", str(target))
    assert target.read_bytes() == content


@pytest.mark.parametrize(
    ("range_", "expected"), [("bytes=2-4", b"234"), ("bytes=7-", b"789"), ("bytes=8-99", b"89")]
)
def test_range_of_an_object_is_read(
    s3: Any, store: FolderStore, range_: str, expected: bytes
) -> None:
    put(store, "s3://bucket/digits", b"0123456789")
    answer = s3.get_object(Bucket="bucket", Key="digits", Range=range_)
    assert (answer["Body"].read(), answer["ContentLength"]) == (expected, len(expected))


def test_range_outside_the_object_is_an_error(s3: Any, store: FolderStore) -> None:
    put(store, "s3://bucket/digits", b"0123456789")
    with pytest.raises(ClientError, match="InvalidRange"):
        s3.get_object(Bucket="bucket", Key="digits", Range="bytes=10-")


def test_head_of_a_missing_object_is_not_found(s3: Any) -> None:
    with pytest.raises(ClientError) as raised:
        s3.head_object(Bucket="bucket", Key="gone")
    assert raised.value.response["Error"]["Code"] == "404"


KEYS = ["a b.csv", "raw/1.csv", "raw/2.csv", "raw/old/ü&<.csv", "raw2.csv"]


@pytest.fixture
def keys(store: FolderStore) -> list[str]:
    for key in KEYS:
        path = store.path(f"s3://bucket/{key}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(key)
    return KEYS


def test_objects_are_listed_with_their_sizes(session: boto3.Session, keys: list[str]) -> None:
    listed = {it.key: it.size for it in session.resource("s3").Bucket("bucket").objects.all()}
    assert listed == {key: len(key.encode()) for key in keys}


@pytest.mark.parametrize("operation", ["list_objects", "list_objects_v2"])
def test_objects_are_listed_in_pages(s3: Any, keys: list[str], operation: str) -> None:
    pages = s3.get_paginator(operation).paginate(Bucket="bucket", PaginationConfig={"PageSize": 2})
    assert [[it["Key"] for it in page["Contents"]] for page in pages] == [
        keys[:2],
        keys[2:4],
        keys[4:],
    ]


def test_delimiter_groups_keys(s3: Any, keys: list[str]) -> None:
    listed = s3.list_objects_v2(Bucket="bucket", Prefix="raw/", Delimiter="/")
    assert [it["Key"] for it in listed["Contents"]] == ["raw/1.csv", "raw/2.csv"]
    assert listed["CommonPrefixes"] == [{"Prefix": "raw/old/"}]


def test_bucket_without_objects_is_empty(s3: Any) -> None:
    assert s3.list_objects_v2(Bucket="bucket", Prefix="raw/")["KeyCount"] == 0


def test_server_ends_with_the_block(registry: ModelRegistry, store: FolderStore) -> None:
    with AwsEndpoint(registry, store) as endpoint:
        url = endpoint.environment()["AWS_ENDPOINT_URL"]
        assert endpoint.environment()["AWS_ENDPOINT_URL"] == url, "one server for all jobs"
    port = int(url.rpartition(":")[2])
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
        pass


@pytest.mark.parametrize(
    ("before", "after"),
    [("", "127.0.0.1"), ("intranet", "intranet,127.0.0.1"), ("*", "*")],
)
def test_hosts_in_no_proxy_are_kept(
    endpoint: AwsEndpoint, monkeypatch: pytest.MonkeyPatch, before: str, after: str
) -> None:
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("NO_PROXY", before)
    assert endpoint.environment()["no_proxy"] == after
