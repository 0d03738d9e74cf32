"""Presets and the commit: what an execution is given besides what the user says."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from operations.commit import UNKNOWN, commit
from operations.presets import with_preset
from tests.support.clean_room import ROOT
from tests.support.local_samples import insist_refused, invoke

PRESETS = json.loads((ROOT / "pipeline_steps" / "presets.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_a_preset_gives_the_plan_its_values(name: str) -> None:
    result = invoke("show", "--preset", name)
    assert result.exit_code == 0, result.output
    for parameter, value in PRESETS[name].items():
        assert f"── {parameter} = {value}\n" in result.stdout


def test_a_parameter_that_is_given_wins_over_the_preset() -> None:
    chosen = with_preset("fast", {"Eta": "0.7"})
    assert chosen["Eta"] == "0.7"
    assert chosen.keys() == PRESETS["fast"].keys()


def test_without_a_preset_nothing_is_chosen() -> None:
    assert with_preset(None, {"Eta": "0.7"}) == {"Eta": "0.7"}


@pytest.mark.parametrize("verb", ["run", "show"])
def test_an_unknown_preset_is_told_with_those_that_there_are(verb: str) -> None:
    message = f"there is no preset 'best'; there are {', '.join(sorted(PRESETS))}"
    insist_refused(invoke(verb, "--preset", "best"), 2, message)


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=x", "-c", "user.email=x@example.com")
    command = ["git", "-C", str(folder), *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch", "some/branch")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "first")
    return folder


def head(folder: Path) -> str:
    return git(folder, "rev-parse", "HEAD")


def test_the_commit_is_that_of_the_branch(checkout: Path) -> None:
    assert commit(checkout) == head(checkout)


def test_the_commit_of_a_packed_branch_is_found(checkout: Path) -> None:
    git(checkout, "pack-refs", "--all")
    assert commit(checkout) == head(checkout)


def test_the_commit_of_a_detached_head_is_found(checkout: Path) -> None:
    git(checkout, "checkout", "--quiet", "--detach")
    assert commit(checkout) == head(checkout)


@pytest.mark.parametrize("options", [("--detach",), ("-b", "other")])
def test_the_commit_of_a_linked_work_tree_is_found(
    checkout: Path, options: tuple[str, ...]
) -> None:
    linked = checkout.parent / "linked"
    git(checkout, "worktree", "add", "--quiet", *options, str(linked))
    git(linked, "commit", "--quiet", "--allow-empty", "--message", "second")
    assert commit(linked) == head(linked) != head(checkout)
    git(checkout, "pack-refs", "--all")
    assert commit(linked) == head(linked)


def test_without_git_or_a_commit_it_is_unknown(tmp_path: Path) -> None:
    assert commit(tmp_path) == UNKNOWN
    git(tmp_path, "init", "--quiet")
    assert commit(tmp_path) == UNKNOWN
    (tmp_path / ".git" / "HEAD").write_bytes(b"\xff")
    assert commit(tmp_path) == UNKNOWN
