"""Drift of stacks in the emulated CloudFormation is detected, and reverted on request."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.emulated_stacks import (
    create,
    failures,
    status,
    template,
)
from tests.support.emulator_process import Emulator

NAME = "drifting"


def _policy(**statement: str) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}


TRUST = _policy(Action="sts:AssumeRole", Principal="*")
GRANT = _policy(Action="s3:GetObject", Resource="*")
MORE = json.dumps(_policy(Action="*", Resource="*"))
BLOCKED = dict.fromkeys(
    ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
)
DEFINITION = json.dumps({"Version": "2020-12-01", "Parameters": [], "Steps": []})
AES = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}
LIFECYCLE = [
    {"ExpirationInDays": 90, "Id": "Expire", "Prefix": "old/", "Status": "Enabled"},
    {
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
        "ExpiredObjectDeleteMarker": True,
        "Id": "TidyUp",
        "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
        "Status": "Enabled",
    },
]


def _resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


RESOURCES = {
    "Bucket": _resource(
        "AWS::S3::Bucket",
        BucketName="drifting",
        BucketEncryption={"ServerSideEncryptionConfiguration": [AES]},
        LifecycleConfiguration={"Rules": LIFECYCLE},
        OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        PublicAccessBlockConfiguration=BLOCKED,
        VersioningConfiguration={"Status": "Enabled"},
    ),
    "Group": _resource("AWS::SageMaker::ModelPackageGroup", ModelPackageGroupName="drifting"),
    "Managed": _resource(
        "AWS::IAM::ManagedPolicy", ManagedPolicyName="drifting", PolicyDocument=GRANT
    ),
    "Parameter": _resource("AWS::SSM::Parameter", Name="/drifting", Type="String", Value="a"),
    "Pipeline": _resource(
        "AWS::SageMaker::Pipeline",
        PipelineName="drifting",
        PipelineDefinition={"PipelineDefinitionBody": DEFINITION},
        RoleArn={"Fn::GetAtt": ["Role", "Arn"]},
    ),
    "Policy": _resource(
        "AWS::IAM::Policy", PolicyName="grant", PolicyDocument=GRANT, Roles=[{"Ref": "Role"}]
    ),
    "Role": _resource(
        "AWS::IAM::Role",
        RoleName="drifting",
        AssumeRolePolicyDocument=TRUST,
        ManagedPolicyArns=[{"Ref": "Managed"}],
        Policies=[{"PolicyName": "own", "PolicyDocument": GRANT}],
    ),
    "Topic": _resource("AWS::SNS::Topic", TopicName="drifting"),
}
NOT_READABLE = {"Topic"}


@pytest.fixture(scope="module", autouse=True)
def _stack(emulator: Emulator) -> None:
    stack = create(emulator, NAME, RESOURCES)
    assert status(emulator, stack) == "CREATE_COMPLETE", failures(emulator, stack)


def detected(emulator: Emulator) -> dict[str, dict[str, Any]]:
    """Detect drift and return the checked resources by logical id."""
    client = emulator.client("cloudformation")
    identity = client.detect_stack_drift(StackName=NAME)["StackDriftDetectionId"]
    detection = client.describe_stack_drift_detection_status(StackDriftDetectionId=identity)
    drifts = client.describe_stack_resource_drifts(StackName=NAME)["StackResourceDrifts"]
    found = {item["LogicalResourceId"]: item for item in drifts}
    drifted = [name for name in found if found[name]["StackResourceDriftStatus"] != "IN_SYNC"]
    assert detection["DetectionStatus"] == "DETECTION_COMPLETE"
    assert detection["DriftedStackResourceCount"] == len(drifted)
    assert detection["StackDriftStatus"] == ("DRIFTED" if drifted else "IN_SYNC")
    return found


def drifted(emulator: Emulator) -> dict[str, tuple[str, list[str]]]:
    """Detect drift and return status and paths of the resources that have drifted."""
    return {
        name: (
            item["StackResourceDriftStatus"],
            [difference["PropertyPath"] for difference in item["PropertyDifferences"]],
        )
        for name, item in detected(emulator).items()
        if item["StackResourceDriftStatus"] != "IN_SYNC"
    }


def revert(emulator: Emulator) -> list[tuple[str, str]]:
    """Revert the stack's drift and return (action, logical id) of each change."""
    client = emulator.client("cloudformation")
    client.create_change_set(
        StackName=NAME,
        ChangeSetName="revert",
        TemplateBody=template(RESOURCES),
        DeploymentMode="REVERT_DRIFT",
    )
    described = client.describe_change_set(StackName=NAME, ChangeSetName="revert")["Changes"]
    client.execute_change_set(StackName=NAME, ChangeSetName="revert")
    assert status(emulator, NAME) == "UPDATE_COMPLETE"
    changes = [item["ResourceChange"] for item in described]
    return [(item["Action"], item["LogicalResourceId"]) for item in changes]


