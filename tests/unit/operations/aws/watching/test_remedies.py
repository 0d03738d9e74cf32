"""Errors of access, keys, quotas and networks name what fixes them, as in the documentation."""

from __future__ import annotations

import re

import pytest

from operations.aws.watching.remedies import REMEDIES, remedy_lines
from tests.support.aws_samples import ID, deploy, job_name, step
from tests.support.clean_room import ROOT
from tests.support.command_line import assert_refused, invoke
from tests.support.scripted_aws import ScriptedAws, error

ROLE = "User: arn:aws:sts::111122223333:assumed-role/sentiment-dev-Role/SageMaker"
DENIED = f"{ROLE} is not authorized to perform"
PASS_ROLE = (
    f"{DENIED}: iam:PassRole on resource: arn:aws:iam::111122223333:role/x because no "
    "identity-based policy allows the iam:PassRole action"
)
KMS = (
    f"{DENIED}: kms:Decrypt on resource: arn:aws:kms:us-east-1:111122223333:key/1 because no "
    "identity-based policy allows the kms:Decrypt action"
)
QUOTA = (
    "ResourceLimitExceeded: The account-level service limit 'ml.m5.large for training job usage' "
    "is 0 Instances, with current utilization of 0 Instances"
)


@pytest.mark.parametrize(
    ("reason", "word"),
    [
        pytest.param(
            f"{DENIED}: sagemaker:CreateTrainingJob with an explicit deny in a service control "
            "policy",
            "`tags`",
            id="organization",
        ),
        pytest.param(
            f"{DENIED}: s3:GetObject on resource: x because no permissions boundary allows the "
            "s3:GetObject action",
            "`permission_boundary`",
            id="boundary",
        ),
        pytest.param(PASS_ROLE, "`ExecutionRoleArn`", id="pass-role"),
        pytest.param(KMS, "`dataset_keys`", id="key"),
        pytest.param("ClientError: KMS.DisabledException: key/1 is disabled", "key", id="disabled"),
        pytest.param(f"{DENIED}: ecr:BatchGetImage on resource: x", "`ecr.api`", id="image"),
        pytest.param(f"{DENIED}: s3:ListBucket on resource: x", "`dataset_prefixes`", id="s3"),
        pytest.param(
            f"{DENIED}: ec2:CreateNetworkInterface on resource: x", "`subnets`", id="network"
        ),
        pytest.param(
            "ValidationException: The subnet ID 'subnet-1' does not exist", "`subnets`", id="subnet"
        ),
        pytest.param("InsufficientFreeAddressesInSubnet", "addresses", id="addresses"),
        pytest.param(
            'Connect timeout on endpoint URL: "https://s3.amazonaws.com"', "gateway", id="endpoint"
        ),
        pytest.param(QUOTA, "Service Quotas", id="quota"),
        pytest.param(
            "CapacityError: Unable to provision requested ML compute capacity", "`spot`", id="spot"
        ),
        pytest.param(f"{DENIED}: sagemaker:AddTags on resource: x", "docs/security.md", id="other"),
    ],
)
def test_reason_names_the_setting_or_action_that_fixes_it(reason: str, word: str) -> None:
    assert word in " ".join(remedy_lines([reason]))


@pytest.mark.parametrize("reason", ["", "no column 'text'", "Drift is 0.3", "validation-logloss"])
def test_other_reasons_have_no_remedy(reason: str) -> None:
    assert remedy_lines([reason]) == ()


def test_every_row_is_in_the_documentation_and_no_other() -> None:
    page = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
    section = page.partition("### Access, keys, quotas and networks")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (.*) \| (.*) \| (.*) \|$", section, re.MULTILINE)
    assert rows[1:] == [(it.symptom, it.cause, it.remedy) for it in REMEDIES]


def test_watch_prints_the_remedy_of_a_step_without_a_job(aws: ScriptedAws) -> None:
    deploy(aws, "Failed", steps=[step("CreateModel", "Model", "Failed", FailureReason=PASS_ROLE)])
    assert remedy_lines([PASS_ROLE])[1] in invoke("watch", ID).stderr


def test_watch_finds_the_error_in_the_end_of_the_log(aws: ScriptedAws) -> None:
    failed = step("Train", "TrainingJob", "Failed", FailureReason="AlgorithmError")
    deploy(aws, "Failed", steps=[failed])
    stream = {"logStreamName": f"{job_name('Train')}/algo-1"}
    aws.pages("DescribeLogStreams", "logStreams", [stream], token="nextToken")
    events = [{"timestamp": 0, "message": KMS}]
    aws.on("GetLogEvents", {"events": events, "nextBackwardToken": "b", "nextForwardToken": "f"})
    assert remedy_lines([KMS])[1] in invoke("watch", ID).stderr
    shown = invoke("logs", "Train", "--execution", ID, "-e", "dev")
    assert remedy_lines([KMS])[1] in shown.stderr
    assert KMS in shown.stdout


def test_denied_request_of_the_caller_has_no_remedy_of_the_role(aws: ScriptedAws) -> None:
    deploy(aws, "Failed", steps=[step("Train", "TrainingJob", "Failed", FailureReason="bad")])
    aws.on("DescribeLogStreams", error("AccessDeniedException", DENIED, "DescribeLogStreams"))
    assert "remedy" not in invoke("watch", ID).stderr


def test_logs_of_a_step_without_a_job_names_reason_and_remedy(aws: ScriptedAws) -> None:
    failed = step("Train", "TrainingJob", "Failed", FailureReason=QUOTA)
    failed["Metadata"] = {}
    deploy(aws, "Failed", steps=[failed])
    assert_refused(invoke("logs", "Train", "--execution", ID, "-e", "dev"), 1, "Service Quotas")
