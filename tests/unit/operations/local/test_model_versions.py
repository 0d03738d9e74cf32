"""`sentiment versions`, `approve` and `reject` in the work folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from local_runner.execution.record import SUCCEEDED, StepExecution
from local_runner.workdir import Workdir
from tests.support.aws_samples import REPORT
from tests.support.command_line import assert_refused, invoke, json_output
from tests.support.local_samples import ARN, executed, register, rejected

EXECUTION = "arn:aws:sagemaker:local-1:000000000000:pipeline/local/execution"


def evaluate(workdir: Path, number: int, **more: Any) -> Path:
    """Write the evaluation report of a version."""
    uri = f"s3://sentiment-local/models/local-{number:04}/evaluation/evaluation.json"
    path = Workdir(workdir).store.path(uri)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**REPORT, **more}))
    return path


def package(workdir: Path, number: int) -> Any:
    path = workdir / f"model-registry/sentiment-local/{number}.json"
    return json.loads(path.read_text())


@pytest.fixture
def workdir(tmp_path: Path) -> Path:
    """Versions 1 (approved), 2 and 3 (waiting), with evaluations."""
    folder = tmp_path / "runs"
    register(folder, "Approved", "PendingManualApproval", "PendingManualApproval")
    for number in (1, 2, 3):
        evaluate(folder, number, provenance={"execution": f"local-{number:04}"})
    return folder


def sentiment(workdir: Path, *arguments: str) -> Result:
    return invoke(*arguments, "--workdir", str(workdir))


def listed(workdir: Path) -> Any:
    return json_output(sentiment(workdir, "versions", "--local", "--json"))["versions"]


def test_versions_are_listed_newest_first(workdir: Path) -> None:
    found = listed(workdir)
    assert [each["version"] for each in found] == [3, 2, 1]
    assert [each["execution_id"] for each in found] == ["local-0003", "local-0002", "local-0001"]
    assert [each["used_for_scoring"] for each in found] == [False, False, True]
    assert {each["accuracy"] for each in found} == {0.86812}


def test_newest_version_that_waits_for_approval_is_the_default(workdir: Path) -> None:
    result = sentiment(workdir, "approve", "--local", "--comment", "good")
    assert result.exit_code == 0
    assert result.stdout.startswith("version 3 is the newest that waits for approval\n")
    assert package(workdir, 3)["ModelApprovalStatus"] == "Approved"
    assert package(workdir, 3)["ApprovalDescription"] == "good"
    assert package(workdir, 2)["ModelApprovalStatus"] == "PendingManualApproval"


def test_a_decision_does_not_change_when_a_version_was_registered(workdir: Path) -> None:
    before = listed(workdir)
    sentiment(workdir, "approve", "--local")
    sentiment(workdir, "reject", "1", "--local")
    after = listed(workdir)
    assert [each["registered"] for each in after] == [each["registered"] for each in before]
    assert [each["approval"] for each in after] == [
        *("Approved", "PendingManualApproval", "Rejected"),
    ]


@pytest.mark.parametrize(
    ("wanted", "number"),
    [(f"{ARN}/2", 2), ("local-0001", 3), (f"{EXECUTION}/local-0001", 3)],
    ids=["version", "execution", "execution's ARN"],
)
def test_a_local_name_implies_the_work_folder(workdir: Path, wanted: str, number: int) -> None:
    properties = {"ModelPackageArn": f"{ARN}/3"}
    step = StepExecution("RegisterModel", "RegisterModel", SUCCEEDED, properties=properties)
    executed(workdir, SUCCEEDED, step)
    decision = json_output(sentiment(workdir, "reject", wanted, "--json"))
    assert (decision["version"], decision["approval_after"]) == (number, "Rejected")


def test_a_decision_that_is_already_made_changes_nothing(workdir: Path) -> None:
    path = workdir / "model-registry/sentiment-local/1.json"
    before = path.read_bytes()
    decision = json_output(sentiment(workdir, "approve", "1", "--local", "--json"))
    assert decision["changed"] is False
    assert path.read_bytes() == before


def test_rejecting_the_only_approved_version_warns_which_is_used_now(workdir: Path) -> None:
    result = sentiment(workdir, "reject", "1", "--local")
    assert result.stderr.startswith("warning: ")
    assert "version 3" in result.stderr


def test_rejecting_the_last_version_warns_that_scoring_stops(workdir: Path) -> None:
    for number in ("3", "2"):
        assert sentiment(workdir, "reject", number, "--local").stderr == ""
    assert "scoring stops" in sentiment(workdir, "reject", "1", "--local").stderr


def test_version_whose_report_is_deleted_cannot_be_approved(workdir: Path) -> None:
    report = evaluate(workdir, 3)
    report.unlink()
    assert_refused(sentiment(workdir, "approve", "3", "--local"), 1, str(report))
    assert sentiment(workdir, "reject", "3", "--local").exit_code == 0


def test_execution_that_registered_no_version_is_refused(workdir: Path) -> None:
    rejected(workdir)
    assert_refused(sentiment(workdir, "approve", "local-0001"), 2, "local-0001", "GateThreshold")


def test_nothing_that_waits_for_approval_is_refused_with_the_versions(tmp_path: Path) -> None:
    register(tmp_path, "Approved", "Rejected")
    result = sentiment(tmp_path, "approve", "--local")
    assert_refused(result, 1, str(tmp_path), "2 (Rejected), 1 (Approved)")


def test_an_empty_work_folder_has_no_versions(tmp_path: Path) -> None:
    assert listed(tmp_path) == []
