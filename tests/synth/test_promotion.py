"""Promotion: what other accounts may read, and the role of the delivery's job."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.delivery_stack import delivery_template
from tests.support.settings_cases import READER
from tests.support.template_checks import lint_findings
from tests.support.templates import (
    ACCOUNT,
    Template,
    allows,
    as_list,
    of_type,
    properties,
    resolved,
    the_properties,
)

Templates = Callable[[str], Template]
SAGEMAKER = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}"
DEV = f"arn:aws:sagemaker:us-east-1:{READER}"
BUCKET = "arn:aws:s3:::sentiment-prod-storagebucket1"
DEV_BUCKET = "arn:aws:s3:::sentiment-dev-storagebucket1"
PRINCIPAL = {"AWS": f"arn:aws:iam::{READER}:root"}
OWN, OF_DEV = {"aws__ResourceAccount": ACCOUNT}, {"aws__ResourceAccount": READER}
MODELS = {"s3__prefix": "models/abc/"}


def _policies(template: Template) -> dict[str, list[dict[str, Any]]]:
    """Return the statements about other accounts in the policies of group, bucket and key."""
    group = the_properties(template, "AWS::SageMaker::ModelPackageGroup")
    found = {
        "group": group.get("ModelPackageGroupPolicy", {"Statement": []}),
        "bucket": the_properties(template, "AWS::S3::BucketPolicy", "StorageBucketPolicy")[
            "PolicyDocument"
        ],
    }
    for name, key in properties(template, "AWS::KMS::Key").items():
        if name.startswith("Encryption"):
            found["key"] = key["KeyPolicy"]
    return {
        name: [item for item in policy["Statement"] if item.get("Principal") == PRINCIPAL]
        for name, policy in found.items()
    }


@pytest.mark.parametrize("name", ["nothing", "customer_key"])
def test_other_accounts_may_read_nothing_by_default(templates: Templates, name: str) -> None:
    template = templates(name)
    assert not any(_policies(template).values())
    group = the_properties(template, "AWS::SageMaker::ModelPackageGroup")
    assert "ModelPackageGroupPolicy" not in group


def test_readers_may_read_versions_and_artifacts_and_nothing_else(templates: Templates) -> None:
    policies = _policies(templates("model_readers"))
    actions = {
        name: {action for item in found for action in as_list(item["Action"])}
        for name, found in policies.items()
    }
    assert actions == {
        "group": {"sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages"},
        "bucket": {"s3:GetObject", "s3:ListBucket"},
    }


@pytest.mark.parametrize(
    ("resource", "allowed"),
    [("models/abc/model.tar.gz", True), ("scores/abc/scores.csv", False), ("raw/a.csv", False)],
)
def test_readers_may_read_models_only(templates: Templates, resource: str, allowed: bool) -> None:
    template = templates("model_readers")
    [bucket] = of_type(template, "AWS::S3::Bucket")
    statements = _policies(template)["bucket"]
    assert (
        allows(statements, "s3:GetObject", f"arn:aws:s3:::{bucket.lower()}/{resource}") == allowed
    )
    listed = {"s3__prefix": resource}
    arn = f"arn:aws:s3:::{bucket.lower()}"
    assert allows(statements, "s3:ListBucket", arn, **listed) == allowed


def test_readers_may_decrypt_objects_of_the_bucket_through_s3_only(templates: Templates) -> None:
    [statement] = _policies(templates("everything"))["key"]
    assert statement["Action"] == "kms:Decrypt"
    through = {"kms__ViaService": "s3.us-east-1.amazonaws.com"}
    of_bucket = {"kms__EncryptionContext__aws__s3__arn": DEV_BUCKET}
    of_other = {"kms__EncryptionContext__aws__s3__arn": "arn:aws:s3:::other"}
    assert allows([statement], "kms:Decrypt", "*", **through, **of_bucket)
    assert not allows([statement], "kms:Decrypt", "*", **of_bucket)
    assert not allows([statement], "kms:Decrypt", "*", **through, **of_other)


# The role of the delivery's job


@pytest.fixture(scope="module")
def deliver(assembly: Any, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Return the template of prod's delivery. ``assembly`` starts jsii."""

    def synthesized(**promotions: str) -> Path:
        shared = {"region": "us-east-1", "customer_key": True}
        dev = {**shared, "account": READER, "model_readers": [ACCOUNT]}
        known = {"dev": dev, "prod": {**shared, "account": ACCOUNT}}
        settings: dict[str, Any] = {"repository": "octo-org@1/octo-repo@2"}
        if promotions:
            settings["promotions"] = promotions
        folder = tmp_path_factory.mktemp("promotion")
        return delivery_template(folder, known, account=ACCOUNT, **settings)

    return synthesized


