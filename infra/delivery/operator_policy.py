"""The parts of the operator's policy that the delivery's jobs need."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from string import Template
from typing import Any

from infra.guardrails.through_s3 import through_s3
from infra.settings import Settings

POLICY = Path(__file__).resolve().parents[2] / "operations" / "policy.json"

SMOKE = ("Start", "Watch")
"""Prefixes of the statements' IDs; a smoke test approves and deletes nothing."""

PROMOTION = ("Promote", "WatchPipeline", "WatchReports", "WatchVersions")
"""The same for a promotion, which reads and registers versions and approves none."""


def operator_statements(
    settings: Settings,
    purposes: Sequence[str],
    *,
    partition: str,
    account: str,
    qualifier: str,
    source: Settings | None = None,
) -> list[dict[str, Any]]:
    """Return the statements with these prefixes for the environment as IAM's JSON.

    source: the environment whose versions are promoted to this one.

    CloudFormation names the bucket after stack and construct and adds a suffix. The account
    excludes other accounts' buckets with such a name.
    """
    origin = source or settings
    origin_account = origin.account or account
    policy = Template(POLICY.read_text(encoding="utf-8")).substitute(
        Account=account,
        Bucket=_bucket(settings),
        Partition=partition,
        Pipeline=settings.resource_name,
        Qualifier=qualifier,
        Region=settings.region,
        SourceAccount=origin_account,
        SourceBucket=_bucket(origin),
        SourcePipeline=origin.resource_name,
    )
    statements = [
        _in_account(statement, {_bucket(origin): origin_account, _bucket(settings): account})
        for statement in json.loads(policy)["Statement"]
        if statement["Sid"].startswith(tuple(purposes))
    ]
    if settings.customer_key:
        actions = ["kms:Decrypt", "kms:GenerateDataKey"]
        statements.append(_use_key("UseKey", actions, settings, partition, account))
    if source and source.customer_key:
        decrypt = ["kms:Decrypt"]
        statements.append(_use_key("UseSourceKey", decrypt, source, partition, origin_account))
    return statements


def _bucket(settings: Settings) -> str:
    return f"{settings.resource_name}-storagebucket*"


def _in_account(statement: dict[str, Any], owners: dict[str, str]) -> dict[str, Any]:
    """Return the statement, about buckets only with the condition that the account owns them."""
    resources = json.dumps(statement["Resource"])
    for bucket, account in owners.items():
        if f":s3:::{bucket}" in resources:
            owned = {"StringEquals": {"aws:ResourceAccount": account}}
            return statement | {"Condition": statement.get("Condition", {}) | owned}
    return statement


def _use_key(
    sid: str, actions: Sequence[str], settings: Settings, partition: str, account: str
) -> dict[str, Any]:
    """Allow S3 to use any key for objects in the bucket; the key's ID isn't known here."""
    bucket = f"arn:{partition}:s3:::{_bucket(settings)}"
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Action": actions,
        "Resource": f"arn:{partition}:kms:{settings.region}:{account}:key/*",
        "Condition": through_s3(settings.region, bucket),
    }
