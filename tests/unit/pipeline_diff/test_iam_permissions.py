"""Permissions gained and lost between two templates."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline_diff.iam_permissions import Grant
from tests.support.diff_samples import (
    BUCKET,
    ROLE,
    allow,
    markdown_of_stacks,
    section,
    template,
)

OBJECTS = {"Fn::Join": ["", [{"Fn::GetAtt": ["StorageBucket5CB7C8EA", "Arn"]}, "/*"]]}
READ = allow("s3:GetObject", resource=OBJECTS)


def rows(old: Any, new: Any) -> list[str]:
    """The rows of the table of permissions."""
    lines = section(markdown_of_stacks(old, new), "Permissions").strip().split("\n")
    return [line for line in lines[2:] if line.startswith("|")]


def of_statements(old: list[Any], new: list[Any]) -> list[str]:
    return rows(template(statements=old), template(statements=new))


def test_new_action_is_gained_with_principal_and_resource() -> None:
    assert of_statements([READ], [READ, allow("s3:PutObject", resource=OBJECTS)]) == [
        "| gained | `<ExecutionRole>` | `s3:PutObject` | `<StorageBucket.Arn>/*` | — |"
    ]


def test_removed_action_is_lost() -> None:
    assert of_statements([READ], []) == [
        "| lost | `<ExecutionRole>` | `s3:GetObject` | `<StorageBucket.Arn>/*` | — |"
    ]


def test_differently_grouped_statements_are_equal() -> None:
    old = [allow("s3:GetObject", "s3:PutObject")]
    new = [allow("s3:PutObject"), {"Effect": "Allow", "Action": "s3:GetObject", "Resource": BUCKET}]
    assert of_statements(old, new) == []


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (allow("s3:*", resource=OBJECTS), "`s3:*` (**wildcard**)"),
        (allow("s3:GetObject", resource="*"), "`*` (**any**)"),
        (allow("s3:GetObject", resource="arn:aws:s3:::*"), "`arn:aws:s3:::*` (**any**)"),
    ],
)
def test_wildcards_are_marked(statement: Any, words: str) -> None:
    [row] = of_statements([], [statement])
    assert words in row


def test_resource_prefix_is_not_marked_as_wildcard() -> None:
    [row] = of_statements([], [allow("s3:GetObject", resource="arn:aws:s3:::models-*")])
    assert "**" not in row


def test_narrower_grant_is_a_loss_with_what_is_still_granted() -> None:
    assert of_statements([allow("s3:Get*", resource=OBJECTS)], [READ]) == [
        "| lost | `<ExecutionRole>` | `s3:Get*` (**wildcard**); still granted: `s3:GetObject` "
        "| `<StorageBucket.Arn>/*` | — |"
    ]


def test_wider_grant_is_only_a_gain() -> None:
    [row] = of_statements([READ], [allow("s3:Get*", resource=OBJECTS)])
    assert row.startswith("| gained | `<ExecutionRole>` | `s3:Get*`")


def test_removed_condition_is_a_gain() -> None:
    limited = {**READ, "Condition": {"StringEquals": {"aws:SourceAccount": "1"}}}
    assert of_statements([limited], [READ]) == [
        "| gained | `<ExecutionRole>` | `s3:GetObject` | `<StorageBucket.Arn>/*` | — |"
    ]
    [row] = of_statements([READ], [limited])
    assert row.startswith("| lost |")
    assert "still granted: `s3:GetObject` if `aws:SourceAccount StringEquals 1`" in row


def test_added_denial_is_a_loss_and_removed_denial_a_gain() -> None:
    denied = {**READ, "Effect": "Deny"}
    assert (
        "| lost | `<ExecutionRole>` | `s3:GetObject`, now denied |"
        in (of_statements([], [denied])[0])
    )
    assert (
        "| gained | `<ExecutionRole>` | `s3:GetObject`, no longer denied |"
        in (of_statements([denied], [])[0])
    )


def test_not_action_and_not_resource_are_shown() -> None:
    statement = {"Effect": "Allow", "NotAction": ["iam:*"], "NotResource": ["arn:x"]}
    [row] = of_statements([], [statement])
    assert "`all actions except iam:*`" in row
    assert "`all resources except arn:x`" in row


def test_trust_policy_is_shown() -> None:
    trust = {
        "AssumeRolePolicyDocument": {
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": {"Service": "lambda.amazonaws.com"},
                }
            ]
        }
    }
    assert rows(template(), template(role=trust)) == [
        "| gained | `lambda.amazonaws.com` | `sts:AssumeRole` | `<ExecutionRole>` | — |"
    ]


def test_managed_policies_and_boundaries_are_shown() -> None:
    managed = {"ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"]}
    assert rows(template(), template(role=managed)) == [
        "| gained | `<ExecutionRole>` | `all actions of the managed policy` "
        "| `arn:aws:iam::aws:policy/AdministratorAccess` | — |"
    ]
    bounded = {"PermissionsBoundary": "arn:aws:iam::1:policy/limits"}
    assert rows(template(role=bounded), template()) == [
        "| gained | `<ExecutionRole>` | permissions boundary removed "
        "| `arn:aws:iam::1:policy/limits` | — |"
    ]


def test_asterisk_in_a_resource_policy_means_that_resource() -> None:
    key = {
        "Type": "AWS::KMS::Key",
        "Properties": {
            "KeyPolicy": {
                "Statement": {
                    "Effect": "Allow",
                    "Action": "kms:Decrypt",
                    "Principal": {"AWS": ROLE},
                    "Resource": "*",
                }
            }
        },
    }
    assert rows(template(), template(Key961B73FD=key)) == [
        "| gained | `<ExecutionRole.Arn>` | `kms:Decrypt` | `<Key>` | — |"
    ]


def test_unreadable_statement_is_shown() -> None:
    [row] = of_statements([], [{"Fn::If": ["IsProd", READ, {"Ref": "AWS::NoValue"}]}])
    assert "unreadable statement" in row


def test_one_of_two_resources_is_not_hidden_by_the_other() -> None:
    two = allow("s3:GetObject", resource=["arn:aws:s3:::one", "arn:aws:s3:::two"])
    one = allow("s3:GetObject", resource="arn:aws:s3:::one")
    assert of_statements([one], [two]) == [
        "| gained | `<ExecutionRole>` | `s3:GetObject` | `arn:aws:s3:::two` | — |"
    ]


@pytest.mark.parametrize(
    ("wide", "narrow", "covers"),
    [
        ("s3:*", "s3:GetObject", True),
        ("s3:get*", "s3:GetObject", True),
        ("s3:Get*", "s3:Get?bject", True),
        ("s3:Get?bject", "s3:GetObject", True),
        ("s3:Get?", "s3:Get*", False),
        ("s3:GetObject", "s3:GetObjectAcl", False),
        ("s3:[G]etObject", "s3:GetObject", False),
    ],
)
def test_pattern_covers_narrower_patterns_only(wide: str, narrow: str, covers: bool) -> None:
    grants = [Grant("role", "Allow", action, "*") for action in (wide, narrow)]
    assert grants[0].covers(grants[1]) is covers


def test_the_summary_counts_actions_on_resources() -> None:
    text = markdown_of_stacks(
        template(statements=[READ]),
        template(statements=[allow("s3:PutObject", "s3:DeleteObject", resource=OBJECTS)]),
    )
    assert text.split("\n")[2] == "**2 permissions gained, 1 permission lost.**"
