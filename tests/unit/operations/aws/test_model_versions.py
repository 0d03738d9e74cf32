"""`sentiment report`, `versions`, `approve` and `reject` on AWS."""

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
    job_name,
    package,
    pipeline,
    processing_job,
    step,
    stored,
)
from tests.support.command_line import assert_refused, invoke, json_output
from tests.support.scripted_aws import ScriptedAws, error

URI = f"s3://{BUCKET}/models/{ID}/evaluation/evaluation.json"


def _lines(output: str) -> list[str]:
    """Return the lines with single spaces between the columns."""
    return [" ".join(line.split()) for line in output.splitlines()]


def test_report_is_read_from_the_output_of_the_job(aws: ScriptedAws) -> None:
    deploy(aws)
    job = processing_job(job_name("Evaluate"))
    other = {"OutputName": "other", "S3Output": {"S3Uri": "s3://x/y", "S3UploadMode": "EndOfJob"}}
    job["ProcessingOutputConfig"]["Outputs"].insert(0, other)
    job["ProcessingOutputConfig"]["Outputs"][1]["S3Output"]["S3Uri"] = "s3://elsewhere/a?b#c"
    aws.on("DescribeProcessingJob", job)
    result = invoke("report")
    assert aws.requests("DescribeProcessingJob") == [{"ProcessingJobName": job_name("Evaluate")}]
    assert aws.requests("GetObject") == [{"Bucket": "elsewhere", "Key": "a?b#c/evaluation.json"}]
    assert "evaluation s3://elsewhere/a?b#c/evaluation.json" in _lines(result.stdout)


def test_report_is_printed_as_tables(aws: ScriptedAws) -> None:
    deploy(aws)
    assert _lines(invoke("report").stdout) == [
        "metric value 95% CI",
        "accuracy 0.86812 0.76716 to 0.90694 (Wilson)",
        "auc 0.94000 \u00b10.00196",
        "",
        "actual predicted negative predicted positive",
        "negative 40 10",
        "positive 5 45",
        "",
        "decision threshold 0.5",
        f"evaluation {URI}",
    ]


def test_json_report_is_the_whole_report(aws: ScriptedAws) -> None:
    deploy(aws)
    assert json_output(invoke("report", "--json")) == REPORT


def test_a_comparison_with_the_champion_is_shown(aws: ScriptedAws) -> None:
    deploy(aws)
    champion = {"model_package_arn": f"{ARN}:model-package/{GROUP}/2", "difference": -0.0125}
    aws.on("GetObject", stored({**REPORT, "champion": champion}))
    lines = _lines(invoke("report").stdout)
    assert f"champion {ARN}:model-package/{GROUP}/2" in lines
    assert "difference -0.01250 in accuracy" in lines


def test_p_value_of_the_difference_is_shown(aws: ScriptedAws) -> None:
    deploy(aws)
    test = {"kind": "mcnemar", "p_value": 0.01234}
    champion = {"model_package_arn": "arn:x", "difference": 0.005, "test": test}
    aws.on("GetObject", stored({**REPORT, "champion": champion}))
    assert "difference +0.00500 in accuracy, p = 0.0123" in _lines(invoke("report").stdout)


def test_confusion_matrix_has_the_class_names_of_the_dataset(aws: ScriptedAws) -> None:
    deploy(aws)
    aws.on("GetObject", stored({**REPORT, "labels": {"negative": "ham", "positive": "spam"}}))
    assert "predicted ham  predicted spam" in invoke("report").stdout


def test_report_without_a_champion_is_shown(aws: ScriptedAws) -> None:
    deploy(aws)
    aws.on("GetObject", stored({**REPORT, "champion": {"model_package_arn": None}}))
    assert "champion" not in invoke("report").stdout


