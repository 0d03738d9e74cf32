"""The delivery's roles: trusted jobs and permissions, and similar ones that are denied."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.support.delivery_stack import delivery_template
from tests.support.template_checks import lint_findings
from tests.support.templates import (
    ACCOUNT,
    Template,
    allows,
    as_list,
    of_type,
)

REPOSITORY = "octo-org@123456/octo-repo@456789"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
ISSUER = "token.actions.githubusercontent.com"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/limits"
SAGEMAKER = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}"
BUCKET = "arn:aws:s3:::sentiment-dev-storagebucket19db2ff8-abc"
OWN = {"aws__ResourceAccount": ACCOUNT}
ROLES = [
    f"sentiment-{environment}-{kind}"
    for environment in ("dev", "prod")
    for kind in ("deploy", "drift", "smoke")
]

Delivered = Callable[..., Template]


@pytest.fixture(scope="module")
def folder(assembly: Any, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return the template of a delivery of dev with settings in JSON. ``assembly`` starts jsii."""

    @cache
    def synthesized(settings: str) -> Path:
        given = json.loads(settings)
        known = {"dev": {"region": "us-east-1", **given["dev"]}, "prod": {"region": "eu-west-1"}}
        delivery = {"repository": REPOSITORY, **given["delivery"]}
        return delivery_template(tmp_path_factory.mktemp("delivery"), known, **delivery)

    return synthesized


@pytest.fixture(scope="module")
def delivered(folder: Callable[[str], Path]) -> Delivered:
    """The delivery's template with settings of the delivery and of dev."""

    def template(dev: Any = None, **delivery: Any) -> Template:
        path = folder(json.dumps({"dev": dev or {}, "delivery": delivery}))
        read = json.loads(path.read_text(encoding="utf-8"))
        resources = json.dumps(read["Resources"])
        provider = json.dumps({"Fn::GetAtt": ["Provider", "Arn"]})
        return {"Resources": json.loads(resources.replace(provider, json.dumps(PROVIDER)))}

    return template


def _role(template: Template, name: str) -> tuple[str, dict[str, Any]]:
    roles = of_type(template, "AWS::IAM::Role")
    [found] = [item for item in roles.items() if item[1]["Properties"]["RoleName"] == name]
    return found


def _statements(template: Template, name: str) -> list[dict[str, Any]]:
    logical_id, _ = _role(template, name)
    return [
        statement
        for policy in of_type(template, "AWS::IAM::Policy").values()
        if policy["Properties"]["Roles"] == [logical_id.lower()]
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
    ]


def _trusts(template: Template, name: str, **claims: str) -> bool:
    """Return whether AWS grants the role for a token of GitHub with these claims."""
    _, role = _role(template, name)
    [statement] = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Effect"] == "Allow"
    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert statement["Principal"] == {"Federated": PROVIDER}
    [(operator, wanted)] = statement["Condition"].items()
    assert operator == "StringEquals"
    token = {f"{ISSUER}:{claim}": value for claim, value in claims.items()}
    return all(token.get(claim) in as_list(value) for claim, value in wanted.items())


def _token(job: str, **other: str) -> dict[str, str]:
    """Return the claims of a job of the repository on main."""
    ours = {"aud": "sts.amazonaws.com", "ref": "refs/heads/main", "sub": f"repo:{REPOSITORY}:{job}"}
    return ours | other


IN_DEV, ON_MAIN = "environment:dev", "ref:refs/heads/main"


def test_delivery_has_a_provider_and_three_roles_for_each_environment(delivered: Delivered) -> None:
    template = delivered()
    kinds = {resource["Type"] for resource in template["Resources"].values()}
    assert kinds == {"AWS::IAM::OIDCProvider", "AWS::IAM::Policy", "AWS::IAM::Role"}
    names = [
        role["Properties"]["RoleName"] for role in of_type(template, "AWS::IAM::Role").values()
    ]
    assert sorted(names) == ROLES


