"""The bucket and the registry: private, encrypted, TLS only; kept in prod, deleted with dev."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.templates import (
    ACCOUNT,
    Template,
    as_list,
    deployed_definition,
    of_type,
    the_one,
    the_properties,
)

Templates = Callable[[str], Template]

KEPT = ("AWS::S3::Bucket", "AWS::SageMaker::ModelPackageGroup")


def _bucket(template: Template) -> dict[str, Any]:
    properties: dict[str, Any] = the_one(template, "AWS::S3::Bucket")["Properties"]
    return properties


def _bucket_statements(template: Template) -> list[dict[str, Any]]:
    policy = the_one(template, "AWS::S3::BucketPolicy")["Properties"]
    statements: list[dict[str, Any]] = policy["PolicyDocument"]["Statement"]
    return statements


@pytest.mark.parametrize(
    ("operator", "condition"),
    [
        pytest.param("Bool", {"aws:SecureTransport": "false"}, id="without-tls"),
        pytest.param("NumericLessThan", {"s3:TlsVersion": 1.2}, id="with-old-tls"),
    ],
)
def test_bucket_denies_all_requests(
    template: Template, operator: str, condition: dict[str, Any]
) -> None:
    [bucket] = of_type(template, "AWS::S3::Bucket")
    arn = f"arn:aws:s3:::{bucket.lower()}"
    [statement] = [
        statement
        for statement in _bucket_statements(template)
        if statement.get("Condition") == {operator: condition}
    ]
    assert statement["Effect"] == "Deny"
    assert statement["Principal"] in ("*", {"AWS": "*"})
    assert statement["Action"] == "s3:*"
    assert set(statement["Resource"]) == {arn, f"{arn}/*"}


def test_bucket_allows_only_the_function_that_empties_it(template: Template) -> None:
    allowed = [item for item in _bucket_statements(template) if item["Effect"] == "Allow"]
    principals = [principal for item in allowed for principal in as_list(item["Principal"]["AWS"])]
    assert all("autodelete" in principal for principal in principals)


@pytest.mark.parametrize(
    "switch", ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"]
)
def test_bucket_blocks_public_access(template: Template, switch: str) -> None:
    assert _bucket(template)["PublicAccessBlockConfiguration"][switch] is True


def test_bucket_is_encrypted_and_versioned_without_acls(template: Template) -> None:
    bucket = _bucket(template)
    [encryption] = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    [ownership] = bucket["OwnershipControls"]["Rules"]
    assert encryption["ServerSideEncryptionByDefault"]["SSEAlgorithm"] in ("AES256", "aws:kms")
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert ownership == {"ObjectOwnership": "BucketOwnerEnforced"}


def _rules(template: Template) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = _bucket(template)["LifecycleConfiguration"]["Rules"]
    return rules


def test_outputs_of_executions_expire_after_the_step_cache(template: Template) -> None:
    definition = json.loads(deployed_definition(template))
    cached = {
        step["CacheConfig"]["ExpireAfter"] for step in definition["Steps"] if "CacheConfig" in step
    }
    [days] = [int(period.removeprefix("P").removesuffix("D")) for period in cached]
    [rule] = [rule for rule in _rules(template) if "ExpirationInDays" in rule]
    assert rule["ExpirationInDays"] > days


def test_only_outputs_of_executions_expire(template: Template) -> None:
    [rule] = [rule for rule in _rules(template) if "ExpirationInDays" in rule]
    assert rule["Status"] == "Enabled"
    assert rule["Prefix"] == "executions/"


# --- access_log_days ---


def _access_logs(template: Template) -> tuple[str, dict[str, Any]]:
    """Return the name and the resource of the bucket for access logs."""
    [found] = [
        item for item in of_type(template, "AWS::S3::Bucket").items() if "AccessLogs" in item[0]
    ]
    return found[0].lower(), found[1]


def test_requests_to_the_bucket_are_logged_for_some_time(templates: Templates) -> None:
    template = templates("access_log_days")
    name, logs = _access_logs(template)
    bucket = the_properties(template, "AWS::S3::Bucket", "StorageBucket")
    [rule] = logs["Properties"]["LifecycleConfiguration"]["Rules"]
    assert bucket["LoggingConfiguration"] == {"DestinationBucketName": name}
    assert (rule["Status"], rule["ExpirationInDays"]) == ("Enabled", 90)
    assert "Prefix" not in rule
    assert "LoggingConfiguration" not in logs["Properties"]
    assert "AccessControl" not in logs["Properties"]


def test_only_s3_may_write_access_logs_and_only_of_this_bucket(templates: Templates) -> None:
    template = templates("access_log_days")
    name, _ = _access_logs(template)
    [own] = [item for item in of_type(template, "AWS::S3::Bucket") if "StorageBucket" in item]
    policy = the_properties(template, "AWS::S3::BucketPolicy", "AccessLogs")["PolicyDocument"]
    [allowed] = [
        item
        for item in policy["Statement"]
        if item["Effect"] == "Allow" and "Service" in item["Principal"]
    ]
    assert allowed["Principal"] == {"Service": "logging.s3.amazonaws.com"}
    assert allowed["Action"] == "s3:PutObject"
    assert allowed["Resource"] == f"arn:aws:s3:::{name}/*"
    assert allowed["Condition"] == {
        "ArnLike": {"aws:SourceArn": f"arn:aws:s3:::{own.lower()}"},
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
    }
    assert len([item for item in policy["Statement"] if item["Effect"] == "Deny"]) == 2


@pytest.mark.parametrize(
    ("name", "policy"),
    [("everything", "Delete"), ("everything, kept", "RetainExceptOnCreate")],
    ids=["dev", "kept"],
)
def test_access_logs_are_kept_as_long_as_the_data(
    templates: Templates, name: str, policy: str
) -> None:
    template = templates(name)
    _, logs = _access_logs(template)
    [bucket] = [
        item
        for logical_id, item in of_type(template, "AWS::S3::Bucket").items()
        if "StorageBucket" in logical_id
    ]
    assert logs["DeletionPolicy"] == bucket["DeletionPolicy"] == policy


def test_incomplete_uploads_expire_in_the_whole_bucket(template: Template) -> None:
    [rule] = [rule for rule in _rules(template) if "AbortIncompleteMultipartUpload" in rule]
    assert rule["Status"] == "Enabled"
    assert "Prefix" not in rule


def test_overwritten_and_deleted_objects_can_be_restored_for_30_days(template: Template) -> None:
    [rule] = [rule for rule in _rules(template) if "NoncurrentVersionExpiration" in rule]
    assert rule["Status"] == "Enabled"
    assert "Prefix" not in rule
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
    assert rule["ExpiredObjectDeleteMarker"] is True


def test_artifacts_of_registered_versions_never_expire(prod: Template) -> None:
    definition = json.loads(deployed_definition(prod))
    [train] = [step for step in definition["Steps"] if step["Name"] == "Train"]
    way = train["Arguments"]["OutputDataConfig"]["S3OutputPath"]["Std:Join"]["Values"]
    expiring = [rule["Prefix"] for rule in _rules(prod) if "ExpirationInDays" in rule]
    assert way[:2] == [{"Get": "Parameters.ArtifactsUri"}, "models"]
    assert "models/" not in expiring


@pytest.mark.parametrize("kind", KEPT)
def test_prod_keeps_its_data_when_the_stack_is_deleted(prod: Template, kind: str) -> None:
    resource = the_one(prod, kind)
    assert resource["DeletionPolicy"] == "RetainExceptOnCreate"
    assert resource["UpdateReplacePolicy"] == "Retain"


@pytest.mark.parametrize("kind", KEPT)
def test_dev_deletes_its_data_with_the_stack(dev: Template, kind: str) -> None:
    assert the_one(dev, kind)["DeletionPolicy"] == "Delete"


def test_only_dev_has_a_function_that_empties_the_bucket(dev: Template, prod: Template) -> None:
    assert of_type(dev, "Custom::S3AutoDeleteObjects")
    assert not of_type(prod, "Custom::S3AutoDeleteObjects")
    assert not of_type(prod, "AWS::Lambda::Function")


def test_bucket_that_prod_keeps_also_keeps_its_policy(prod: Template) -> None:
    policy = the_one(prod, "AWS::S3::BucketPolicy")
    assert policy.get("DeletionPolicy") == "RetainExceptOnCreate"
