"""Findings of cdk-nag and checkov that are meant to stay, each with its reason.

Neither is part of a deployment. The tests run cdk-nag (AwsSolutions and NIST 800-53) over every
environment, `make audit` runs checkov; a finding that isn't acknowledged here fails them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from aws_cdk import Acknowledgment, CfnResource, Stack, Validations
from aws_cdk import aws_s3 as s3
from constructs import IConstruct

from infra.delivery.operator_policy import operator_statements
from infra.delivery.settings import Delivery
from infra.settings import Settings

_SOLUTIONS = "AwsSolutions::AwsSolutions-"
_NIST = "NIST.800.53.R5::NIST.800.53.R5-"

_EVERYWHERE = {
    f"{_NIST}IAMNoInlinePolicy": "Each policy serves one role of the stack and goes with it; a "
    "managed policy could be attached to others.",
}
_BUCKET = {
    f"{_SOLUTIONS}S1": "CloudTrail's data events tell who read what, if an account wants to know; "
    "access logs would be a second bucket with the same question.",
    f"{_NIST}S3BucketLoggingEnabled": "As for AwsSolutions-S1.",
    f"{_NIST}S3BucketReplicationEnabled": "Everything in it can be made anew from the dataset; "
    "versions are kept against mistakes.",
    f"{_NIST}S3DefaultEncryptionKMS": "Encrypted with the key that S3 manages; the setting "
    "customer_key brings a key of the environment's own.",
}
_LOG_GROUPS = {
    f"{_NIST}CloudWatchLogGroupEncrypted": "Encrypted with the key that CloudWatch manages; the "
    "setting customer_key brings a key of the environment's own.",
}
_ANY_RESOURCE = {
    f"{_SOLUTIONS}IAM5[Resource::*]": "The services know no resource for these actions: "
    "ecr:GetAuthorizationToken, cloudwatch:PutMetricData (limited by its namespace), X-Ray, "
    "CloudWatch Logs' delivery, and ec2:Describe* for jobs in a VPC.",
}
_OPERATES = (
    "An execution's id, its jobs' names and the bucket's ending aren't known before they are made; "
    "the service knows no resource for listing names."
)
_CHECKOV_BUCKET = {"CKV_AWS_18": _BUCKET[f"{_SOLUTIONS}S1"]}
_CDKS_OWN = (
    "CDK's own function, which empties the bucket when the stack goes; nobody else calls it."
)
_CHECKOV_EMPTIER = dict.fromkeys(("CKV_AWS_115", "CKV_AWS_116", "CKV_AWS_117"), _CDKS_OWN)
_EMPTIER = "Custom::S3AutoDeleteObjectsCustomResourceProvider/Handler"
_JOB_KINDS = ("processing-job", "training-job", "transform-job", "model")
_IMAGES = ("sagemaker-scikit-learn", "sagemaker-xgboost")


def acknowledge(stack: Stack, settings: Settings) -> None:
    """Acknowledges the findings of the stack, by the constructs that they are about."""
    _say(stack, _EVERYWHERE)
    for path, findings in (
        ("Storage/Bucket", _BUCKET),
        ("ExecutionRole/Policy", {**_ANY_RESOURCE, **_wildcards(stack, settings)}),
        ("Starter/Machine/Role/DefaultPolicy", _ANY_RESOURCE),
        ("Starter/Logs", _LOG_GROUPS),
        ("JobLogs", _LOG_GROUPS),
    ):
        if construct := _find(stack, path):
            _say(construct, findings)

    _skip(_bucket(stack), _CHECKOV_BUCKET)
    if emptier := _find(stack, _EMPTIER):
        _skip(emptier, _CHECKOV_EMPTIER)


def acknowledge_delivery(stack: Stack, delivery: Delivery) -> None:
    """Acknowledges the findings of a delivery's stack."""
    _say(stack, _EVERYWHERE)
    account = delivery.account or "<AWS::AccountId>"
    for settings in delivery.environments:
        statements = operator_statements(settings, "<AWS::Partition>", account)
        written = (statement["Resource"] for statement in statements)
        resources = {one for some in written for one in ([some] if isinstance(some, str) else some)}
        policy = stack.node.find_child(settings.name).node.find_child("SmokePolicy")
        _say(
            policy,
            {
                f"{_SOLUTIONS}IAM5[Resource::{resource}]": _OPERATES
                for resource in resources
                if "*" in resource
            },
        )


def _wildcards(stack: Stack, settings: Settings) -> dict[str, str]:
    """The execution role's resources that hold a wildcard."""
    return {
        f"{_SOLUTIONS}IAM5[Resource::{resource}]": reason
        for resource, reason in _wildcard_resources(stack, settings)
    }


def _wildcard_resources(stack: Stack, settings: Settings) -> Iterator[tuple[str, str]]:
    account = settings.account or "<AWS::AccountId>"
    here = f"{settings.region}:{account}"
    for kind in _JOB_KINDS:
        yield (
            f"arn:<AWS::Partition>:sagemaker:{here}:{kind}/pipelines-*",
            "Pipelines name their jobs pipelines-<execution>-<step>-...; the execution's id isn't "
            "known before it starts.",
        )
    yield (
        f"arn:<AWS::Partition>:sagemaker:{here}:model-package/{settings.resource_name}/*",
        "The versions of the environment's own group, which count up.",
    )
    for image in _IMAGES:
        yield (
            f"arn:<AWS::Partition>:ecr:{settings.region}:*:repository/{image}",
            "AWS's own image; the account that holds it differs by region.",
        )
    yield (
        f"arn:<AWS::Partition>:logs:{here}:log-group:/aws/sagemaker/*",
        "One log group for each kind of job.",
    )
    yield (
        f"arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-{account}-{settings.region}/*.pyz",
        "The code of this deployment and of earlier ones, whose executions may still run.",
    )
    dataset = settings.pipeline.dataset_uri.removeprefix("s3://")
    yield (
        f"arn:<AWS::Partition>:s3:::{dataset}*",
        "The objects below the one prefix that the setting dataset_uri names.",
    )
    bucket = stack.get_logical_id(_bucket(stack))
    yield f"<{bucket}.Arn>/*", "Every object of the environment's own bucket."
    yield (
        f"arn:<AWS::Partition>:ec2:{here}:network-interface/*",
        "Interfaces have no names before they are made; subnets and security groups limit them.",
    )


def _bucket(stack: Stack) -> s3.CfnBucket:
    bucket = _find(stack, "Storage/Bucket")
    assert bucket is not None
    resource = bucket.node.default_child
    assert isinstance(resource, s3.CfnBucket)
    return resource


def _find(scope: IConstruct, path: str) -> IConstruct | None:
    found: IConstruct | None = scope
    for name in path.split("/"):
        found = found.node.try_find_child(name) if found else None
    return found


def _skip(resource: IConstruct, findings: Mapping[str, str]) -> None:
    """As checkov reads it: in the resource's metadata."""
    assert isinstance(resource, CfnResource)
    skipped = [{"id": identity, "comment": reason} for identity, reason in findings.items()]
    resource.add_metadata("checkov", {"skip": skipped})


def _say(construct: IConstruct, findings: Mapping[str, str]) -> None:
    for identity, reason in findings.items():
        Validations.of(construct).acknowledge(Acknowledgment(id=identity, reason=reason))
