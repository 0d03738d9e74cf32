"""`sentiment run --dry-run`, compared with what `sentiment run` then does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from operations.local import processing_code
from operations.progress import Progress
from processing.names import CODE_FILE
from tests.support.archives import tiny_dataset
from tests.support.command_line import assert_refused, forecast_lines, invoke, json_output
from tests.support.files import contents
from tests.support.steps_pipeline import steps_pipeline


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the definition, a dataset, and a work folder with a whole execution."""
    set_code(monkeypatch, "code")
    steps_pipeline(tmp_path, code=True)
    tiny_dataset(tmp_path / "reviews.tar")
    ended = run(tmp_path)
    assert ended.exit_code == 0, ended.output
    return tmp_path


def set_code(patch: pytest.MonkeyPatch, content: str) -> None:
    """Replace the code of ``processing/``."""

    def packed(folder: Path, root: Path) -> Path:
        del root
        path = folder / CODE_FILE
        path.write_text(content)
        return path

    patch.setattr(processing_code, "_packed", packed)


def run(root: Path, *arguments: str, dataset: str = "reviews.tar") -> Result:
    where = ("--definition", str(root / "steps.json"), "--workdir", str(root / "runs"))
    return invoke("run", *where, "--dataset", str(root / dataset), *arguments)


def edit(root: Path, before: str, after: str) -> None:
    path = root / "steps.json"
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


def texts(step: dict[str, Any]) -> list[str]:
    return [reason["text"] for reason in step["reasons"] or ()]


Change = Callable[[Path, pytest.MonkeyPatch], tuple[str, ...]]


def nothing(root: Path, patch: pytest.MonkeyPatch) -> tuple[str, ...]:
    del root, patch
    return ()


def parameter(root: Path, patch: pytest.MonkeyPatch) -> tuple[str, ...]:
    del root, patch
    return ("--parameter", "Depth=7")


def code(root: Path, patch: pytest.MonkeyPatch) -> tuple[str, ...]:
    del root
    set_code(patch, "other code")
    return ()


def data(root: Path, patch: pytest.MonkeyPatch) -> tuple[str, ...]:
    del patch
    (root / "reviews.tar").write_bytes((root / "reviews.tar").read_bytes() + b"\0" * 512)
    return ()


def image(root: Path, patch: pytest.MonkeyPatch) -> tuple[str, ...]:
    del patch
    edit(root, "scikit-learn:1.4-2", "scikit-learn:1.2-1")
    return ()


def forced(root: Path, patch: pytest.MonkeyPatch) -> tuple[str, ...]:
    del root, patch
    return ("--force", "Fit")


def selected(root: Path, patch: pytest.MonkeyPatch) -> tuple[str, ...]:
    del root, patch
    return ("--from", "Fit", "--parameter", "Limit=3")


CACHED, CACHED_TOO = "cached (local-0001)", "runs, unless the results of Fit are the same as before"
IMAGE = "runs (image sagemaker-scikit-learn:1.4-2 -> sagemaker-scikit-learn:1.2-1)"


@pytest.mark.parametrize(
    ("change", "load", "fit", "check"),
    [
        (nothing, CACHED, CACHED, CACHED),
        (parameter, CACHED, "runs (Depth 5 -> 7)", CACHED_TOO),
        (code, *["runs (code changed)"] * 3),
        (image, *[IMAGE] * 3),
        (forced, CACHED, "runs (forced)", CACHED_TOO),
        (selected, "reused (local-0001)", CACHED, "runs (Limit 1 -> 3)"),
    ],
    ids=["nothing", "parameter", "code", "image", "forced", "selected"],
)
def test_dry_run_shows_what_the_run_then_does(
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Change,
    load: str,
    fit: str,
    check: str,
) -> None:
    arguments = change(root, monkeypatch)
    before = contents(root)
    forecast = forecast_lines(run(root, *arguments, "--dry-run"))
    assert contents(root) == before
    assert forecast == {"Load": load, "Fit": fit, "Check": check}
    for step in json_output(run(root, *arguments, "--json"))["steps"]:
        text = forecast[step["name"]]
        if text == CACHED_TOO:
            continue
        ran = f"runs ({', '.join(texts(step))})"
        assert text == ran if step["reasons"] else text.endswith("(local-0001)")
        assert (step["cached_from"] or step["reused_from"]) == (
            None if ran == text else "local-0001"
        )


def test_changed_dataset_is_a_reason(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data(root, monkeypatch)
    assert forecast_lines(run(root, "--dry-run"))["Load"].startswith("runs (DatasetUri ")
    tiny_dataset(root / "other.tar")
    other = run(root, "--dry-run", dataset="other.tar")
    assert forecast_lines(other)["Load"] == "runs (DatasetUri reviews.tar -> other.tar)"


def test_json_has_verdicts_and_reasons(root: Path) -> None:
    result = run(root, "--dry-run", "--parameter", "Depth=7", "--json")
    document = json_output(result)
    assert result.stderr == ""
    assert document["parameters"]["Depth"] == "7"
    assert [step["verdict"] for step in document["steps"]] == ["cached", "runs", "depends"]
    assert document["steps"][1]["reasons"] == [
        {"before": "5", "kind": "parameter", "name": "Depth", "now": "7", "text": "Depth 5 -> 7"}
    ]
    assert document["steps"][2]["steps"] == ["Fit"]


def test_progress_of_a_run_shows_why_steps_run(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr(Progress, "set_detail", lambda _, text: shown.append(text))
    errors = run(root, "--parameter", "Depth=7").stderr
    assert "Depth 5 -> 7" in shown
    assert "cached (local-0001)\n" in errors
    assert "ran: Depth 5 -> 7\n" in errors


def test_interrupted_execution_is_continued(root: Path) -> None:
    assert run(root, "--parameter", "Depth=7").exit_code == 0
    path = root / "runs" / "executions" / "local-0002" / "execution.json"
    record = json.loads(path.read_text())
    del record["steps"]["Check"]
    path.write_text(json.dumps({**record, "status": "Executing"}))
    result = run(root, "--parameter", "Depth=7", "--dry-run")
    assert result.stdout.splitlines()[0] == "continues execution local-0002"
    assert "reused (local-0002)" in result.stdout.splitlines()[2]


def test_dry_run_needs_no_work_folder(root: Path, tmp_path: Path) -> None:
    where = ("--definition", str(root / "steps.json"), "--workdir", str(tmp_path / "new"))
    found = forecast_lines(invoke("run", *where, "--dry-run"))
    assert set(found.values()) == {"runs (not run before)"}
    assert not (tmp_path / "new").exists()


def test_invalid_request_is_refused(root: Path) -> None:
    assert_refused(run(root, "--dry-run", "--only", "Fitt"), 2, "did you mean Fit?")