def test_provider_is_githubs_with_one_audience_and_no_thumbprint(delivered: Delivered) -> None:
    [provider] = of_type(delivered(), "AWS::IAM::OIDCProvider").values()
    assert provider["Properties"]["Url"] == f"https://{ISSUER}"
    assert provider["Properties"]["ClientIdList"] == ["sts.amazonaws.com"]
    assert "ThumbprintList" not in provider["Properties"]


def test_existing_provider_is_used_without_creating_one(delivered: Delivered) -> None:
    template = delivered(create_provider=False)
    assert of_type(template, "AWS::IAM::OIDCProvider") == {}
    assert _trusts(template, "sentiment-dev-deploy", **_token(IN_DEV))


@pytest.mark.parametrize("kind", ["deploy", "smoke"])
def test_job_of_the_environment_on_main_is_trusted(delivered: Delivered, kind: str) -> None:
    assert _trusts(delivered(), f"sentiment-dev-{kind}", **_token(IN_DEV))


def test_nightly_job_on_main_is_trusted_without_an_environment(delivered: Delivered) -> None:
    for environment in ("dev", "prod"):
        assert _trusts(delivered(), f"sentiment-{environment}-drift", **_token(ON_MAIN))


STRANGERS = {
    "environment": _token("environment:prod"),
    "environment-that-begins-so": _token("environment:dev2"),
    "environment-in-other-letters": _token("environment:Dev"),
    "no-environment": _token(ON_MAIN),
    "pull-request": _token("pull_request", ref="refs/pull/1/merge"),
    "environment-from-a-pull-request": _token(IN_DEV, ref="refs/pull/1/merge"),
    "branch": _token(IN_DEV, ref="refs/heads/feature"),
    "branch-that-begins-so": _token(IN_DEV, ref="refs/heads/main2"),
    "tag-called-main": _token(IN_DEV, ref="refs/tags/main"),
    "audience": _token(IN_DEV, aud="https://github.com/octo-org"),
    "repository": _token(IN_DEV, sub=f"repo:octo-org@123456/other@789:{IN_DEV}"),
    "repository-of-the-same-name": _token(IN_DEV, sub=f"repo:octo-org@1/octo-repo@2:{IN_DEV}"),
    "repository-without-ids": _token(IN_DEV, sub=f"repo:octo-org/octo-repo:{IN_DEV}"),
    "owner": _token(IN_DEV, sub=f"repo:evil@666/octo-repo@456789:{IN_DEV}"),
    "token-without-a-branch": {
        claim: value for claim, value in _token(IN_DEV).items() if claim != "ref"
    },
}


@pytest.mark.parametrize("claims", STRANGERS.values(), ids=STRANGERS)
@pytest.mark.parametrize("kind", ["deploy", "smoke"])
def test_other_jobs_are_not_trusted(
    delivered: Delivered, kind: str, claims: dict[str, str]
) -> None:
    assert not _trusts(delivered(), f"sentiment-dev-{kind}", **claims)


@pytest.mark.parametrize(
    ("role", "job"), [("deploy", IN_DEV), ("smoke", IN_DEV), ("drift", ON_MAIN)]
)
def test_both_spellings_of_the_repository_are_trusted_during_a_migration(
    delivered: Delivered, role: str, job: str
) -> None:
    template = delivered(previous_repository="octo-org/octo-repo")
    name = f"sentiment-dev-{role}"
    for repository in (REPOSITORY, "octo-org/octo-repo"):
        assert _trusts(template, name, **_token(job, sub=f"repo:{repository}:{job}"))
    others = ("octo-org/other", "octo-org@1/octo-repo@2")
    for repository in others:
        assert not _trusts(template, name, **_token(job, sub=f"repo:{repository}:{job}"))


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param(_token(IN_DEV), id="environment"),
        pytest.param(_token("pull_request", ref="refs/pull/1/merge"), id="pull-request"),
        pytest.param(_token("ref:refs/heads/feature", ref="refs/heads/feature"), id="branch"),
        pytest.param(_token(ON_MAIN, sub=f"repo:evil@666/octo-repo@1:{ON_MAIN}"), id="repository"),
        pytest.param(_token(ON_MAIN, aud="https://github.com/octo-org"), id="audience"),
    ],
)
def test_drift_role_does_not_trust_other_jobs(delivered: Delivered, claims: dict[str, str]) -> None:
    assert not _trusts(delivered(), "sentiment-dev-drift", **claims)


