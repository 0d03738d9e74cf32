"""Find what a deleted stack kept, for the next deployment to adopt: `make deploy` imports it.

``python -m infra.delivery.adoption prod FILE`` writes the resources as a mapping for `cdk import`.
Without a deleted stack that kept some, or if the stack exists, there is no file.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from infra.environments import bootstrap_qualifier, context
from infra.settings import Settings, environments
from infra.settings_errors import exit_with_settings_error

_BUCKET, _KEY = "AWS::S3::Bucket", "AWS::KMS::Key"
_IDENTIFIERS = {
    _BUCKET: "BucketName",
    "AWS::S3::BucketPolicy": "Bucket",
    _KEY: "KeyId",
    "AWS::SageMaker::ModelPackageGroup": "ModelPackageGroupArn",
}
"""The property by which CloudFormation imports a resource of each type that keep_data keeps."""

_MISSING = ("REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE")
"""Statuses of stacks that never had resources, or no longer have any."""

_NOT_FOUND = ("404", "NotFoundException", "ResourceNotFound", "ValidationException")
"""Codes with which S3, KMS and SageMaker answer for what doesn't exist."""

Retained = Mapping[str, Mapping[str, str]]


def retained(session: boto3.Session, stack: str) -> Retained:
    """Return the identifiers of what the last deletion of the stack kept, by logical ID.

    Empty if the stack exists. What was deleted since then is left out.
    """
    cloudformation = session.client("cloudformation")
    if _exists(cloudformation, stack):
        return {}
    pages = cloudformation.get_paginator("list_stacks").paginate(
        StackStatusFilter=["DELETE_COMPLETE"]
    )
    deleted = [
        item for page in pages for item in page["StackSummaries"] if item["StackName"] == stack
    ]
    for item in sorted(deleted, key=lambda item: item["DeletionTime"], reverse=True):
        kept = _kept(session, cloudformation, item["StackId"])
        if kept:
            return kept
    return {}


def _exists(cloudformation: Any, stack: str) -> bool:
    try:
        [found] = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationError":
            raise
        return False
    return found["StackStatus"] not in _MISSING


def _kept(session: boto3.Session, cloudformation: Any, stack_id: str) -> Retained:
    """Return what this deleted stack kept and what still exists. CloudFormation knows for 90 days.

    Without its key, a bucket can't be read: neither is adopted then.
    """
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack_id)
    kept = [
        item
        for page in pages
        for item in page["StackResourceSummaries"]
        if item["ResourceStatus"] == "DELETE_SKIPPED" and item["ResourceType"] in _IDENTIFIERS
    ]
    gone = [item for item in kept if not _remains(session, item)]
    is_key_gone = any(item["ResourceType"] == _KEY for item in gone)
    return {
        item["LogicalResourceId"]: {_IDENTIFIERS[item["ResourceType"]]: item["PhysicalResourceId"]}
        for item in kept
        if item not in gone and not (is_key_gone and item["ResourceType"].startswith("AWS::S3"))
    }


def _remains(session: boto3.Session, resource: Mapping[str, Any]) -> bool:
    """Whether a resource still exists and can be used."""
    name = resource["PhysicalResourceId"]
    look: dict[str, Callable[[], Any]] = {
        _BUCKET: lambda: session.client("s3").head_bucket(Bucket=name),
        "AWS::S3::BucketPolicy": lambda: session.client("s3").head_bucket(Bucket=name),
        _KEY: lambda: session.client("kms").describe_key(KeyId=name)["KeyMetadata"],
        "AWS::SageMaker::ModelPackageGroup": lambda: session.client(
            "sagemaker"
        ).describe_model_package_group(ModelPackageGroupName=name.rpartition("/")[2]),
    }
    try:
        found = look[resource["ResourceType"]]()
    except ClientError as error:
        if error.response["Error"]["Code"] not in _NOT_FOUND:
            raise
        return False
    return bool(found.get("KeyState", "Enabled") == "Enabled")


def lookup_session(settings: Settings, qualifier: str) -> boto3.Session:
    """Return a session with the CDK's role for lookups, or with the caller's own credentials."""
    session = boto3.Session(region_name=settings.region)
    sts = session.client("sts")
    caller = sts.get_caller_identity()
    partition, account = caller["Arn"].split(":")[1], settings.account or caller["Account"]
    role = f"cdk-{qualifier}-lookup-role-{account}-{settings.region}"
    try:
        found = sts.assume_role(
            RoleArn=f"arn:{partition}:iam::{account}:role/{role}", RoleSessionName="adoption"
        )["Credentials"]
    except ClientError:
        if account != caller["Account"]:
            raise
        return session
    return boto3.Session(
        found["AccessKeyId"],
        found["SecretAccessKey"],
        found["SessionToken"],
        region_name=settings.region,
    )


def main(words: Sequence[str]) -> None:
    """Write the mapping for the environment that ``words`` names. Raise SettingsError."""
    name, path = words
    known = context()
    found = [item for item in environments(known.get("environments")) if item.name == name]
    for settings in found:  # none for a delivery's stack
        try:
            session = lookup_session(settings, bootstrap_qualifier(known))
            mapping = retained(session, settings.resource_name)
        except (BotoCoreError, ClientError) as error:
            print(f"note: can't look up what a deleted stack kept: {error}", file=sys.stderr)
            continue
        if mapping:
            names = ", ".join(sorted(value for item in mapping.values() for value in item.values()))
            print(f"adopting what the deleted stack kept: {names}", file=sys.stderr)
            Path(path).write_text(json.dumps(mapping, indent=2), encoding="utf-8")


if __name__ == "__main__":
    with exit_with_settings_error():
        main(sys.argv[1:])
