"""The files that a run reads, and the steps that they affect."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from operations.local.processing_code import ROOT
from operations.local.rerunning.file_changes import FileChanges
from operations.local.rerunning.job_sources import job_sources
from operations.local.rerunning.watched_files import steps_by_file, watched_files
from operations.local.running.definitions import example_plan
from operations.local.running.run import RunRequest
from operations.options import DEFINITION
from processing.names import Step
from tests.support.runner_samples import document, processing
from tests.support.steps_pipeline import steps_pipeline


@pytest.mark.parametrize(
    ("file", "steps"),
    [
        ("jobs/evaluate.py", {Step.EVALUATE}),
        ("report/svg.py", {Step.EVALUATE}),
        ("corpus/corpus.py", {Step.PREPROCESS, Step.PACKAGE}),
        ("fetch/web.py", {Step.DOWNLOAD}),
        ("names.py", {Step.DOWNLOAD, Step.PREPROCESS, Step.PACKAGE, Step.EVALUATE}),
        ("jobs/join.py", set()),
    ],
)
def test_a_source_file_affects_the_steps_whose_jobs_import_it(file: str, steps: set[str]) -> None:
    request = RunRequest(None, {}, DEFINITION, Path("runs"))
    plan = example_plan(DEFINITION, {}, {})
    path = ROOT / "processing" / file
    assert steps_by_file(request, plan, ROOT).get(path, set()) == steps
    assert path in set(watched_files(request, plan, ROOT))


def test_the_code_affects_all_steps_that_read_it_if_their_jobs_are_unknown(tmp_path: Path) -> None:
    definition = steps_pipeline(tmp_path, code=True)
    request = RunRequest(None, {}, definition, Path("runs"))
    affected = steps_by_file(request, example_plan(definition, {}, {}), ROOT)
    assert affected[ROOT / "processing" / "jobs" / "join.py"] == {"Load", "Fit", "Check"}


def test_local_inputs_affect_their_readers(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("1")
    (tmp_path / "b.csv").write_text("2")
    steps = (processing(name, {"in": f"s3://b/{name}"}, {}, ("-c", "")) for name in "AB")
    definition = tmp_path / "definition.json"
    definition.write_text(json.dumps(document(*steps)))
    inputs = [f"s3://b/A/={tmp_path / 'a.csv'}", f"s3://b/program={tmp_path / 'b.csv'}"]
    request = RunRequest(None, {}, definition, Path("runs"), inputs=inputs)
    affected = steps_by_file(request, example_plan(definition, {}, {}), ROOT)
    assert affected == {tmp_path / "a.csv": {"A"}, tmp_path / "b.csv": {"A", "B"}}


def package(root: Path, **sources: str) -> Path:
    for name, source in {"__main__": "", **sources}.items():
        path = root.joinpath("processing", *name.split("__", 1 if name != "__main__" else 0))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".py").write_text(source)
    return root


def test_imports_count_wherever_they_are(tmp_path: Path) -> None:
    root = package(
        tmp_path,
        jobs__evaluate="def run():\n    from processing import used\n",
        used="import processing.deep.end\n",
        deep__end="def broken(:",
        unused="",
    )
    (root / "processing" / "__init__.py").touch()
    found = {it.relative_to(root / "processing").as_posix() for it in job_sources(root)["evaluate"]}
    assert found == {"__init__.py", "__main__.py", "jobs/evaluate.py", "used.py", "deep/end.py"}


def test_files_that_are_added_or_removed_are_changes(tmp_path: Path) -> None:
    removed, added = tmp_path / "removed", tmp_path / "added"
    (tmp_path / "kept").touch()
    removed.touch()
    edits: Iterator[Callable[[], object]] = iter([removed.unlink, added.touch])

    def sleep(_: float) -> None:
        next(edits, bool)()

    changes = FileChanges(tmp_path.iterdir, sleep)
    assert changes.wait() == {removed, added}