@pytest.mark.parametrize("name", ROLES)
def test_trust_policy_has_no_wildcard(delivered: Delivered, name: str) -> None:
    _, role = _role(delivered(), name)
    conditions = json.dumps(role["Properties"]["AssumeRolePolicyDocument"])
    assert not {"*", "?"} & set(conditions)


def _bootstrap_role(kind: str, account: str = ACCOUNT, region: str = "us-east-1") -> str:
    return f"arn:aws:iam::{account}:role/cdk-hnb659fds-{kind}-role-{account}-{region}"


@pytest.mark.parametrize(
    ("role", "kinds"),
    [("deploy", ("deploy", "file-publishing", "lookup")), ("drift", ("lookup",))],
    ids=["deploy", "drift"],
)
def test_role_may_only_assume_bootstrap_roles(
    delivered: Delivered, role: str, kinds: tuple[str, ...]
) -> None:
    [statement] = _statements(delivered(), f"sentiment-dev-{role}")
    assert statement["Action"] == "sts:AssumeRole"
    assert as_list(statement["Resource"]) == [_bootstrap_role(kind) for kind in kinds]


def test_bootstrap_roles_are_those_of_the_environments_region(
    delivered: Delivered,
) -> None:
    statements = _statements(delivered(), "sentiment-prod-deploy")
    assert allows(statements, "sts:AssumeRole", _bootstrap_role("deploy", region="eu-west-1"))


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        pytest.param("sts:AssumeRole", _bootstrap_role("cfn-exec"), id="administrator"),
        pytest.param("sts:AssumeRole", _bootstrap_role("image-publishing"), id="images"),
        pytest.param(
            "sts:AssumeRole", _bootstrap_role("deploy", account="999999999999"), id="account"
        ),
        pytest.param("sts:AssumeRole", _bootstrap_role("deploy", region="eu-west-1"), id="region"),
        pytest.param("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/admin", id="any-role"),
        pytest.param("sts:TagSession", _bootstrap_role("deploy"), id="tags"),
        pytest.param("iam:PassRole", _bootstrap_role("cfn-exec"), id="pass"),
        pytest.param("cloudformation:CreateChangeSet", "*", id="cloudformation-by-itself"),
    ],
)
@pytest.mark.parametrize("role", ["deploy", "drift", "smoke"])
def test_role_may_do_nothing_else(
    delivered: Delivered, role: str, action: str, resource: str
) -> None:
    assert not allows(_statements(delivered(), f"sentiment-dev-{role}"), action, resource)


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("sagemaker:DescribePipeline", f"{SAGEMAKER}:pipeline/sentiment-dev"),
        ("sagemaker:StartPipelineExecution", f"{SAGEMAKER}:pipeline/sentiment-dev"),
        ("sagemaker:DescribePipelineExecution", f"{SAGEMAKER}:pipeline/sentiment-dev/execution/x"),
        ("sagemaker:ListPipelineExecutionSteps", f"{SAGEMAKER}:pipeline/sentiment-dev/execution/x"),
        ("s3:PutObject", f"{BUCKET}/executions/datasets/abc-demo.tar"),
        ("s3:GetObject", f"{BUCKET}/models/abc/evaluation/evaluation.json"),
    ],
)
def test_smoke_role_may_start_and_watch_executions(
    delivered: Delivered, action: str, resource: str
) -> None:
    assert allows(_statements(delivered(), "sentiment-dev-smoke"), action, resource, **OWN)


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("sagemaker:StartPipelineExecution", f"{SAGEMAKER}:pipeline/sentiment-prod"),
        ("sagemaker:UpdatePipeline", f"{SAGEMAKER}:pipeline/sentiment-dev"),
        ("sagemaker:UpdateModelPackage", f"{SAGEMAKER}:model-package/sentiment-dev/1"),
        ("sagemaker:DeleteModelPackage", f"{SAGEMAKER}:model-package/sentiment-dev/1"),
        ("sagemaker:DeleteModel", f"{SAGEMAKER}:model/pipelines-abc-CreateModel-x"),
        ("s3:PutObject", f"{BUCKET}/raw/reviews.tar.gz"),
        ("s3:PutObject", f"{BUCKET}/models/abc/evaluation/evaluation.json"),
        ("s3:GetObject", f"{BUCKET}/models/abc/model/model.tar.gz"),
        ("s3:DeleteObject", f"{BUCKET}/executions/datasets/abc-demo.tar"),
        ("s3:PutObject", "arn:aws:s3:::sentiment-prod-storagebucket1/executions/datasets/x"),
        ("kms:Decrypt", f"arn:aws:kms:us-east-1:{ACCOUNT}:key/abc"),
    ],
)
def test_smoke_role_may_do_nothing_else(delivered: Delivered, action: str, resource: str) -> None:
    assert not allows(_statements(delivered(), "sentiment-dev-smoke"), action, resource, **OWN)


