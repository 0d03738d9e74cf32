"""Findings of cdk-nag and checkov that are accepted, each with its reason.

Neither tool is part of a deployment. The tests run cdk-nag (AwsSolutions and NIST 800-53) over
every environment and every setting, `make audit` runs checkov; both fail for a finding that isn't
acknowledged here. Wildcards are read from the policies themselves: a statement whose ID has no
reason here stays a finding.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from aws_cdk import Acknowledgment, CfnResource, Stack, Validations
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import IConstruct

from infra.observability.job_logs import PROVIDER

_SOLUTIONS = "AwsSolutions::AwsSolutions-"
_NIST = "NIST.800.53.R5::NIST.800.53.R5-"

_STACK = {
    f"{_NIST}IAMNoInlinePolicy": "Each policy belongs to one role and is deleted with it; a "
    "managed policy could be attached to other roles.",
}
_BUCKET = {
    f"{_SOLUTIONS}S1": "Access logs cost a second bucket; the setting access_log_days creates it.",
    f"{_NIST}S3BucketLoggingEnabled": "As for AwsSolutions-S1.",
    f"{_NIST}S3BucketReplicationEnabled": "All content can be reproduced from the dataset; old "
    "versions protect against accidental deletion.",
    f"{_NIST}S3DefaultEncryptionKMS": "Encrypted with S3-managed keys; the setting customer_key "
    "creates a customer-managed key.",
}
_LOG_GROUPS = {
    f"{_NIST}CloudWatchLogGroupEncrypted": "Encrypted with a key that CloudWatch manages; the "
    "setting customer_key creates a customer-managed key.",
}
_STATE_MACHINE = {
    f"{_SOLUTIONS}IAM5[Resource::*]": "The actions of X-Ray and of the delivery of CloudWatch Logs "
    "have no resource types.",
}
_JOB_NAMES = (
    "SageMaker names the jobs of pipelines pipelines-<execution>-<step>-...; the execution's ID is "
    "not known before it starts."
)
_ANY_RESOURCE = "The actions have no resource types."
_EXECUTION_ROLE = {
    "ProcessingJobs": _JOB_NAMES,
    "TrainingJobs": _JOB_NAMES,
    "TransformJobs": _JOB_NAMES,
    "Models": _JOB_NAMES,
    "ModelPackages": "The versions of the environment's own model package group.",
    "Versions": "The versions of the environment's own model package group.",
    "Tags": "The jobs, models and versions of the statements that create them.",
    "Objects": "All objects of the environment's own bucket.",
    "ReadDataset": "The objects below the prefixes that dataset_uri and dataset_prefixes name.",
    "ReadCode": "The code of this deployment, and of earlier ones whose executions still run.",
    "RegistryLogin": _ANY_RESOURCE,
    "BuiltInImages": "AWS's own images; the account that owns them differs by region.",
    "Logs": "SageMaker's log groups, one for each kind of job.",
    "Metrics": f"{_ANY_RESOURCE} A condition limits the namespaces.",
    "NetworkInterfaces": "Network interfaces have no IDs before they are created; subnets and "
    "security groups are named.",
    "DescribeNetwork": _ANY_RESOURCE,
}
"""Reasons for wildcards in resources by the IDs of the execution role's statements."""
_OPERATOR = (
    "The IDs of executions, the names of their jobs and the suffix of the bucket's name are not "
    "known before they are created; actions that list resources have no resource types."
)
_FAILED_EXECUTIONS = {
    "sagemaker:describePipelineExecution": "Any execution of the environment's own pipelines.",
}
"""Reasons by the first action of statements without an ID, which the CDK writes."""
_JOB_LOGS = {
    "SetRetention": "The log groups are named; the ARN of a log group ends in :* in policies.",
}
_OWN_NAMES = "Deployments name what they create: the endpoint's name, the version, and an ID."
_ENDPOINT = {
    **{name: _EXECUTION_ROLE[name] for name in ("Versions", "RegistryLogin", "BuiltInImages")},
    **{name: _EXECUTION_ROLE[name] for name in ("Metrics", "NetworkInterfaces", "DescribeNetwork")},
    **dict.fromkeys(("Models", "Configurations", "Endpoints", "Tags"), _OWN_NAMES),
    "ListEndpoints": _ANY_RESOURCE,
    "Autoscaling": "Scalable targets get their IDs when they are created; a condition limits the "
    "service.",
    "ScalingAlarms": "The alarms of the endpoint's scaling policy, which have IDs.",
    "ReadModels": "The artifacts of all versions.",
    "Capture": "The prefix of captured requests.",
    "Logs": "The log groups of the endpoint and of its candidate.",
}
"""Reasons for wildcards in the policies of the endpoint's role and of its deployments."""