def test_the_report_is_saved_byte_for_byte(aws: ScriptedAws, tmp_path: Path) -> None:
    deploy(aws)
    content = json.dumps(REPORT, indent=7).encode()
    aws.on("GetObject", stored(content))
    assert invoke("report", "--output", str(tmp_path / "e.json")).exit_code == 0
    assert (tmp_path / "e.json").read_bytes() == content


def test_html_report_is_saved(aws: ScriptedAws, tmp_path: Path) -> None:
    deploy(aws)
    aws.on("GetObject", stored(), stored(b"<html>"))
    assert invoke("report", "--html", str(tmp_path / "page.html")).exit_code == 0
    assert (tmp_path / "page.html").read_bytes() == b"<html>"
    keys = [request["Key"] for request in aws.requests("GetObject")]
    assert keys[1] == keys[0].replace("evaluation.json", "report.html")


def test_missing_html_report_is_an_error(aws: ScriptedAws, tmp_path: Path) -> None:
    deploy(aws)
    aws.on("GetObject", stored(), error("NoSuchKey", "no such key", "GetObject", 404))
    page = URI.replace("evaluation.json", "report.html")
    result = invoke("report", "--html", str(tmp_path / "page.html"))
    assert_refused(result, 1, page)


def test_unwritable_output_is_an_error(aws: ScriptedAws, tmp_path: Path) -> None:
    deploy(aws)
    path = tmp_path / "none" / "e.json"
    assert_refused(invoke("report", "--output", str(path)), 2, f"--output {path}: no such folder")


@pytest.mark.parametrize("steps", [[step("Download")], [step("Evaluate", status="Executing")]])
def test_execution_without_an_evaluation_is_an_error(aws: ScriptedAws, steps: list[Any]) -> None:
    deploy(aws, "Executing", steps=steps)
    assert_refused(invoke("report"), 1, ID, "Evaluate", f"`sentiment watch {ID} {HERE}`")


def test_deleted_report_is_an_error(aws: ScriptedAws) -> None:
    deploy(aws)
    aws.on("GetObject", error("NoSuchKey", "no such key", "GetObject", 404))
    assert_refused(invoke("report"), 1, URI)


@pytest.mark.parametrize("content", [b"\xff", b"[1]", b"{}", b"null"])
def test_file_that_is_not_a_report_is_an_error(aws: ScriptedAws, content: bytes) -> None:
    deploy(aws)
    aws.on("GetObject", stored(content))
    result = invoke("report")
    assert_refused(result, 1, f"{URI}: ")


@pytest.mark.parametrize("matrix", [None, {}, {"0": {"0": 1}, "1": {"1": 1}}])
def test_report_without_a_whole_confusion_matrix_is_an_error(
    aws: ScriptedAws, matrix: object
) -> None:
    deploy(aws)
    metrics = {**REPORT["binary_classification_metrics"], "confusion_matrix": matrix}
    content = json.dumps({**REPORT, "binary_classification_metrics": metrics}).encode()
    aws.on("GetObject", stored(content))
    assert_refused(invoke("report"), 1, f"{URI}: ")


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


