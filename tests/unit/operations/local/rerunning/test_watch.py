"""`run --watch`: which steps run again, and what doesn't end it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from local_runner.selection import Selection
from operations.errors import Interrupted, UsageError
from operations.execution_summary import ExecutionSummary
from operations.local.rerunning.watch import watch
from operations.local.running.run import RunRequest
from tests.support.archives import tiny_dataset
from tests.support.command_line import assert_refused, invoke
from tests.support.runner_samples import document, output_of, processing
from tests.support.steps_pipeline import steps_pipeline

_POLLS = 4  # more than it takes to notice a change

Edit = Callable[[], object]


def watched(root: Path, *edits: Edit, **options: Any) -> list[dict[str, str]]:
    """Return the results of the steps after the first run and after each edit that has an effect.

    A result is the step's status, or the execution that it was reused from.
    """
    request = RunRequest(str(root / "reviews.tar"), {}, root / "steps.json", root / "runs")
    request = replace(request, **options)
    found: list[dict[str, str]] = []
    remaining = iter(edits)
    polls = 0

    def report(summary: ExecutionSummary) -> None:
        found.append({step.name: step.reused_from or step.status for step in summary.steps or ()})

    def sleep(_: float) -> None:
        nonlocal polls
        polls += 1
        if polls % _POLLS == 1:
            if (edit := next(remaining, None)) is None:
                raise KeyboardInterrupt
            edit()

    with pytest.raises(Interrupted):
        watch(request, report, quiet=True, sleep=sleep)
    return found


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with a dataset and a definition."""
    tiny_dataset(tmp_path / "reviews.tar")
    steps_pipeline(tmp_path)
    return tmp_path


def replaced(root: Path, old: str, new: str) -> Edit:
    """An edit of the definition."""
    path = root / "steps.json"

    def edit() -> None:
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))

    return edit


DEPTH, LIMIT = '"DefaultValue": "5"', '"DefaultValue": "1"'
ALL = {"Load": "Succeeded", "Fit": "Succeeded", "Check": "Succeeded"}


def test_a_change_runs_the_affected_steps_and_those_that_depend_on_them(root: Path) -> None:
    edits = replaced(root, LIMIT, '"DefaultValue": "2"'), replaced(root, DEPTH, LIMIT)
    assert watched(root, *edits) == [
        ALL,
        {"Fit": "local-0001", "Check": "Succeeded"},
        {"Load": "local-0001", "Fit": "Succeeded", "Check": "Succeeded"},
    ]


def test_another_dataset_runs_everything(root: Path) -> None:
    def edit() -> None:
        (root / "reviews.tar").write_bytes(
            tiny_dataset(root / "same.tar").read_bytes() + b"\0" * 512
        )

    assert watched(root, edit) == [ALL, ALL]


def test_files_whose_content_is_the_same_have_no_effect(root: Path) -> None:
    assert watched(root, (root / "steps.json").touch) == [ALL]


def test_a_failed_step_runs_again_with_what_is_changed_next(root: Path) -> None:
    edits = (
        replaced(root, DEPTH, '"DefaultValue": "fail"'),
        replaced(root, LIMIT, '"DefaultValue": "2"'),
        replaced(root, '"DefaultValue": "fail"', DEPTH),
    )
    failed = {"Load": "local-0001", "Fit": "Failed"}
    assert watched(root, *edits) == [ALL, failed, failed, {**ALL, "Load": "local-0001"}]


def test_an_invalid_definition_is_reported_and_runs_when_it_is_valid(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edits = replaced(root, LIMIT, '"DefaultValue": "2" x'), replaced(root, '"2" x', '"2"')
    assert watched(root, *edits)[1:] == [{"Fit": "local-0001", "Check": "Succeeded"}]
    assert capsys.readouterr().err.startswith(f"error: {root / 'steps.json'}: ")


def test_steps_that_are_not_selected_do_not_run(root: Path) -> None:
    edits = replaced(root, LIMIT, '"DefaultValue": "2"'), replaced(root, DEPTH, LIMIT)
    found = watched(root, *edits, selection=Selection(last=("Fit",)))
    assert found == [
        {"Load": "Succeeded", "Fit": "Succeeded"},
        {"Load": "local-0001", "Fit": "Succeeded"},
    ]


def test_the_newest_result_of_each_step_is_reused(root: Path) -> None:
    code = "import sys, pathlib; pathlib.Path(sys.argv[1], 'x').write_text(sys.argv[2])"
    names = {"Left": (), "Right": (), "A": ("Left",), "B": ("Right",), "Both": ("A", "B")}
    steps = [
        processing(
            name,
            {read: output_of(read, "out") for read in reads},
            {"out": f"s3://b/{name}"},
            ("-c", code, "/opt/ml/processing/output/out", f"{name} 1"),
        )
        for name, reads in names.items()
    ]
    (root / "steps.json").write_text(json.dumps(document(*steps)))
    edits = replaced(root, "A 1", "A 2"), replaced(root, "B 1", "B 2")
    assert watched(root, *edits, dataset=None)[2] == {
        "A": "local-0002",
        "Right": "local-0001",
        "B": "Succeeded",
        "Both": "Succeeded",
    }


def test_a_request_that_cannot_be_run_ends_it(root: Path) -> None:
    request = RunRequest(None, {"Unknown": "1"}, root / "steps.json", root / "runs")
    with pytest.raises(UsageError):
        watch(request, lambda _: None, quiet=True)


@pytest.mark.parametrize("other", [("--dry-run",)])
def test_what_runs_nothing_cannot_be_watched(other: Sequence[str]) -> None:
    assert_refused(invoke("run", "--watch", *other), 2, "--watch")
