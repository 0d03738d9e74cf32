"""Deletion policies in the emulated CloudFormation decide what outlives its stack, as on AWS."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.emulated_stacks import (
    Resources,
    create,
    failures,
    resources,
    status,
    template,
)
from tests.support.emulator_process import Emulator

POLICIES = ("Delete", "Retain", "RetainExceptOnCreate")
KEPT_IN_ROLLBACK = [*zip(POLICIES, (False, True, False), strict=True)]
KEPT_OTHERWISE = [*zip(POLICIES, (False, True, True), strict=True)]


def bucket(name: str, **attributes: str) -> dict[str, Any]:
    return {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": name}, **attributes}


def kept(emulator: Emulator, name: str) -> bool:
    return name in {item["Name"] for item in emulator.client("s3").list_buckets()["Buckets"]}


def fails_after(name: str) -> dict[str, Any]:
    """A policy that fails, because its bucket doesn't exist."""
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    properties = {"Bucket": "no-such-bucket", "PolicyDocument": {"Statement": [statement]}}
    return {"Type": "AWS::S3::BucketPolicy", "Properties": properties, "DependsOn": name}


def update(emulator: Emulator, stack: str, template_body: str) -> str:
    emulator.client("cloudformation").update_stack(StackName=stack, TemplateBody=template_body)
    return status(emulator, stack)


@pytest.mark.parametrize(("policy", "is_kept"), KEPT_IN_ROLLBACK)
def test_rollback_of_a_creation_keeps_only_retained_resources(
    emulator: Emulator, policy: str, is_kept: bool
) -> None:
    name = f"rolled-back-{policy.lower()}"
    wanted = {"A": bucket(name, DeletionPolicy=policy), "B": fails_after("A")}
    stack = create(emulator, name, wanted)
    assert status(emulator, stack) == "ROLLBACK_COMPLETE"
    assert kept(emulator, name) is is_kept


@pytest.mark.parametrize(("policy", "is_kept"), KEPT_IN_ROLLBACK)
def test_rollback_of_an_update_keeps_only_retained_resources_among_its_own(
    emulator: Emulator, policy: str, is_kept: bool
) -> None:
    name, before = f"updated-{policy.lower()}", f"before-{policy.lower()}"
    old = {"A": bucket(before, DeletionPolicy=policy)}
    create(emulator, name, old)
    wanted = {**old, "B": bucket(name, DeletionPolicy=policy), "C": fails_after("B")}
    assert update(emulator, name, template(wanted)) == "UPDATE_ROLLBACK_COMPLETE"
    assert (kept(emulator, before), kept(emulator, name)) == (True, is_kept)


@pytest.mark.parametrize(("policy", "is_kept"), KEPT_OTHERWISE)
def test_resource_that_the_template_loses_is_deleted_by_its_policy(
    emulator: Emulator, policy: str, is_kept: bool
) -> None:
    name, other = f"lost-{policy.lower()}", f"other-{policy.lower()}"
    create(emulator, name, {"A": bucket(name), "B": bucket(other)})
    with_policy = {"A": bucket(name, DeletionPolicy=policy), "B": bucket(other)}
    assert update(emulator, name, template(with_policy)) == "UPDATE_COMPLETE"
    assert update(emulator, name, template({"B": bucket(other)})) == "UPDATE_COMPLETE"
    assert kept(emulator, name) is is_kept
    assert list(resources(emulator, name)) == ["B"]


@pytest.mark.parametrize(("policy", "is_kept"), [("Delete", False), ("Retain", True)])
def test_replaced_resource_is_deleted_by_its_policy(
    emulator: Emulator, policy: str, is_kept: bool
) -> None:
    name = f"replaced-{policy.lower()}"
    create(emulator, name, {"A": bucket(name)})
    replaced = {"A": bucket(f"{name}-2", UpdateReplacePolicy=policy)}
    assert update(emulator, name, template(replaced)) == "UPDATE_COMPLETE"
    assert (kept(emulator, name), kept(emulator, f"{name}-2")) == (is_kept, True)


