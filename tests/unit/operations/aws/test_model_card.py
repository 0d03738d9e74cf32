"""`sentiment card` on AWS."""

from __future__ import annotations

import json

from tests.support.aws_samples import ARN, GROUP, deploy, package
from tests.support.command_line import assert_refused, invoke, json_output
from tests.support.scripted_aws import ScriptedAws

STATUS_DETAILS = "ModelPackageStatusDetails"
"""What DescribeModelPackage has and ListModelPackages doesn't."""


def registered(aws: ScriptedAws, *numbers: int) -> None:
    """The pipeline, and versions in its group, newest first."""
    deploy(aws)
    found = [
        {
            **{key: value for key, value in package(number).items() if key != STATUS_DETAILS},
            "ModelPackageVersion": number,
        }
        for number in numbers
    ]
    aws.pages("ListModelPackages", "ModelPackageSummaryList", found)


def test_card_is_that_of_the_registry(aws: ScriptedAws) -> None:
    registered(aws, 3, 2)
    content = {"intended_uses": {"risk_rating": "Unknown"}}
    model_card = {"ModelCardContent": json.dumps(content), "ModelCardStatus": "PendingReview"}
    origin = {"CommitId": "28634772", "GeneratedBy": f"{ARN}:pipeline/p/execution/e"}
    aws.on("DescribeModelPackage", package(2, ModelCard=model_card, MetadataProperties=origin))
    found = json_output(invoke("card", "2", "--json"))
    assert (found["card"], found["commit"]) == (content, "28634772")
    assert aws.requests("DescribeModelPackage") == [
        {"ModelPackageName": f"{ARN}:model-package/{GROUP}/2"}
    ]
    assert "UpdateModelPackage" not in aws.names()


def test_version_without_a_card_is_refused(aws: ScriptedAws) -> None:
    registered(aws, 3)
    assert_refused(invoke("card"), 1, f"{ARN}:model-package/{GROUP}/3")