def test_unchanged_stack_is_in_sync_and_types_that_cannot_be_read_are_not_listed(
    emulator: Emulator,
) -> None:
    found = detected(emulator)
    assert found.keys() == RESOURCES.keys() - NOT_READABLE
    assert drifted(emulator) == {}


Change = Callable[[Callable[[str], Any]], Any]
CHANGES: dict[str, tuple[Change, str, str, str]] = {
    "definition": (
        lambda client: client("sagemaker").update_pipeline(
            PipelineName="drifting",
            PipelineDefinition=DEFINITION.replace("[]", '[{"Name": "N", "Type": "String"}]', 1),
        ),
        "Pipeline",
        "MODIFIED",
        "/PipelineDefinition/PipelineDefinitionBody",
    ),
    "inline policy": (
        lambda client: client("iam").put_role_policy(
            RoleName="drifting", PolicyName="grant", PolicyDocument=MORE
        ),
        "Policy",
        "MODIFIED",
        "/PolicyDocument/Statement",
    ),
    "inline policy gone": (
        lambda client: client("iam").delete_role_policy(RoleName="drifting", PolicyName="grant"),
        "Policy",
        "DELETED",
        "",
    ),
    "role's own policy": (
        lambda client: client("iam").delete_role_policy(RoleName="drifting", PolicyName="own"),
        "Role",
        "MODIFIED",
        "/Policies",
    ),
    "another managed policy": (
        lambda client: client("iam").attach_role_policy(
            RoleName="drifting", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
        ),
        "Role",
        "MODIFIED",
        "/ManagedPolicyArns",
    ),
    "trust": (
        lambda client: client("iam").update_assume_role_policy(
            RoleName="drifting",
            PolicyDocument=json.dumps(_policy(Action="sts:AssumeRole", Principal="123456789012")),
        ),
        "Role",
        "MODIFIED",
        "/AssumeRolePolicyDocument/Statement",
    ),
    "managed policy": (
        lambda client: client("iam").create_policy_version(
            PolicyArn="arn:aws:iam::123456789012:policy/drifting",
            PolicyDocument=MORE,
            SetAsDefault=True,
        ),
        "Managed",
        "MODIFIED",
        "/PolicyDocument/Statement",
    ),
    "versioning": (
        lambda client: client("s3").put_bucket_versioning(
            Bucket="drifting", VersioningConfiguration={"Status": "Suspended"}
        ),
        "Bucket",
        "MODIFIED",
        "/VersioningConfiguration/Status",
    ),
    "public access": (
        lambda client: client("s3").delete_public_access_block(Bucket="drifting"),
        "Bucket",
        "MODIFIED",
        "/PublicAccessBlockConfiguration",
    ),
    "lifecycle": (
        lambda client: client("s3").delete_bucket_lifecycle(Bucket="drifting"),
        "Bucket",
        "MODIFIED",
        "/LifecycleConfiguration",
    ),
    "parameter": (
        lambda client: client("ssm").put_parameter(Name="/drifting", Value="b", Overwrite=True),
        "Parameter",
        "MODIFIED",
        "/Value",
    ),
    "parameter gone": (
        lambda client: client("ssm").delete_parameter(Name="/drifting"),
        "Parameter",
        "DELETED",
        "",
    ),
    "group gone": (
        lambda client: client("sagemaker").delete_model_package_group(
            ModelPackageGroupName="drifting"
        ),
        "Group",
        "DELETED",
        "",
    ),
    "bucket gone": (
        lambda client: client("s3").delete_bucket(Bucket="drifting"),
        "Bucket",
        "DELETED",
        "",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_manual_change_is_detected_and_reverted(emulator: Emulator, change: str) -> None:
    apply, name, status, path = CHANGES[change]
    apply(emulator.client)
    assert drifted(emulator) == {name: (status, [path] if path else [])}
    action = "Add" if status == "DELETED" else "Modify"
    assert (action, name) in revert(emulator)
    assert drifted(emulator) == {}


def test_same_template_reverts_nothing_unless_requested(emulator: Emulator) -> None:
    CHANGES["parameter"][0](emulator.client)
    client = emulator.client("cloudformation")
    client.create_change_set(StackName=NAME, ChangeSetName="same", TemplateBody=template(RESOURCES))
    assert client.describe_change_set(StackName=NAME, ChangeSetName="same")["Status"] == "FAILED"
    assert drifted(emulator) == {"Parameter": ("MODIFIED", ["/Value"])}
