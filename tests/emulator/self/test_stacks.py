"""Stacks of the emulated CloudFormation fail, roll back and are replaced as on AWS."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.emulated_stacks import (
    Resources,
    create,
    failures,
    status,
    template,
)
from tests.support.emulator_process import Emulator

POLICY = {
    "Type": "AWS::S3::BucketPolicy",
    "Properties": {
        "Bucket": "no-such-bucket",
        "PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]},
    },
}
"""A policy that fails, because its bucket doesn't exist."""


def bucket(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::S3::Bucket", "Properties": properties}


def physical(emulator: Emulator, stack: str, name: str) -> str:
    found = emulator.client("cloudformation").describe_stack_resource(
        StackName=stack, LogicalResourceId=name
    )
    return str(found["StackResourceDetail"]["PhysicalResourceId"])


def error_message(call: Callable[[], Any]) -> str:
    with pytest.raises(ClientError) as error:
        call()
    return str(error.value.response["Error"]["Message"])


def buckets(emulator: Emulator) -> set[str]:
    return {item["Name"] for item in emulator.client("s3").list_buckets()["Buckets"]}


def test_unknown_type_of_resource_is_rejected(emulator: Emulator) -> None:
    message = error_message(lambda: create(emulator, "odd", {"A": {"Type": "AWS::Odd::Thing"}}))
    assert message == "Template format error: Unrecognized resource types: [AWS::Odd::Thing]"


@pytest.mark.parametrize(
    ("resources", "words"),
    [
        (
            {"A": bucket(BucketName={"Ref": "B"}), "B": bucket(BucketName={"Ref": "A"})},
            "Circular dependency between resources",
        ),
        ({}, "At least one Resources member must be defined"),
    ],
    ids=["circular", "empty"],
)
def test_invalid_template_is_rejected(emulator: Emulator, resources: Resources, words: str) -> None:
    assert words in error_message(lambda: create(emulator, "wrong", resources))


def test_failed_resource_rolls_the_new_stack_back(emulator: Emulator) -> None:
    resources = {
        "First": bucket(BucketName="rolled-back"),
        "Second": {**POLICY, "DependsOn": "First"},
    }
    stack = create(emulator, "failing", resources)
    assert status(emulator, stack) == "ROLLBACK_COMPLETE"
    assert "NoSuchBucket" in failures(emulator, stack)["Second"]
    assert "rolled-back" not in buckets(emulator)


def test_failed_update_is_rolled_back(emulator: Emulator) -> None:
    stack = create(emulator, "steady", {"A": bucket(BucketName="steady-a")})
    versioned = bucket(BucketName="steady-a", VersioningConfiguration={"Status": "Enabled"})
    wrong = {"A": versioned, "B": {**POLICY, "DependsOn": "A"}}
    emulator.client("cloudformation").update_stack(StackName="steady", TemplateBody=template(wrong))
    assert status(emulator, stack) == "UPDATE_ROLLBACK_COMPLETE"
    assert list(failures(emulator, stack)) == ["B"]
    assert "steady-a" in buckets(emulator)


def test_changed_name_replaces_the_resource_and_updates_references(
    emulator: Emulator,
) -> None:
    def resources(name: str) -> Resources:
        parameter = {"Name": "/replaced", "Type": "String", "Value": {"Fn::GetAtt": ["A", "Arn"]}}
        return {
            "A": bucket(BucketName=name),
            "P": {"Type": "AWS::SSM::Parameter", "Properties": parameter},
        }

    stack = create(emulator, "replaced", resources("replaced-one"))
    emulator.client("cloudformation").update_stack(
        StackName="replaced", TemplateBody=template(resources("replaced-two"))
    )
    assert status(emulator, stack) == "UPDATE_COMPLETE"
    assert {"replaced-one", "replaced-two"} & buckets(emulator) == {"replaced-two"}
    found = emulator.client("ssm").get_parameter(Name="/replaced")["Parameter"]
    assert found["Value"] == "arn:aws:s3:::replaced-two"


def test_bucket_with_objects_fails_the_deletion_until_it_is_empty(emulator: Emulator) -> None:
    stack = create(emulator, "full", {"A": bucket(BucketName="full-bucket")})
    emulator.client("s3").put_object(Bucket="full-bucket", Key="x", Body=b"1")
    emulator.client("cloudformation").delete_stack(StackName="full")
    assert status(emulator, stack) == "DELETE_FAILED"
    assert "BucketNotEmpty" in failures(emulator, stack)["A"]
    emulator.client("s3").delete_object(Bucket="full-bucket", Key="x")
    emulator.client("cloudformation").delete_stack(StackName="full")
    assert status(emulator, stack) == "DELETE_COMPLETE"
    message = error_message(
        lambda: emulator.client("cloudformation").describe_stacks(StackName="full")
    )
    assert message == "Stack with id full does not exist"


def test_retained_resource_survives_its_stack(emulator: Emulator) -> None:
    kept = {**bucket(BucketName="kept-bucket"), "DeletionPolicy": "Retain"}
    stack = create(emulator, "keeping", {"A": kept})
    emulator.client("cloudformation").delete_stack(StackName="keeping")
    assert status(emulator, stack) == "DELETE_COMPLETE"
    assert "kept-bucket" in buckets(emulator)


def test_change_set_lists_changes_and_fails_without_any(
    emulator: Emulator,
) -> None:
    client = emulator.client("cloudformation")
    create(emulator, "changing", {"A": bucket(), "B": bucket()})
    versioned = bucket(VersioningConfiguration={"Status": "Enabled"})
    for name, resources in (("none", {"A": bucket(), "B": bucket()}), ("some", {"A": versioned})):
        client.create_change_set(
            StackName="changing", ChangeSetName=name, TemplateBody=template(resources)
        )
    empty = client.describe_change_set(StackName="changing", ChangeSetName="none")
    assert (empty["Status"], empty["ExecutionStatus"]) == ("FAILED", "UNAVAILABLE")
    assert "didn't contain changes" in empty["StatusReason"]
    described = client.describe_change_set(StackName="changing", ChangeSetName="some")["Changes"]
    changes = [item["ResourceChange"] for item in described]
    assert [(item["Action"], item["LogicalResourceId"]) for item in changes] == [
        ("Modify", "A"),
        ("Remove", "B"),
    ]
    client.delete_change_set(StackName="changing", ChangeSetName="some")
    client.delete_change_set(StackName="changing", ChangeSetName="some")  # no error


def test_functions_conditions_and_parameters_are_evaluated(emulator: Emulator) -> None:
    value = {
        "Fn::Join": [
            "-",
            [{"Ref": "Word"}, {"Fn::Sub": "${AWS::Region}"}, {"Fn::Select": ["1", ["a", "b"]]}],
        ]
    }
    on = {"Fn::If": ["IsOn", value, "off"]}
    properties = {"Name": "/functions", "Type": "String", "Value": on}
    nothing = {"Type": "AWS::S3::Bucket", "Condition": "IsOff"}
    create(
        emulator,
        "functions",
        {"P": {"Type": "AWS::SSM::Parameter", "Properties": properties}, "N": nothing},
        Parameters={"Word": {"Type": "String", "Default": "on"}},
        Conditions={
            "IsOn": {"Fn::Equals": [{"Ref": "Word"}, "on"]},
            "IsOff": {"Fn::Not": [{"Condition": "IsOn"}]},
        },
        Outputs={"Name": {"Value": {"Ref": "P"}, "Export": {"Name": "functions-name"}}},
    )
    found = emulator.client("ssm").get_parameter(Name="/functions")["Parameter"]
    assert found["Value"] == "on-us-east-1-b"
    resources = emulator.client("cloudformation").list_stack_resources(StackName="functions")
    assert [item["LogicalResourceId"] for item in resources["StackResourceSummaries"]] == ["P"]
    exports = emulator.client("cloudformation").list_exports()["Exports"]
    assert {item["Name"]: item["Value"] for item in exports} == {"functions-name": "/functions"}


def test_oidc_provider_is_created_updated_and_deleted(emulator: Emulator) -> None:
    def resources(*audiences: str) -> Resources:
        properties = {"Url": "https://token.example.com", "ClientIdList": list(audiences)}
        return {"O": {"Type": "AWS::IAM::OIDCProvider", "Properties": properties}}

    iam, stacks = emulator.client("iam"), emulator.client("cloudformation")
    stack = create(emulator, "trusting", resources("one"))
    arn = physical(emulator, "trusting", "O")
    stacks.update_stack(StackName="trusting", TemplateBody=template(resources("one", "two")))
    assert status(emulator, stack) == "UPDATE_COMPLETE", failures(emulator, stack)
    provider = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    assert sorted(provider["ClientIDList"]) == ["one", "two"]
    stacks.delete_stack(StackName="trusting")
    assert status(emulator, stack) == "DELETE_COMPLETE"
    assert iam.list_open_id_connect_providers()["OpenIDConnectProviderList"] == []


def test_protected_stack_is_not_deleted(emulator: Emulator) -> None:
    client = emulator.client("cloudformation")
    create(emulator, "guarded", {"A": bucket()})
    client.update_termination_protection(StackName="guarded", EnableTerminationProtection=True)
    assert "TerminationProtection is enabled" in error_message(
        lambda: client.delete_stack(StackName="guarded")
    )


def test_retention_is_set_on_a_log_group_that_its_stack_never_owns(emulator: Emulator) -> None:
    def resources(days: int) -> Resources:
        properties = {
            "ServiceToken": "arn:aws:lambda:us-east-1:123456789012:function:retention",
            "LogGroupName": "/shared/jobs",
            "RetentionInDays": days,
        }
        return {"Retention": {"Type": "Custom::LogRetention", "Properties": properties}}

    def retention() -> int:
        groups = emulator.client("logs").describe_log_groups(logGroupNamePrefix="/shared/")
        return int(groups["logGroups"][0]["retentionInDays"])

    client = emulator.client("cloudformation")
    stack = create(emulator, "retaining", resources(30))
    assert retention() == 30

    client.update_stack(StackName=stack, TemplateBody=template(resources(60)))
    assert status(emulator, stack) == "UPDATE_COMPLETE"
    assert retention() == 60

    client.delete_stack(StackName=stack)
    assert status(emulator, stack) == "DELETE_COMPLETE"
    assert retention() == 60
