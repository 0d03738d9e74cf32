"""`sentiment compare --base`: a git revision and the checkout, with a copy of the checkout."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from operations.model_change import both_sides
from processing import names
from tests.support.archives import tiny_dataset
from tests.support.clean_room import ROOT
from tests.support.command_line import assert_refused, invoke, json_output
from tests.support.git import git

DEFINITION = Path("pipeline_steps", "definition.json")
JOB = Path("processing", "jobs", "evaluate.py")


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with the definition and the jobs, whose tag ``empty`` has neither.

    ``old`` has jobs that can't be packed.
    """
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    root = tmp_path / "checkout"
    root.mkdir()
    git(root, "init", "--quiet", "--initial-branch=main")
    git(root, "commit", "--quiet", "--allow-empty", "--message=Empty")
    git(root, "tag", "empty")
    for path in (DEFINITION, JOB.parents[1] / "__init__.py"):
        (root / path).parent.mkdir()
        (root / path).write_text("", encoding="utf-8")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message=Old")
    git(root, "tag", "old")
    shutil.rmtree(root / JOB.parts[0])
    shutil.copytree(ROOT / JOB.parts[0], root / JOB.parts[0])
    shutil.copy(ROOT / DEFINITION, root / DEFINITION)
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message=Base")
    monkeypatch.setattr(both_sides, "ROOT", root)
    return root


def _edit(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    change(document)
    path.write_text(json.dumps(document), encoding="utf-8")


def _default(name: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        [parameter] = [it for it in document["Parameters"] if it["Name"] == name]
        parameter["DefaultValue"] = value

    return change


def _words(tmp_path: Path, *more: str) -> tuple[str, ...]:
    dataset = tiny_dataset(tmp_path / "reviews.tar")
    words = ("--workdir", str(tmp_path / "runs"), "--dataset", str(dataset))
    return ("compare", "--base", "main", *words, *more)


def test_changed_definition_and_code_are_run_each_with_its_own(
    checkout: Path, tmp_path: Path
) -> None:
    _edit(checkout / DEFINITION, _default("NumRound", 2))
    with (checkout / JOB).open("a", encoding="utf-8") as code:
        code.write('\nprint("changed")\n')
    found = json_output(invoke(*_words(tmp_path, "--json")))
    assert [it["name"] for it in found["executions"]] == ["main", "this checkout"]
    assert found["differences"]["parameters"] == {"NumRound": ["500", "2"]}
    logs = tmp_path / "runs" / "executions"
    for execution, changed in (("local-0001", False), ("local-0002", True)):
        log = (logs / execution / "logs" / "Evaluate.log").read_text(encoding="utf-8")
        assert ("changed" in log) is changed
        record = json.loads((logs / execution / "execution.json").read_text(encoding="utf-8"))
        assert record["parameters"]["ModelApprovalStatus"] == "Rejected"


def test_unchanged_pipeline_is_not_run(checkout: Path, tmp_path: Path) -> None:
    (checkout / "README.md").write_text("changed", encoding="utf-8")
    result = invoke(*_words(tmp_path))
    assert result.exit_code == 0
    assert "same" in result.stdout
    assert not (tmp_path / "runs" / "executions").exists()
    assert json_output(invoke(*_words(tmp_path, "--json")))["executions"] == []


def test_failure_of_the_base_does_not_fail_the_check(checkout: Path, tmp_path: Path) -> None:
    def break_it(document: dict[str, Any]) -> None:
        document["Steps"][0]["Type"] = "Broken"

    _edit(checkout / DEFINITION, break_it)
    git(checkout, "commit", "--quiet", "--all", "--message=Break")
    _edit(checkout / DEFINITION, lambda it: it["Steps"][0].update(Type="Processing"))
    result = invoke(*_words(tmp_path, "--allowed-loss", "0", "--json"))
    assert result.exit_code == 0, result.stderr
    base, own = json_output(result)["executions"]
    assert "Broken" in base["reason"]
    assert own[names.Compared.REASON] is None


def test_checkout_that_fails_is_a_failure(checkout: Path, tmp_path: Path) -> None:
    (checkout / JOB).write_text("", encoding="utf-8")
    result = invoke(*_words(tmp_path, "--allowed-loss", "1", "--markdown"))
    assert result.exit_code == 1
    [error] = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert "this checkout" in error
    assert result.stdout.startswith("**this checkout")


@pytest.mark.parametrize("revision", ["nope", "empty", "old", "--all"])
def test_revision_without_a_pipeline_is_refused(
    checkout: Path, tmp_path: Path, revision: str
) -> None:
    words = ("compare", f"--base={revision}", "--workdir", str(tmp_path / "runs"))
    assert_refused(invoke(*words), 2, revision)


@pytest.mark.parametrize(
    "words",
    [
        ("--base", "main", "local-0001"),
        ("--base", "main", "-e", "dev"),
        ("--dataset", "x.csv", "local-0001", "local-0002"),
    ],
)
def test_base_excludes_executions_and_aws(words: tuple[str, ...]) -> None:
    assert_refused(invoke("compare", *words), 2)
