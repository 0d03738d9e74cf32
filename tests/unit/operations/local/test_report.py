"""`sentiment report` and `predict` on this machine: what is refused, and how."""

from __future__ import annotations

from pathlib import Path

import pytest

from local_runner.execution.record import SUCCEEDED
from tests.support.local_samples import (
    executed,
    insist_refused,
    invoke,
    register,
    rejected,
)


def test_an_execution_that_measured_nothing_says_why(tmp_path: Path) -> None:
    rejected(tmp_path)
    message = "execution local-0001 has no evaluation: step Reject: below GateThreshold"
    insist_refused(invoke("report", "local-0001", "--workdir", str(tmp_path)), 2, message)


def test_an_execution_that_is_not_there_is_named(tmp_path: Path) -> None:
    message = f"there is no execution local-0007 in {tmp_path}"
    insist_refused(invoke("report", "local-0007", "--workdir", str(tmp_path)), 2, message)


def test_before_anything_was_measured_the_way_to_it_is_told(tmp_path: Path) -> None:
    executed(tmp_path, SUCCEEDED)
    message = f"nothing was measured in {tmp_path} yet; `sentiment run` does"
    insist_refused(invoke("report", "--local", "--workdir", str(tmp_path)), 2, message)


@pytest.mark.parametrize("text", ["", " \n", "-"])
def test_no_text_is_told_before_a_model_is_looked_for(tmp_path: Path, text: str) -> None:
    result = invoke("predict", text, "--workdir", str(tmp_path), input="\n")
    insist_refused(result, 2, "the text is empty; give some, or - and the text on stdin")


def test_without_a_model_nothing_is_predicted(tmp_path: Path) -> None:
    message = f"there is no model in {tmp_path} yet; `sentiment run` trains one"
    insist_refused(invoke("predict", "fine", "--workdir", str(tmp_path)), 2, message)


def test_a_model_that_is_gone_is_told_in_one_line(tmp_path: Path) -> None:
    register(tmp_path, "Approved")
    result = invoke("predict", "fine", "--workdir", str(tmp_path))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1
