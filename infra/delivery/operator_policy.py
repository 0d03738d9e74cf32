"""The part of the operator's policy that starts and watches executions."""

from __future__ import annotations

import json
from pathlib import Path
from string import Template
from typing import Any

from infra.settings import Settings

POLICY = Path(__file__).resolve().parents[2] / "operations" / "policy.json"

_SIDS = ("Start", "Watch")
"""Prefixes of the statements' IDs; a smoke test approves and deletes nothing."""


def operator_statements(
    settings: Settings, *, partition: str, account: str, qualifier: str
) -> list[dict[str, Any]]:
    """Return the statements for the environment as IAM's JSON.

    CloudFormation names the bucket after stack and construct and adds a suffix. The account
    excludes other accounts' buckets with such a name.
    """
    bucket = f"{settings.resource_name}-storagebucket*"
    policy = Template(POLICY.read_text(encoding="utf-8")).substitute(
        Account=account,
        Bucket=bucket,
        Partition=partition,
        Pipeline=settings.resource_name,
        Qualifier=qualifier,
        Region=settings.region,
    )
    statements = [
        _in_account(statement, account)
        for statement in json.loads(policy)["Statement"]
        if statement["Sid"].startswith(_SIDS)
    ]
    if settings.customer_key:
        statements.append(_use_key(settings, partition, account, bucket))
    return statements


def _in_account(statement: dict[str, Any], account: str) -> dict[str, Any]:
    if ":s3:::" not in json.dumps(statement["Resource"]):
        return statement
    return statement | {"Condition": {"StringEquals": {"aws:ResourceAccount": account}}}


def _use_key(settings: Settings, partition: str, account: str, bucket: str) -> dict[str, Any]:
    """Allow S3 to use any key for objects in the bucket; the key's ID isn't known here."""
    return {
        "Sid": "UseKey",
        "Effect": "Allow",
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Resource": f"arn:{partition}:kms:{settings.region}:{account}:key/*",
        "Condition": {
            "StringEquals": {"kms:ViaService": f"s3.{settings.region}.amazonaws.com"},
            "StringLike": {"kms:EncryptionContext:aws:s3:arn": f"arn:{partition}:s3:::{bucket}"},
        },
    }
