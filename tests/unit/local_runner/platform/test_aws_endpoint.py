"""The AWS endpoint of local jobs, called by boto3."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local_runner.platform.aws_endpoint import AwsEndpoint, without_aws
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
    with pytest.raises(ClientError, match="GetObject"):
        s3.list_objects_v2(Bucket="b")
    with pytest.raises(ClientError, match="NotImplemented"):
        session.client("sts", config=_ONCE).get_caller_identity()


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
