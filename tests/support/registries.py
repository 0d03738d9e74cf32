"""Model registries for tests: a folder, and an account that moto plays."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import boto3

from processing.model.registry import LocalRegistry, Registry, SageMaker

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

    def registry(self) -> Registry: ...


def folder_of(number: int) -> str:
    return f"s3://{BUCKET}/models/{number}"


def kept(number: int) -> dict[str, str]:
    """What RegisterModel tells of a version's preprocessing."""
    return {name: f"{folder_of(number)}/{name}" for name in ("manifest", "vocabulary")}


class Here:
    """A local registry."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(
        self, number: int, status: str, files: Files, kept: Mapping[str, str] | None = None
    ) -> None:
        package = {
            "ModelApprovalStatus": status,
            "ModelPackageArn": f"{ARNS}/{number}",
            "ModelPackageVersion": number,
            **_told(number, files, kept),
        }
        for name, content in files.items():
            path = self.object(f"{folder_of(number)}/{name}")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        path = self.root / "model-registry" / GROUP / f"{number}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(package))

    def object(self, uri: str) -> Path:
        return self.root / "s3" / uri.removeprefix("s3://")

    def registry(self) -> Registry:
        return LocalRegistry(self.root)


class Aws:
    """The same on AWS; the numbers must be given in their order."""

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

    def registry(self) -> Registry:
        return SageMaker()


def _told(number: int, files: Files, kept: Mapping[str, str] | None) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if "evaluation.json" in files:
        place = {"ContentType": "application/json", "S3Uri": f"{folder_of(number)}/evaluation.json"}
        told["ModelMetrics"] = {"ModelQuality": {"Statistics": place}}
    if kept is not None:
        told["CustomerMetadataProperties"] = dict(kept)
    return told
