"""`sentiment scores` of local executions."""

from __future__ import annotations

from pathlib import Path

import pytest

from local_runner.execution.record import SUCCEEDED
from tests.support.command_line import assert_refused, invoke, json_output
from tests.support.local_samples import SCORES, executed, register, rejected, score_definition


@pytest.fixture
def workdir(tmp_path: Path) -> Path:
    """A work folder with local-0001, which scored reviews, and local-0002, which didn't."""
    folder = tmp_path / "runs"
    register(folder, "Approved")
    (tmp_path / "new.csv").write_text("text\nfine\n")
    options = ("--definition", score_definition(tmp_path, 0.1), "--workdir", str(folder))
    assert invoke("score", str(tmp_path / "new.csv"), *options).exit_code == 0
    executed(folder, SUCCEEDED)
    return folder


@pytest.mark.parametrize("which", [("--local",), ("local-0001",)])
def test_scores_are_copied(workdir: Path, tmp_path: Path, which: tuple[str, ...]) -> None:
    output = tmp_path / "mine.csv"
    options = ("--workdir", str(workdir), "--output", str(output), "--json")
    assert json_output(invoke("scores", *which, *options)) == {
        "execution_id": "local-0001",
        "path": str(output),
        "rows": 1,
        "uri": str(workdir / "s3/b/scores/scores.csv"),
    }
    assert output.read_text() == SCORES


def test_execution_without_scores_is_refused_with_the_reason(tmp_path: Path) -> None:
    execution = rejected(tmp_path)
    options = ("--workdir", str(tmp_path), "--output", str(tmp_path / "x.csv"))
    assert_refused(invoke("scores", execution, *options), 1, execution, "below GateThreshold")
    assert_refused(invoke("scores", "--local", *options), 1, str(tmp_path), "`sentiment score ")
    result = invoke("scores", "--local", "--predictions", *options)
    assert_refused(result, 1, str(tmp_path), "`sentiment run ")


def test_scores_that_were_deleted_are_refused(workdir: Path, tmp_path: Path) -> None:
    scores = workdir / "s3/b/scores/scores.csv"
    scores.unlink()
    options = ("--workdir", str(workdir), "--output", str(tmp_path / "x.csv"))
    assert_refused(invoke("scores", "--local", *options), 1, str(scores))
    assert not (tmp_path / "x.csv").exists()
