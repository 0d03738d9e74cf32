"""`sentiment report --local` and `predict`: refused requests."""

from __future__ import annotations

from pathlib import Path

import pytest

from local_runner.execution.record import SUCCEEDED
from tests.support.command_line import assert_refused, invoke
from tests.support.local_samples import executed, register, rejected


def test_execution_without_an_evaluation_is_refused_with_the_reason(tmp_path: Path) -> None:
    rejected(tmp_path)
    result = invoke("report", "local-0001", "--workdir", str(tmp_path))
    assert_refused(result, 1, "local-0001", "step Reject: below GateThreshold")


def test_unknown_execution_is_refused(tmp_path: Path) -> None:
    result = invoke("report", "local-0007", "--workdir", str(tmp_path))
    assert_refused(result, 2, "local-0007", str(tmp_path))


def test_work_folder_without_evaluations_is_refused(tmp_path: Path) -> None:
    executed(tmp_path, SUCCEEDED)
    result = invoke("report", "--local", "--workdir", str(tmp_path))
    assert_refused(result, 1, str(tmp_path), "`sentiment run ")


@pytest.mark.parametrize("text", ["", " \n", "-"])
def test_empty_text_is_refused(tmp_path: Path, text: str) -> None:
    result = invoke("predict", text, "--workdir", str(tmp_path), input="\n")
    assert_refused(result, 2, "the text is empty")


def test_work_folder_without_models_is_refused(tmp_path: Path) -> None:
    assert_refused(invoke("predict", "fine", "--workdir", str(tmp_path)), 1, str(tmp_path))


def test_deleted_model_is_an_error(tmp_path: Path) -> None:
    register(tmp_path, "Approved")
    result = invoke("predict", "fine", "--workdir", str(tmp_path))
    assert_refused(result, 1)