def test_smoke_role_may_not_write_to_another_accounts_bucket_with_such_a_name(
    delivered: Delivered,
) -> None:
    statements = _statements(delivered(), "sentiment-dev-smoke")
    key = f"{BUCKET}/executions/datasets/x"
    assert not allows(statements, "s3:PutObject", key, aws__ResourceAccount="999999999999")


def test_smoke_roles_bucket_pattern_matches_the_deployed_name(
    dev: Template, delivered: Delivered
) -> None:
    # CloudFormation: stack, logical id, an ending; in lower case.
    [(logical_id, bucket)] = of_type(dev, "AWS::S3::Bucket").items()
    assert "BucketName" not in bucket["Properties"]
    name = f"sentiment-dev-{logical_id.lower()}-qwertyuiop"
    statements = _statements(delivered(), "sentiment-dev-smoke")
    assert allows(statements, "s3:ListBucket", f"arn:aws:s3:::{name}", **OWN)


def test_smoke_role_may_use_keys_only_through_the_bucket(
    delivered: Delivered,
) -> None:
    statements = _statements(delivered({"customer_key": True}), "sentiment-dev-smoke")
    key = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/abc"
    through = {"kms__ViaService": "s3.us-east-1.amazonaws.com"}
    of_bucket = {"kms__EncryptionContext__aws__s3__arn": BUCKET}
    of_other = {"kms__EncryptionContext__aws__s3__arn": "arn:aws:s3:::other"}
    assert allows(statements, "kms:GenerateDataKey", key, **through, **of_bucket)
    assert not allows(statements, "kms:GenerateDataKey", key, **of_bucket)
    assert not allows(statements, "kms:GenerateDataKey", key, **through, **of_other)


def test_boundary_applies_only_to_roles_of_its_environment(delivered: Delivered) -> None:
    template = delivered({"permission_boundary": BOUNDARY})
    bounded = {
        name: _role(template, name)[1]["Properties"].get("PermissionsBoundary") for name in ROLES
    }
    assert bounded == {name: BOUNDARY if "-dev-" in name else None for name in ROLES}


@pytest.mark.parametrize("dev", [{}, {"customer_key": True}], ids=["plain", "key"])
def test_cfn_lint_finds_nothing(folder: Callable[[str], Path], dev: dict[str, Any]) -> None:
    assert lint_findings(folder(json.dumps({"dev": dev, "delivery": {}}))) == []
