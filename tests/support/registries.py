"""Model registries for tests: the local runner's, and that of an account that moto plays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import boto3
import pytest
from moto import mock_aws

from local_runner.platform.aws_endpoint import AwsEndpoint
from local_runner.platform.identity import LOCAL
from local_runner.platform.model_registry import ModelRegistry
from local_runner.platform.object_store import FolderStore

GROUP = "sentiment-test"
ARNS = f"arn:aws:sagemaker:local-1:000000000000:model-package/{GROUP}"
BUCKET = "artifacts"

Files = Mapping[str, bytes]


class Place(Protocol):
    """A registry that versions are put into, numbered from 1."""

    def put(
        self, number: int, status: str, files: Files, kept: Mapping[str, str] | None = None
    ) -> None:
        """Registers a version: its files, by their names below its folder in the bucket, and its
        ``CustomerMetadataProperties``; "evaluation.json" among the files is its evaluation."""


def folder_of(number: int) -> str:
    return f"s3://{BUCKET}/models/{number}"


def kept(number: int) -> dict[str, str]:
    """What RegisterModel tells of a version's preprocessing."""
    return {name: f"{folder_of(number)}/{name}" for name in ("manifest", "vocabulary")}


class Local:
    """The registry of a local run."""

    def __init__(self, root: Path) -> None:
        self.registry = ModelRegistry(root / "model-registry")
        self.store = FolderStore(root / "s3")

    def put(
        self, number: int, status: str, files: Files, kept: Mapping[str, str] | None = None
    ) -> None:
        for name, content in files.items():
            path = self.store.path(f"{folder_of(number)}/{name}")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        request = {
            "ModelApprovalStatus": status,
            "ModelPackageGroupName": GROUP,
            **_told(number, files, kept),
        }
        package = self.registry.register(GROUP, request, LOCAL)
        assert package["ModelPackageVersion"] == number


class Aws:
    """A registry on AWS."""

    def __init__(self) -> None:
        self._s3 = boto3.client("s3")
        self._s3.create_bucket(Bucket=BUCKET)
        self._sagemaker = boto3.client("sagemaker")
        self._sagemaker.create_model_package_group(ModelPackageGroupName=GROUP)

    def put(
        self, number: int, status: str, files: Files, kept: Mapping[str, str] | None = None
    ) -> None:
        for name, content in files.items():
            self._s3.put_object(Bucket=BUCKET, Key=f"models/{number}/{name}", Body=content)
        self._sagemaker.create_model_package(
            ModelPackageGroupName=GROUP, ModelApprovalStatus=status, **_told(number, files, kept)
        )


@contextmanager
def registry_place(kind: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """A registry of this kind, "local" or "aws", which boto3 calls while the block runs."""
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    if kind == "aws":
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        with mock_aws():
            yield Aws()
        return
    place = Local(root)
    with AwsEndpoint(place.registry, place.store) as endpoint:
        for name, value in endpoint.environment().items():
            monkeypatch.setenv(name, value)
        yield place


def _told(number: int, files: Files, kept: Mapping[str, str] | None) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if "evaluation.json" in files:
        place = {"ContentType": "application/json", "S3Uri": f"{folder_of(number)}/evaluation.json"}
        told["ModelMetrics"] = {"ModelQuality": {"Statistics": place}}
    if kept is not None:
        told["CustomerMetadataProperties"] = dict(kept)
    return told
