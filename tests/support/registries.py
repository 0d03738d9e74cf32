"""Model registries for tests: that of the local runner, and that of an AWS account in moto."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import boto3
import pytest
from moto import mock_aws

from local_runner.platform.aws.endpoint import AwsEndpoint
from local_runner.platform.identity import LOCAL
from local_runner.platform.model_registry import ModelRegistry
from local_runner.platform.object_store import FolderStore

GROUP = "sentiment-test"
ARNS = f"arn:aws:sagemaker:local-1:000000000000:model-package/{GROUP}"
BUCKET = "artifacts"
IMAGE = "123.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5"

Files = Mapping[str, bytes]


class SampleRegistry(Protocol):
    """A model registry to register versions in, numbered from 1."""

    def register(
        self, number: int, status: str, files: Files, metadata: Mapping[str, str] | None = None
    ) -> None:
        """Register a version and store its files below `folder_of` the version.

        "evaluation.json" among the files is its evaluation. metadata: its
        ``CustomerMetadataProperties``.
        """


def folder_of(number: int) -> str:
    return f"s3://{BUCKET}/models/{number}"


def metadata_of(number: int) -> dict[str, str]:
    """The metadata with which RegisterModel records a version's model and preprocessing."""
    folders = {name: f"{folder_of(number)}/{name}" for name in ("manifest", "vocabulary")}
    return {**folders, "model": f"{folder_of(number)}/model/model.tar.gz"}


class _LocalRegistry:
    def __init__(self, root: Path) -> None:
        self.registry = ModelRegistry(root / "model-registry")
        self.store = FolderStore(root / "s3")

    def register(
        self, number: int, status: str, files: Files, metadata: Mapping[str, str] | None = None
    ) -> None:
        for name, content in files.items():
            path = self.store.path(f"{folder_of(number)}/{name}")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        request = {
            "ModelApprovalStatus": status,
            "ModelPackageGroupName": GROUP,
            **_details(number, files, metadata),
        }
        package = self.registry.register(GROUP, request, LOCAL)
        assert package["ModelPackageVersion"] == number


class _AwsRegistry:
    def __init__(self) -> None:
        self._s3 = boto3.client("s3")
        self._s3.create_bucket(Bucket=BUCKET)
        self._sagemaker = boto3.client("sagemaker")
        self._sagemaker.create_model_package_group(ModelPackageGroupName=GROUP)

    def register(
        self, number: int, status: str, files: Files, metadata: Mapping[str, str] | None = None
    ) -> None:
        for name, content in files.items():
            self._s3.put_object(Bucket=BUCKET, Key=f"models/{number}/{name}", Body=content)
        self._sagemaker.create_model_package(
            ModelPackageGroupName=GROUP,
            ModelApprovalStatus=status,
            **_details(number, files, metadata),
        )


@contextmanager
def sample_registry(
    kind: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SampleRegistry]:
    """A registry of this kind, "local" or "aws", which boto3 calls while the block runs."""
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    if kind == "aws":
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        with mock_aws():
            yield _AwsRegistry()
        return
    local = _LocalRegistry(root)
    with AwsEndpoint(local.registry, local.store) as endpoint:
        for name, value in endpoint.environment().items():
            monkeypatch.setenv(name, value)
        yield local


def _details(number: int, files: Files, metadata: Mapping[str, str] | None) -> dict[str, Any]:
    details: dict[str, Any] = {}
    if "evaluation.json" in files:
        report = {
            "ContentType": "application/json",
            "S3Uri": f"{folder_of(number)}/evaluation.json",
        }
        details["ModelMetrics"] = {"ModelQuality": {"Statistics": report}}
    if metadata is not None:
        details["CustomerMetadataProperties"] = dict(metadata)
        details["InferenceSpecification"] = {
            "Containers": [{"Image": IMAGE, "ModelDataUrl": f"{folder_of(number)}/model.tar.gz"}],
            "SupportedContentTypes": ["application/json"],
            "SupportedResponseMIMETypes": ["application/json"],
        }
    return details