_TRIGGERS = {"s3:GetObject": "The objects below triggers/, which have the names of uploads."}
_STATE_MACHINES = (
    "ExecutionTrigger",
    "ScoringTrigger",
    "Endpoint",
    "Observability/Alerts/FailedExecutions",
)
_ALARM = {
    f"{_NIST}CloudWatchAlarmAction": "An update of the endpoint is rolled back while the alarm is "
    "on; the setting alert_email adds notifications.",
}
_ALARMS = ("Endpoint/ErrorsAlarm", "Endpoint/LatencyAlarm")
_ENDPOINT_LOGS = ("Endpoint/LiveLogs", "Endpoint/CandidateLogs")
_CDK_FUNCTION = "The CDK's own function, which only CloudFormation calls."
_CDK_FUNCTIONS = (
    "Custom::S3AutoDeleteObjectsCustomResourceProvider/Handler",
    f"{PROVIDER}/Resource",
)
_CHECKOV_BUCKET = {"CKV_AWS_18": _BUCKET[f"{_SOLUTIONS}S1"]}
_CHECKOV_LOG_GROUP = {"CKV_AWS_158": _LOG_GROUPS[f"{_NIST}CloudWatchLogGroupEncrypted"]}
_CHECKOV_FUNCTION = dict.fromkeys(("CKV_AWS_115", "CKV_AWS_116", "CKV_AWS_117"), _CDK_FUNCTION)


def acknowledge(stack: Stack) -> None:
    """Acknowledge the findings of an environment's stack."""
    _accept(stack, _STACK)
    for path, findings in (
        ("Storage/Bucket", _BUCKET),
        ("Storage/AccessLogs", _BUCKET),
        *((f"{path}/StateMachine/Role/DefaultPolicy", _STATE_MACHINE) for path in _STATE_MACHINES),
        *((f"{path}/Logs", _LOG_GROUPS) for path in _STATE_MACHINES),
        *((path, _LOG_GROUPS) for path in ("Observability/JobLogs", *_ENDPOINT_LOGS)),
        *((path, _ALARM) for path in _ALARMS),
    ):
        if construct := _find(stack, path):
            _accept(construct, findings)
    _accept_wildcards(_find(stack, "ExecutionRole/Policy"), _EXECUTION_ROLE)
    if policy := _find(stack, "Observability/JobLogs/Policy"):
        _accept_wildcards(policy, _JOB_LOGS)
    for path in _STATE_MACHINES:
        if policy := _find(stack, f"{path}/StateMachine/Role/DefaultPolicy"):
            _accept_wildcards(policy, {**_FAILED_EXECUTIONS, **_TRIGGERS})

    for path in ("Endpoint/Policy", "Endpoint/Serving/Policy"):
        if policy := _find(stack, path):
            _accept_wildcards(policy, _ENDPOINT)

    bucket = _find(stack, "Storage/Bucket")
    assert bucket is not None
    _skip(bucket.node.default_child, _CHECKOV_BUCKET)
    own_logs = (*(f"{path}/Logs" for path in _STATE_MACHINES), "Observability/JobLogs/FunctionLogs")
    for path in (*(f"{group}/Resource" for group in own_logs), *_ENDPOINT_LOGS):
        group = _find(stack, path)
        if isinstance(group, logs.CfnLogGroup) and group.kms_key_id is None:
            _skip(group, _CHECKOV_LOG_GROUP)
    for path in _CDK_FUNCTIONS:
        if function := _find(stack, path):
            _skip(function, _CHECKOV_FUNCTION)


def acknowledge_delivery(stack: Stack) -> None:
    """Acknowledge the findings of a delivery's stack."""
    _accept(stack, _STACK)
    for construct in stack.node.find_all():
        if isinstance(construct, iam.Policy) and construct.node.id in (
            "PromotePolicy",
            "SmokePolicy",
        ):
            statements = _statements(construct)
            _accept_wildcards(construct, {statement["Sid"]: _OPERATOR for statement in statements})


def _accept_wildcards(policy: IConstruct | None, reasons: Mapping[str, str]) -> None:
    """Acknowledge the wildcards in a policy's resources.

    reasons: by the IDs of its statements; of those without an ID, by their first action.
    """
    assert isinstance(policy, iam.Policy)
    for statement in _statements(policy):
        if reason := reasons.get(statement.get("Sid", _as_list(statement["Action"])[0])):
            for resource in _as_list(statement["Resource"]):
                name = _name_in_findings(resource)
                if "*" in name:
                    _accept(policy, {f"{_SOLUTIONS}IAM5[Resource::{name}]": reason})


def _statements(policy: iam.Policy) -> list[dict[str, Any]]:
    document: dict[str, Any] = Stack.of(policy).resolve(policy.document)
    statements: list[dict[str, Any]] = document["Statement"]
    return statements


def _name_in_findings(resource: Any) -> str:
    """Return a resource as cdk-nag writes it: functions of CloudFormation in angle brackets."""
    if isinstance(resource, str):
        return resource
    [(function, operand)] = resource.items()
    if function == "Fn::Sub":
        return re.sub(r"\$\{([^}]+)\}", r"<\1>", operand)
    if function == "Fn::Join":
        separator, parts = operand
        return str(separator).join(map(_name_in_findings, parts))
    return f"<{'.'.join(_as_list(operand))}>"


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _find(scope: IConstruct, path: str) -> IConstruct | None:
    found: IConstruct | None = scope
    for name in path.split("/"):
        found = found.node.try_find_child(name) if found else None
    return found


def _skip(resource: IConstruct | None, findings: Mapping[str, str]) -> None:
    """Acknowledge checkov's findings in the resource's metadata, where checkov reads them."""
    assert isinstance(resource, CfnResource)
    skipped = [{"id": finding, "comment": reason} for finding, reason in findings.items()]
    resource.add_metadata("checkov", {"skip": skipped})


def _accept(construct: IConstruct, findings: Mapping[str, str]) -> None:
    for finding, reason in findings.items():
        Validations.of(construct).acknowledge(Acknowledgment(id=finding, reason=reason))
