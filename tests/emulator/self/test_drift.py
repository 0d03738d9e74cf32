"""What somebody changes by hand is found, named, and put back when that is asked for."""

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
from tests.support.emulator_programs import Emulator

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
UNREAD = {"Topic"}


@pytest.fixture(scope="module", autouse=True)
def _stack(emulator: Emulator) -> None:
    stack = create(emulator, NAME, RESOURCES)
    assert status(emulator, stack) == "CREATE_COMPLETE", failures(emulator, stack)


def detected(emulator: Emulator) -> dict[str, dict[str, Any]]:
    """What is told of each resource that was looked at, once the stack's status is as it says."""
    client = emulator.client("cloudformation")
    identity = client.detect_stack_drift(StackName=NAME)["StackDriftDetectionId"]
    told = client.describe_stack_drift_detection_status(StackDriftDetectionId=identity)
    drifts = client.describe_stack_resource_drifts(StackName=NAME)["StackResourceDrifts"]
    found = {item["LogicalResourceId"]: item for item in drifts}
    drifted = [name for name in found if found[name]["StackResourceDriftStatus"] != "IN_SYNC"]
    assert told["DetectionStatus"] == "DETECTION_COMPLETE"
    assert told["DriftedStackResourceCount"] == len(drifted)
    assert told["StackDriftStatus"] == ("DRIFTED" if drifted else "IN_SYNC")
    return found


def drifted(emulator: Emulator) -> dict[str, tuple[str, list[str]]]:
    """Status and paths of what isn't as it was made."""
    return {
        name: (
            item["StackResourceDriftStatus"],
            [difference["PropertyPath"] for difference in item["PropertyDifferences"]],
        )
        for name, item in detected(emulator).items()
        if item["StackResourceDriftStatus"] != "IN_SYNC"
    }


def revert(emulator: Emulator) -> list[tuple[str, str]]:
    """Puts the stack back; (action, name) of what the change set said."""
    client = emulator.client("cloudformation")
    client.create_change_set(
        StackName=NAME,
        ChangeSetName="back",
        TemplateBody=template(RESOURCES),
        DeploymentMode="REVERT_DRIFT",
    )
    told = client.describe_change_set(StackName=NAME, ChangeSetName="back")["Changes"]
    client.execute_change_set(StackName=NAME, ChangeSetName="back")
    assert status(emulator, NAME) == "UPDATE_COMPLETE"
    changes = [item["ResourceChange"] for item in told]
    return [(item["Action"], item["LogicalResourceId"]) for item in changes]


def test_a_stack_that_nobody_has_touched_is_in_sync_and_what_is_not_read_is_not_told_of(
    emulator: Emulator,
) -> None:
    found = detected(emulator)
    assert found.keys() == RESOURCES.keys() - UNREAD
    assert drifted(emulator) == {}


Hand = Callable[[Callable[[str], Any]], Any]
HANDS: dict[str, tuple[Hand, str, str, str]] = {
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


@pytest.mark.parametrize("change", HANDS)
def test_a_change_by_hand_is_found_and_put_back(emulator: Emulator, change: str) -> None:
    hand, name, word, path = HANDS[change]
    hand(emulator.client)
    assert drifted(emulator) == {name: (word, [path] if path else [])}
    action = "Add" if word == "DELETED" else "Modify"
    assert (action, name) in revert(emulator)
    assert drifted(emulator) == {}


def test_the_same_template_without_being_asked_to_puts_nothing_back(emulator: Emulator) -> None:
    HANDS["parameter"][0](emulator.client)
    client = emulator.client("cloudformation")
    client.create_change_set(StackName=NAME, ChangeSetName="same", TemplateBody=template(RESOURCES))
    assert client.describe_change_set(StackName=NAME, ChangeSetName="same")["Status"] == "FAILED"
    assert drifted(emulator) == {"Parameter": ("MODIFIED", ["/Value"])}