MEASURED: dict[str, Any] = {
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
@pytest.mark.parametrize(
    "wanted", ["3", f"{ARN}:model-package/{GROUP}/3", ID], ids=["number", "arn", "execution"]
)
def test_decision_shows_the_metrics_of_the_version(
    registry: ScriptedAws, verb: str, after: str, wanted: str
) -> None:
    result = invoke(verb, wanted)
    assert result.exit_code == 0
    assert registry.requests("UpdateModelPackage") == [
        {"ModelPackageArn": f"{ARN}:model-package/{GROUP}/3", "ModelApprovalStatus": after}
    ]
    assert registry.requests("ListModelPackages")[0] == {"ModelPackageGroupName": GROUP}
    lines = result.stdout.splitlines()
    assert "accuracy  0.86812  0.76716 to 0.90694 (Wilson)" in lines
    assert f"version 3: PendingManualApproval -> {after}" in lines


def test_a_version_on_a_later_page_is_found(registry: ScriptedAws) -> None:
    assert json_output(invoke("approve", "1", "--json"))["approval_before"] == "Rejected"


def test_the_decision_as_json(registry: ScriptedAws) -> None:
    assert json_output(invoke("approve", "3", "--json")) == {
        "approval_after": "Approved",
        "approval_before": "PendingManualApproval",
        "arn": f"{ARN}:model-package/{GROUP}/3",
        "changed": True,
        "metrics": {"accuracy": 0.86812, "auc": 0.94},
        "scoring_version": 3,
        "version": 3,
    }


def test_newest_version_that_waits_for_approval_is_the_default(registry: ScriptedAws) -> None:
    pages = [version(4, "Rejected"), version(3), version(2, "Approved"), version(1)]
    registry.pages("ListModelPackages", "ModelPackageSummaryList", pages)
    result = invoke("approve")
    assert result.exit_code == 0
    assert result.stdout.startswith("version 3 is the newest that waits for approval\n")
    (request,) = registry.requests("UpdateModelPackage")
    assert request["ModelPackageArn"] == f"{ARN}:model-package/{GROUP}/3"


@pytest.mark.parametrize("verb", ["approve", "reject"])
def test_without_a_version_that_waits_for_approval_the_versions_are_listed(
    registry: ScriptedAws, verb: str
) -> None:
    pages = [version(2, "Approved"), version(1, "Rejected")]
    registry.pages("ListModelPackages", "ModelPackageSummaryList", pages)
    assert_refused(invoke(verb), 1, GROUP, "2 (Approved), 1 (Rejected)")
    assert "UpdateModelPackage" not in registry.names()


@pytest.mark.parametrize(("verb", "number"), [("approve", "2"), ("reject", "1")])
def test_a_decision_that_is_already_made_changes_nothing(
    registry: ScriptedAws, verb: str, number: str
) -> None:
    result = invoke(verb, number)
    assert result.exit_code == 0
    assert "nothing was changed" in result.stdout
    assert json_output(invoke(verb, number, "--json"))["changed"] is False
    assert "UpdateModelPackage" not in registry.names()


def test_rejecting_the_only_approved_version_warns_that_scoring_stops(
    registry: ScriptedAws,
) -> None:
    result = invoke("reject", "2", "--json")
    assert json_output(result)["scoring_version"] is None
    assert result.stderr.startswith("warning: ")
    assert "scoring stops" in result.stderr


def test_rejecting_one_of_two_approved_versions_shows_which_is_used_now(
    registry: ScriptedAws,
) -> None:
    pages = [version(2, "Approved"), version(1, "Approved")]
    registry.pages("ListModelPackages", "ModelPackageSummaryList", pages)
    result = invoke("reject", "2")
    assert result.stderr == ""
    assert result.stdout.endswith("\nscoring now uses version 1\n")


def test_approving_an_older_version_shows_that_scoring_still_uses_the_newest(
    registry: ScriptedAws,
) -> None:
    assert invoke("approve", "1").stdout.endswith("\nscoring still uses version 2\n")


# The list of versions


def test_versions_are_listed_with_metrics_and_execution(registry: ScriptedAws) -> None:
    gate = {"metric": "f1", "measured": 0.9}
    registry.on("GetObject", stored({**REPORT, "gate": gate, "provenance": {"execution": ID}}))
    lines = [line.split() for line in invoke("versions").stdout.splitlines()]
    columns = ["version", "status", "accuracy", "gate", "execution", "registered", "scoring"]
    assert lines[0] == columns
    newest = ["3", "PendingManualApproval", "0.86812", "f1", "0.90000", ID]
    assert lines[1][:6] == newest
    assert [line[0] for line in lines[1:4]] == ["3", "2", "1"]
    assert [line[0] for line in lines[1:4] if line[-1] == "used"] == ["2"]


def test_versions_as_json(registry: ScriptedAws) -> None:
    registry.on("GetObject", stored({**REPORT, "provenance": {"execution": ID}}))
    listed = json_output(invoke("versions", "--json", "--limit", "2"))["versions"]
    assert [each["version"] for each in listed] == [3, 2]
    assert listed[1] == {
        "accuracy": 0.86812,
        "approval": "Approved",
        "arn": f"{ARN}:model-package/{GROUP}/2",
        "execution_id": ID,
        "gate": None,
        "registered": START.isoformat(),
        "used_for_scoring": True,
        "version": 2,
    }


def test_versions_without_a_readable_report_are_listed(registry: ScriptedAws) -> None:
    registry.on("GetObject", error("AccessDenied", "no", "GetObject", 403))
    listed = json_output(invoke("versions", "--json"))["versions"]
    assert [each["accuracy"] for each in listed] == [None, None, None]
    assert [each["execution_id"] for each in listed] == [None, None, None]


def test_a_group_without_an_approved_version_shows_the_command_that_approves_one(
    registry: ScriptedAws,
) -> None:
    registry.pages("ListModelPackages", "ModelPackageSummaryList", [version(1)])
    assert f"`sentiment approve 1 {HERE}`" in invoke("versions").stdout


def test_a_group_without_versions_is_an_empty_list(registry: ScriptedAws) -> None:
    registry.pages("ListModelPackages", "ModelPackageSummaryList", [])
    result = invoke("versions")
    assert (result.exit_code, result.stdout.count("\n")) == (0, 1)
    assert json_output(invoke("versions", "--json")) == {"versions": []}


def test_comment_is_stored_with_the_version(registry: ScriptedAws) -> None:
    invoke("reject", "3", "--comment", "too slow")
    (request,) = registry.requests("UpdateModelPackage")
    assert request["ApprovalDescription"] == "too slow"


@pytest.mark.parametrize("wanted", ["4", "03", f"{ARN}:model-package/other/3"])
def test_unknown_version_is_refused_with_the_available_ones(
    registry: ScriptedAws, wanted: str
) -> None:
    known = "3 (PendingManualApproval), 2 (Approved), 1 (Rejected)"
    assert_refused(invoke("approve", wanted), 2, GROUP, wanted, known)
    assert "UpdateModelPackage" not in registry.names()


def test_group_without_versions_is_refused(registry: ScriptedAws) -> None:
    registry.pages("ListModelPackages", "ModelPackageSummaryList", [])
    assert_refused(invoke("approve", "1"), 2, GROUP)


def test_execution_without_a_version_is_refused(registry: ScriptedAws) -> None:
    registry.pages("ListPipelineExecutionSteps", "PipelineExecutionSteps", [step("Train")])
    assert_refused(invoke("approve", ID), 2, ID, "no model version")


def test_version_without_a_report_can_be_approved(registry: ScriptedAws) -> None:
    registry.on("DescribeModelPackage", package(3))
    result = invoke("approve", "3")
    assert result.exit_code == 0
    assert "the version has no evaluation report\n" in result.stdout
    assert "GetObject" not in registry.names()


def test_version_whose_report_is_deleted_can_be_rejected(registry: ScriptedAws) -> None:
    registry.on("GetObject", error("NoSuchKey", "no such key", "GetObject", 404))
    result = invoke("reject", "3")
    assert result.exit_code == 0
    assert len(registry.requests("UpdateModelPackage")) == 1


def test_version_whose_report_is_deleted_cannot_be_approved(registry: ScriptedAws) -> None:
    registry.on("GetObject", error("NoSuchKey", "no such key", "GetObject", 404))
    assert_refused(invoke("approve", "3"), 1, URI)
    assert "UpdateModelPackage" not in registry.names()


def test_pipeline_without_a_group_is_an_error(registry: ScriptedAws) -> None:
    registry.on("DescribePipeline", pipeline(definition(ModelPackageGroupName=None)))
    assert_refused(invoke("approve", "3"), 1, "sentiment-dev", "ModelPackageGroupName")