@pytest.fixture(scope="module")
def path(deliver: Callable[..., Path]) -> Path:
    """The template's path, with promotions from dev to prod."""
    return deliver(prod="dev")


@pytest.fixture(scope="module")
def statements(path: Path) -> list[dict[str, Any]]:
    """The statements of the role that promotes."""
    template = json.loads(path.read_text(encoding="utf-8"))
    [(logical_id, _)] = _promoters(template)
    [policy] = [
        policy["Properties"]["PolicyDocument"]["Statement"]
        for policy in template["Resources"].values()
        if policy["Type"] == "AWS::IAM::Policy"
        and policy["Properties"]["Roles"] == [{"Ref": logical_id}]
    ]
    found: list[dict[str, Any]] = resolved(policy, template)
    return found


def _promoters(template: Template) -> list[tuple[str, Any]]:
    return [
        (name, item)
        for name, item in template["Resources"].items()
        if item["Type"] == "AWS::IAM::Role"
        and item["Properties"]["RoleName"] == "sentiment-prod-promote"
    ]


def test_without_promotions_there_is_no_role(deliver: Callable[..., Path]) -> None:
    assert _promoters(json.loads(deliver().read_text(encoding="utf-8"))) == []


def test_only_jobs_in_the_targets_environment_may_promote(path: Path) -> None:
    [(_, role)] = _promoters(json.loads(path.read_text(encoding="utf-8")))
    [trust] = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    subject = trust["Condition"]["StringEquals"]["token.actions.githubusercontent.com:sub"]
    assert as_list(subject) == ["repo:octo-org@1/octo-repo@2:environment:prod"]


@pytest.mark.parametrize(
    ("action", "resource", "keys"),
    [
        ("sagemaker:DescribePipeline", f"{SAGEMAKER}:pipeline/sentiment-prod", {}),
        ("sagemaker:ListModelPackages", f"{DEV}:model-package-group/sentiment-dev", {}),
        ("sagemaker:DescribeModelPackage", f"{DEV}:model-package/sentiment-dev/3", {}),
        ("sagemaker:CreateModelPackage", f"{SAGEMAKER}:model-package-group/sentiment-prod", {}),
        ("s3:ListBucket", DEV_BUCKET, OF_DEV | MODELS),
        ("s3:GetObject", f"{DEV_BUCKET}/models/abc/model.tar.gz", OF_DEV),
        ("s3:PutObject", f"{BUCKET}/models/sentiment-dev/3/abc/model.tar.gz", OWN),
    ],
)
def test_role_may_promote(
    statements: list[dict[str, Any]], action: str, resource: str, keys: dict[str, str]
) -> None:
    assert allows(statements, action, resource, **keys)


@pytest.mark.parametrize(
    ("action", "resource", "keys"),
    [
        ("sagemaker:UpdateModelPackage", f"{SAGEMAKER}:model-package/sentiment-prod/3", {}),
        ("sagemaker:CreateModelPackage", f"{DEV}:model-package-group/sentiment-dev", {}),
        ("s3:ListBucket", DEV_BUCKET, OF_DEV | {"s3__prefix": "raw/"}),
        ("s3:GetObject", f"{DEV_BUCKET}/raw/reviews.csv", OF_DEV),
        ("s3:GetObject", f"{DEV_BUCKET}/models/abc/model.tar.gz", OWN),
        ("s3:PutObject", f"{BUCKET}/models/abc/model/model.tar.gz", OWN),
        ("s3:PutObject", f"{DEV_BUCKET}/models/sentiment-dev/3/a", OF_DEV),
    ],
)
def test_role_may_do_nothing_else(
    statements: list[dict[str, Any]], action: str, resource: str, keys: dict[str, str]
) -> None:
    assert not allows(statements, action, resource, **keys)


@pytest.mark.parametrize(
    ("environment", "account", "encrypts"), [("dev", READER, False), ("prod", ACCOUNT, True)]
)
def test_role_decrypts_the_sources_objects_and_encrypts_the_targets(
    statements: list[dict[str, Any]], environment: str, account: str, encrypts: bool
) -> None:
    bucket = f"arn:aws:s3:::sentiment-{environment}-storagebucket1"
    keys = {
        "kms__ViaService": "s3.us-east-1.amazonaws.com",
        "kms__EncryptionContext__aws__s3__arn": bucket,
    }
    key = f"arn:aws:kms:us-east-1:{account}:key/abc"
    assert allows(statements, "kms:Decrypt", key, **keys)
    assert allows(statements, "kms:GenerateDataKey", key, **keys) == encrypts


def test_template_has_no_findings(path: Path) -> None:
    assert lint_findings(path) == []
