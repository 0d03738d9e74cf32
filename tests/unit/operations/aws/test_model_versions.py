"""report, approve and reject: what was measured, and which versions there are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.aws_samples import (
    ARN,
    BUCKET,
    GROUP,
    HERE,
    ID,
    REPORT,
    START,
    definition,
    deploy,
    insist_refused,
    invoke,
    job_name,
    pipeline,
    processing_job,
    step,
    stored,
    told,
)
from tests.support.scripted_aws import ScriptedAws, error

URI = f"s3://{BUCKET}/models/{ID}/evaluation/evaluation.json"


def test_the_report_is_read_where_the_job_put_it(aws: ScriptedAws) -> None:
    deploy(aws)
    job = processing_job(job_name("Evaluate"))
    other = {"OutputName": "other", "S3Output": {"S3Uri": "s3://x/y", "S3UploadMode": "EndOfJob"}}
    job["ProcessingOutputConfig"]["Outputs"].insert(0, other)
    job["ProcessingOutputConfig"]["Outputs"][1]["S3Output"]["S3Uri"] = "s3://elsewhere/a?b#c"
    aws.on("DescribeProcessingJob", job)
    result = invoke("report")
    assert aws.requests("DescribeProcessingJob") == [{"ProcessingJobName": job_name("Evaluate")}]
    assert aws.requests("GetObject") == [{"Bucket": "elsewhere", "Key": "a?b#c/evaluation.json"}]
    assert "report       s3://elsewhere/a?b#c/evaluation.json" in result.stdout


def test_the_report_is_a_table_for_people(aws: ScriptedAws) -> None:
    deploy(aws)
    lines = [line.split() for line in invoke("report").stdout.splitlines()]
    assert lines == [
        ["metric", "value", "deviation"],
        ["accuracy", "0.86812", "0.00200"],
        ["auc", "0.94000", "0.00100"],
        [],
        ["reviews", "taken", "for", "negative", "taken", "for", "positive"],
        ["negative", "40", "10"],
        ["positive", "5", "45"],
        [],
        ["report", URI],
    ]


def test_the_report_as_json_is_the_whole_report(aws: ScriptedAws) -> None:
    deploy(aws)
    assert told(invoke("report", "--json")) == REPORT


def test_a_comparison_with_the_champion_is_shown(aws: ScriptedAws) -> None:
    deploy(aws)
    champion = {"model_package_arn": f"{ARN}:model-package/{GROUP}/2", "difference": -0.0125}
    aws.on("GetObject", stored({**REPORT, "champion": champion}))
    output = invoke("report").stdout
    assert f"champion     {ARN}:model-package/{GROUP}/2\n" in output
    assert "difference   -0.01250 in accuracy\n" in output


def test_what_chance_would_make_of_the_difference_is_shown(aws: ScriptedAws) -> None:
    deploy(aws)
    test = {"kind": "mcnemar", "p_value": 0.01234}
    champion = {"model_package_arn": "arn:x", "difference": 0.005, "test": test}
    aws.on("GetObject", stored({**REPORT, "champion": champion}))
    assert "difference   +0.00500 in accuracy, p = 0.0123\n" in invoke("report").stdout


def test_classes_are_called_as_in_the_dataset(aws: ScriptedAws) -> None:
    deploy(aws)
    aws.on("GetObject", stored({**REPORT, "labels": {"negative": "ham", "positive": "spam"}}))
    assert "taken for ham  taken for spam" in invoke("report").stdout


def test_a_report_without_a_champion_to_compare_with_is_shown(aws: ScriptedAws) -> None:
    deploy(aws)
    aws.on("GetObject", stored({**REPORT, "champion": {"model_package_arn": None}}))
    assert "champion" not in invoke("report").stdout


def test_the_report_is_saved_byte_for_byte(aws: ScriptedAws, tmp_path: Path) -> None:
    deploy(aws)
    content = json.dumps(REPORT, indent=7).encode()
    aws.on("GetObject", stored(content))
    assert invoke("report", "--output", str(tmp_path / "e.json")).exit_code == 0
    assert (tmp_path / "e.json").read_bytes() == content


def test_the_page_for_people_is_saved_from_beside_it(aws: ScriptedAws, tmp_path: Path) -> None:
    deploy(aws)
    aws.on("GetObject", stored(), stored(b"<html>"))
    assert invoke("report", "--html", str(tmp_path / "page.html")).exit_code == 0
    assert (tmp_path / "page.html").read_bytes() == b"<html>"
    keys = [request["Key"] for request in aws.requests("GetObject")]
    assert keys[1] == keys[0].replace("evaluation.json", "report.html")


def test_an_evaluation_without_a_page_is_told(aws: ScriptedAws, tmp_path: Path) -> None:
    deploy(aws)
    aws.on("GetObject", stored(), error("NoSuchKey", "no such key", "GetObject", 404))
    page = URI.replace("evaluation.json", "report.html")
    result = invoke("report", "--html", str(tmp_path / "page.html"))
    insist_refused(result, 1, f"{page}: there is no report for people")


def test_a_report_that_cannot_be_saved_is_told(aws: ScriptedAws, tmp_path: Path) -> None:
    deploy(aws)
    path = tmp_path / "none" / "e.json"
    insist_refused(invoke("report", "--output", str(path)), 1, f"{path}: No such file or directory")


@pytest.mark.parametrize("steps", [[step("Download")], [step("Evaluate", status="Executing")]])
def test_an_execution_without_an_evaluation_is_told(aws: ScriptedAws, steps: list[Any]) -> None:
    deploy(aws, "Executing", steps=steps)
    message = (
        f"execution {ID} is Executing and has no evaluation: step Evaluate hasn't succeeded; "
        f"`sentiment watch {ID} {HERE}` shows why"
    )
    insist_refused(invoke("report"), 1, message)


def test_a_report_that_has_gone_is_told(aws: ScriptedAws) -> None:
    deploy(aws)
    aws.on("GetObject", error("NoSuchKey", "no such key", "GetObject", 404))
    insist_refused(invoke("report"), 1, f"{URI}: there is no evaluation any more")


@pytest.mark.parametrize("content", [b"\xff", b"[1]", b"{}", b"null"])
def test_a_file_that_is_no_report_is_told(aws: ScriptedAws, content: bytes) -> None:
    deploy(aws)
    aws.on("GetObject", stored(content))
    result = invoke("report")
    assert result.stderr.startswith(f"error: {URI}: no evaluation report (")
    assert result.stderr.count("\n") == 1


# Versions


def version(number: int, approval: str = "PendingManualApproval") -> dict[str, Any]:
    return {
        "ModelPackageArn": f"{ARN}:model-package/{GROUP}/{number}",
        "ModelPackageGroupName": GROUP,
        "ModelPackageVersion": number,
        "ModelPackageStatus": "Completed",
        "ModelApprovalStatus": approval,
        "CreationTime": START,
    }


def package(number: int, **metrics: Any) -> dict[str, Any]:
    return {
        "ModelPackageName": f"{GROUP}-{number}",
        "ModelPackageArn": f"{ARN}:model-package/{GROUP}/{number}",
        "CreationTime": START,
        "ModelPackageStatus": "Completed",
        "ModelPackageStatusDetails": {"ValidationStatuses": []},
        **metrics,
    }


MEASURED = {
    "ModelMetrics": {
        "ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": URI}}
    }
}


@pytest.fixture
def registry(aws: ScriptedAws) -> ScriptedAws:
    """Versions 1 to 3 on two pages."""
    deploy(aws)
    pages = [[version(3), version(2, "Approved")], [version(1, "Rejected")]]
    aws.pages("ListModelPackages", "ModelPackageSummaryList", *pages)
    aws.on("DescribeModelPackage", package(3, **MEASURED))
    aws.on("UpdateModelPackage", {"ModelPackageArn": f"{ARN}:model-package/{GROUP}/3"})
    return aws


@pytest.mark.parametrize(("verb", "after"), [("approve", "Approved"), ("reject", "Rejected")])
@pytest.mark.parametrize("wanted", ["3", f"{ARN}:model-package/{GROUP}/3"], ids=["number", "arn"])
def test_a_version_is_decided_on_and_its_metrics_shown(
    registry: ScriptedAws, verb: str, after: str, wanted: str
) -> None:
    result = invoke(verb, wanted)
    assert result.exit_code == 0
    assert registry.requests("UpdateModelPackage") == [
        {"ModelPackageArn": f"{ARN}:model-package/{GROUP}/3", "ModelApprovalStatus": after}
    ]
    assert registry.requests("ListModelPackages")[0] == {"ModelPackageGroupName": GROUP}
    assert "accuracy  0.86812    0.00200\n" in result.stdout
    assert result.stdout.endswith(f"\nversion 3: PendingManualApproval -> {after}\n")


def test_a_version_on_a_later_page_is_found(registry: ScriptedAws) -> None:
    assert told(invoke("approve", "1", "--json"))["approval_before"] == "Rejected"


def test_the_decision_as_json(registry: ScriptedAws) -> None:
    assert told(invoke("approve", "3", "--json")) == {
        "approval_after": "Approved",
        "approval_before": "PendingManualApproval",
        "arn": f"{ARN}:model-package/{GROUP}/3",
        "metrics": {"accuracy": 0.86812, "auc": 0.94},
        "version": 3,
    }


def test_a_comment_is_kept_with_the_version(registry: ScriptedAws) -> None:
    invoke("reject", "3", "--comment", "too slow")
    (request,) = registry.requests("UpdateModelPackage")
    assert request["ApprovalDescription"] == "too slow"


@pytest.mark.parametrize("wanted", ["4", "03", "newest", f"{ARN}:model-package/other/3"])
def test_an_unknown_version_is_refused_with_those_that_there_are(
    registry: ScriptedAws, wanted: str
) -> None:
    message = (
        f"there is no version {wanted} in {GROUP}; there are: 3 (PendingManualApproval), "
        "2 (Approved), 1 (Rejected)"
    )
    insist_refused(invoke("approve", wanted), 2, message)
    assert "UpdateModelPackage" not in registry.names()


def test_a_group_without_versions_is_told(registry: ScriptedAws) -> None:
    registry.pages("ListModelPackages", "ModelPackageSummaryList", [])
    message = f"there is no version 1 in {GROUP}; there are: none yet"
    insist_refused(invoke("approve", "1"), 2, message)


def test_a_version_without_metrics_can_be_decided_on(registry: ScriptedAws) -> None:
    registry.on("DescribeModelPackage", package(3))
    result = invoke("approve", "3")
    assert result.stdout == (
        "there is no evaluation of it\n\nversion 3: PendingManualApproval -> Approved\n"
    )
    assert "GetObject" not in registry.names()


def test_a_version_whose_report_has_gone_can_be_rejected(registry: ScriptedAws) -> None:
    registry.on("GetObject", error("NoSuchKey", "no such key", "GetObject", 404))
    result = invoke("reject", "3")
    assert result.stdout.startswith("there is no evaluation of it\n")
    assert len(registry.requests("UpdateModelPackage")) == 1


def test_a_version_whose_report_has_gone_is_not_approved_unseen(registry: ScriptedAws) -> None:
    registry.on("GetObject", error("NoSuchKey", "no such key", "GetObject", 404))
    insist_refused(invoke("approve", "3"), 1, f"{URI}: there is no evaluation any more")
    assert "UpdateModelPackage" not in registry.names()


def test_a_pipeline_without_a_group_is_told(registry: ScriptedAws) -> None:
    registry.on("DescribePipeline", pipeline(definition(ModelPackageGroupName=None)))
    message = (
        "pipeline sentiment-dev: its parameter ModelPackageGroupName has no default; deploy it anew"
    )
    insist_refused(invoke("approve", "3"), 1, message)
