"""The customer-managed key: what it encrypts, and who may use it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.templates import (
    ACCOUNT,
    Template,
    allows,
    conditions_for,
    deployed_definition,
    of_type,
    properties,
    statements_of,
    the_arn,
    the_properties,
)

Templates = Callable[[str], Template]

ROLE = "ExecutionRole"


def _role_statements(template: Template) -> list[dict[str, Any]]:
    return statements_of(template, ROLE)


def test_all_keys_rotate(templates: Templates) -> None:
    keys = properties(templates("everything"), "AWS::KMS::Key")
    assert len(keys) == 2
    assert all(key["EnableKeyRotation"] is True for key in keys.values())


@pytest.mark.parametrize(
    ("name", "policies"),
    [
        ("everything, kept", ("RetainExceptOnCreate", "Retain")),
        ("everything", ("Delete", "Delete")),
    ],
)
def test_key_is_kept_with_the_data(
    templates: Templates, name: str, policies: tuple[str, str]
) -> None:
    keys = of_type(templates(name), "AWS::KMS::Key")
    [key] = [key for logical_id, key in keys.items() if logical_id.startswith("Encryption")]
    assert (key["DeletionPolicy"], key["UpdateReplacePolicy"]) == policies


def test_key_encrypts_the_bucket(templates: Templates) -> None:
    template = templates("customer_key")
    bucket = the_properties(template, "AWS::S3::Bucket")
    [rule] = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["BucketKeyEnabled"] is True
    assert rule["ServerSideEncryptionByDefault"] == {
        "SSEAlgorithm": "aws:kms",
        "KMSMasterKeyID": the_arn(template, "AWS::KMS::Key"),
    }


def test_key_is_the_default_of_the_pipelines_parameter(templates: Templates) -> None:
    template = templates("everything")
    parameters = json.loads(deployed_definition(template))["Parameters"]
    [parameter] = [item for item in parameters if item["Name"] == "KmsKeyArn"]
    assert parameter["DefaultValue"] == the_arn(template, "AWS::KMS::Key", "Encryption")


@pytest.mark.parametrize("action", ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"])
def test_role_may_use_the_key_and_no_other(templates: Templates, action: str) -> None:
    template = templates("customer_key")
    statements = [item for item in _role_statements(template) if "Condition" not in item]
    other = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/other"
    assert allows(statements, action, the_arn(template, "AWS::KMS::Key"))
    assert not allows(statements, action, other)


def test_role_may_grant_the_key_only_to_aws_for_volumes(templates: Templates) -> None:
    template = templates("customer_key")
    [grant] = [item for item in _role_statements(template) if "kms:CreateGrant" in item["Action"]]
    assert grant["Action"] == "kms:CreateGrant"
    assert grant["Resource"] == the_arn(template, "AWS::KMS::Key")
    assert grant["Condition"] == {"Bool": {"kms:GrantIsForAWSResource": "true"}}


@pytest.mark.parametrize(
    "action", ["kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:DisableKey", "kms:ReEncryptFrom"]
)
def test_role_may_not_manage_the_key(templates: Templates, action: str) -> None:
    template = templates("everything")
    key = the_arn(template, "AWS::KMS::Key", "Encryption")
    unconditional = [{**item, "Condition": {}} for item in _role_statements(template)]
    assert not allows(unconditional, action, key)


def test_key_encrypts_the_log_groups_of_the_stack(templates: Templates) -> None:
    template = templates("everything")
    groups = properties(template, "AWS::Logs::LogGroup").values()
    key = the_arn(template, "AWS::KMS::Key", "Encryption")
    assert len(groups) == 7
    assert {group["KmsKeyId"] for group in groups} == {key}


@pytest.mark.parametrize("name", ["log_retention_days", "schedule", "endpoint"])
def test_log_groups_have_no_key_without_the_setting(templates: Templates, name: str) -> None:
    groups = properties(templates(name), "AWS::Logs::LogGroup").values()
    assert groups
    assert [group for group in groups if "KmsKeyId" in group] == []


@pytest.mark.parametrize(
    ("name", "accepted"), [("log_retention_days", True), ("schedule", True), ("everything", False)]
)
def test_finding_of_checkov_is_accepted_for_log_groups_without_a_key_only(
    templates: Templates, name: str, accepted: bool
) -> None:
    groups = of_type(templates(name), "AWS::Logs::LogGroup").values()
    assert {"checkov" in group.get("Metadata", {}) for group in groups} == {accepted}


@pytest.mark.parametrize("action", ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"])
def test_cloudwatch_may_use_the_key_for_log_groups_of_this_account_only(
    templates: Templates, action: str
) -> None:
    key = the_properties(templates("everything"), "AWS::KMS::Key", "Encryption")
    statements = key["KeyPolicy"]["Statement"]
    [condition] = conditions_for(statements, "logs.us-east-1.amazonaws.com", action)
    arn = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:*"
    assert condition == {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": arn}}