def test_deleted_stack_lists_the_resources_that_it_kept(emulator: Emulator) -> None:
    wanted = {
        policy: bucket(f"deleted-{policy.lower()}", DeletionPolicy=policy) for policy in POLICIES
    }
    stack = create(emulator, "deleted-with-policies", wanted)
    emulator.client("cloudformation").delete_stack(StackName="deleted-with-policies")
    assert status(emulator, stack) == "DELETE_COMPLETE"
    found = resources(emulator, stack)
    assert {name: item["ResourceStatus"] for name, item in found.items()} == {
        "Retain": "DELETE_SKIPPED",
        "RetainExceptOnCreate": "DELETE_SKIPPED",
    }
    assert [kept(emulator, f"deleted-{policy.lower()}") for policy in POLICIES] == [
        False,
        True,
        True,
    ]


def test_name_of_a_retained_resource_is_refused(emulator: Emulator) -> None:
    group = {
        "Type": "AWS::SageMaker::ModelPackageGroup",
        "Properties": {"ModelPackageGroupName": "taken"},
        "DeletionPolicy": "Retain",
    }
    wanted = {"A": bucket("taken", DeletionPolicy="Retain"), "B": group}
    create(emulator, "taken", wanted)
    emulator.client("cloudformation").delete_stack(StackName="taken")
    for name, resource in wanted.items():
        stack = create(emulator, f"again-{name.lower()}", {name: resource})
        assert status(emulator, stack) == "ROLLBACK_COMPLETE"
        assert "already exists" in failures(emulator, stack)[name]


def import_into(
    emulator: Emulator, stack: str, body: str, identifiers: dict[str, dict[str, str]]
) -> str:
    """Import resources by a change set and return the stack's status."""
    client, kinds = emulator.client("cloudformation"), json.loads(body)["Resources"]
    to_import = [
        {
            "LogicalResourceId": name,
            "ResourceIdentifier": identifier,
            "ResourceType": kinds[name]["Type"],
        }
        for name, identifier in identifiers.items()
    ]
    created = client.create_change_set(
        StackName=stack,
        ChangeSetName="import",
        ChangeSetType="IMPORT",
        ResourcesToImport=to_import,
        TemplateBody=body,
    )
    client.execute_change_set(ChangeSetName=created["Id"])
    return status(emulator, stack)


def test_retained_resources_are_imported_into_a_new_stack_and_updated(emulator: Emulator) -> None:
    emulator.client("s3").create_bucket(Bucket="imported")
    wanted = {"A": bucket("imported", DeletionPolicy="Retain")}
    names = {"A": {"BucketName": "imported"}}
    assert import_into(emulator, "importing", template(wanted), names) == "IMPORT_COMPLETE"
    assert resources(emulator, "importing")["A"]["PhysicalResourceId"] == "imported"
    wanted["B"] = bucket("created-later")
    assert update(emulator, "importing", template(wanted)) == "UPDATE_COMPLETE"
    emulator.client("cloudformation").delete_stack(StackName="importing")
    assert (kept(emulator, "imported"), kept(emulator, "created-later")) == (True, False)


def test_import_of_what_does_not_exist_fails(emulator: Emulator) -> None:
    body = template({"A": bucket("missing", DeletionPolicy="Retain")})
    names = {"A": {"BucketName": "missing"}}
    assert import_into(emulator, "import-fails", body, names) == "IMPORT_ROLLBACK_COMPLETE"
    assert "NoSuchBucket" in failures(emulator, "import-fails")["A"]


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"A": bucket("x")}, "DeletionPolicy"),
        ({"A": bucket("x", DeletionPolicy="Retain"), "B": bucket("y")}, "neither"),
    ],
    ids=["without a policy", "with another resource"],
)
def test_invalid_import_is_refused(emulator: Emulator, wanted: Resources, words: str) -> None:
    with pytest.raises(ClientError, match=words):
        import_into(emulator, "refused", template(wanted), {"A": {"BucketName": "x"}})
