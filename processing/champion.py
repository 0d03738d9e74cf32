"""Champion: the newest approved version of the model package group, as ``champion.json``.

    {"evaluation": {...}, "model_package_arn": "arn:..."}     or     {}     if none is approved

It asks SageMaker's API, and so needs a way to it. A local run has no API; it names the folder that
stands for AWS in the variable LOCAL_AWS.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any, Protocol

from processing import names
from processing.arguments import ArgumentParser
from processing.errors import DataError
from processing.files import write_json


class Registry(Protocol):
    """Model packages, and the objects that they refer to."""

    def newest_approved(self, group: str) -> dict[str, Any] | None:
        """What DescribeModelPackage says of the group's newest approved version; None without."""

    def read(self, uri: str) -> bytes:
        """The object at an S3 URI. Raises DataError if there is none."""


def parser() -> argparse.ArgumentParser:
    """The command line of the Champion job."""
    parser = ArgumentParser(prog="champion", description=__doc__, allow_abbrev=False)
    parser.add_argument("--group", required=True, help="name of the model package group")
    parser.add_argument("--output", type=Path, required=True, help="folder for champion.json")
    return parser


def run(options: argparse.Namespace) -> None:
    """Does the job. Raises DataError if the version's evaluation can't be had."""
    folder = os.environ.get("LOCAL_AWS")
    champion = look_up(LocalRegistry(Path(folder)) if folder else SageMaker(), options.group)
    write_json(options.output / names.CHAMPION_FILE, champion)
    print(f"champion: {champion.get('model_package_arn', 'none is approved yet')}", flush=True)


def look_up(registry: Registry, group: str) -> dict[str, Any]:
    """The champion and its evaluation report; empty if no version is approved."""
    package = registry.newest_approved(group)
    if package is None:
        return {}
    arn = package["ModelPackageArn"]
    quality = package.get("ModelMetrics", {}).get("ModelQuality", {}).get("Statistics", {})
    if "S3Uri" not in quality:
        raise DataError(f"{arn}: approved without an evaluation; reject it, or approve another one")
    try:
        evaluation = json.loads(registry.read(quality["S3Uri"]))
        float(evaluation[names.METRICS]["accuracy"]["value"])
    except (ValueError, KeyError, TypeError):
        raise DataError(
            f"{quality['S3Uri']}: no evaluation report; reject {arn}, or approve another one"
        ) from None
    return {"evaluation": evaluation, "model_package_arn": arn}


class SageMaker:
    """The model registry and S3, through boto3, which the image has."""

    def newest_approved(self, group: str) -> dict[str, Any] | None:
        """Asks by creation time: the registry doesn't record when a version was approved.

        Raises DataError if the registry can't be asked.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return self._newest_approved(group)
        except (BotoCoreError, ClientError) as error:
            raise DataError(
                f"{group}: the model registry can't be asked ({error}); the job needs "
                "a way to SageMaker's API, and its role sagemaker:ListModelPackages"
            ) from None

    def _newest_approved(self, group: str) -> dict[str, Any] | None:
        import boto3

        sagemaker = boto3.client("sagemaker")
        pages = sagemaker.get_paginator("list_model_packages").paginate(
            ModelPackageGroupName=group,
            ModelApprovalStatus="Approved",
            SortBy="CreationTime",
            SortOrder="Descending",
        )
        for page in pages:
            for summary in page["ModelPackageSummaryList"]:
                found: dict[str, Any] = sagemaker.describe_model_package(
                    ModelPackageName=summary["ModelPackageArn"]
                )
                return found
        return None

    def read(self, uri: str) -> bytes:
        """Reads the object."""
        import boto3
        from botocore.exceptions import BotoCoreError, ClientError

        bucket, _, key = uri.removeprefix("s3://").partition("/")
        try:
            body: bytes = boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
        except (BotoCoreError, ClientError) as error:
            raise DataError(f"{uri}: can't be read ({error})") from None
        return body


class LocalRegistry:
    """``model-registry/<group>/<version>.json`` and ``s3/<bucket>/<key>`` below a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def newest_approved(self, group: str) -> dict[str, Any] | None:
        """Versions count up, so the newest has the highest number."""
        packages = (self._folder / "model-registry" / group).glob("*.json")
        for path in sorted(packages, key=lambda path: int(path.stem), reverse=True):
            package: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            if package["ModelApprovalStatus"] == "Approved":
                return package
        return None

    def read(self, uri: str) -> bytes:
        """Reads the file that stands for the object."""
        try:
            return (self._folder / "s3" / uri.removeprefix("s3://")).read_bytes()
        except OSError as error:
            raise DataError(f"{uri}: can't be read ({error.strerror})") from None
