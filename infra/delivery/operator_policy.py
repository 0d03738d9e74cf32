"""What starts and watches executions, cut out of the operator's policy and filled in."""

from __future__ import annotations

import json
from pathlib import Path
from string import Template
from typing import Any

from infra.settings import Settings

POLICY = Path(__file__).resolve().parents[2] / "operations" / "policy.json"

_NEEDED = ("Start", "Watch")
"""How the statements' Sids begin; an execution's smoke test approves and deletes nothing."""


def operator_statements(settings: Settings, partition: str, account: str) -> list[dict[str, Any]]:
    """The statements for the environment, as IAM writes them.

    CloudFormation names the bucket after stack and construct, with an ending of its own: whoever
    else has a bucket that begins so is kept out by the account.
    """
    bucket = f"{settings.resource_name}-storagebucket*"
    filled = Template(POLICY.read_text(encoding="utf-8")).substitute(
        Account=account,
        Bucket=bucket,
        Partition=partition,
        Pipeline=settings.resource_name,
        Region=settings.region,
    )
    statements = [
        _in_account(statement, account)
        for statement in json.loads(filled)["Statement"]
        if statement["Sid"].startswith(_NEEDED)
    ]
    if settings.pipeline.customer_key:
        statements.append(_use_key(settings, partition, account, bucket))
    return statements


def _in_account(statement: dict[str, Any], account: str) -> dict[str, Any]:
    if ":s3:::" not in json.dumps(statement["Resource"]):
        return statement
    return statement | {"Condition": {"StringEquals": {"aws:ResourceAccount": account}}}


def _use_key(settings: Settings, partition: str, account: str, bucket: str) -> dict[str, Any]:
    """The key's id isn't known here; S3 uses it, and only for what is in the bucket."""
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
