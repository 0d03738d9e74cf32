"""Presets, and the commit of the checkout."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from operations.local.git_commit import checked_out_commit
from operations.presets import with_preset
from processing.names import UNKNOWN_COMMIT
from tests.support.clean_room import ROOT
from tests.support.command_line import assert_refused, invoke
from tests.support.git import git

PRESETS = json.loads((ROOT / "pipeline_steps" / "presets.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_preset_sets_its_values(name: str) -> None:
    result = invoke("show", "--preset", name)
    assert result.exit_code == 0, result.output
    for parameter, value in PRESETS[name].items():
        assert f"── {parameter} = {value}\n" in result.stdout


def test_parameter_overrides_the_preset() -> None:
    chosen = with_preset("accurate", {"Eta": "0.7"})
    assert chosen["Eta"] == "0.7"
    assert chosen.keys() == PRESETS["accurate"].keys()


def test_parameters_are_unchanged_without_a_preset() -> None:
    assert with_preset(None, {"Eta": "0.7"}) == {"Eta": "0.7"}


@pytest.mark.parametrize("verb", ["run", "show"])
def test_unknown_preset_is_refused_with_the_available_ones(verb: str) -> None:
    available = ", ".join(sorted(PRESETS))
    assert_refused(invoke(verb, "--preset", "best"), 2, "'best'", available)


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
    assert checked_out_commit(checkout) == head(checkout)


def test_the_commit_of_a_packed_branch_is_found(checkout: Path) -> None:
    git(checkout, "pack-refs", "--all")
    assert checked_out_commit(checkout) == head(checkout)


def test_the_commit_of_a_detached_head_is_found(checkout: Path) -> None:
    git(checkout, "checkout", "--quiet", "--detach")
    assert checked_out_commit(checkout) == head(checkout)


@pytest.mark.parametrize("options", [("--detach",), ("-b", "other")])
def test_the_commit_of_a_linked_work_tree_is_found(
    checkout: Path, options: tuple[str, ...]
) -> None:
    linked = checkout.parent / "linked"
    git(checkout, "worktree", "add", "--quiet", *options, str(linked))
    git(linked, "commit", "--quiet", "--allow-empty", "--message", "second")
    assert checked_out_commit(linked) == head(linked) != head(checkout)
    git(checkout, "pack-refs", "--all")
    assert checked_out_commit(linked) == head(linked)


def test_commit_is_unknown_without_a_repository_or_commit(tmp_path: Path) -> None:
    assert checked_out_commit(tmp_path) == UNKNOWN_COMMIT
    git(tmp_path, "init", "--quiet")
    assert checked_out_commit(tmp_path) == UNKNOWN_COMMIT


def test_commit_of_a_surrounding_repository_is_not_used(checkout: Path) -> None:
    inner = checkout / "site-packages"
    inner.mkdir()
    assert checked_out_commit(inner) == UNKNOWN_COMMIT


def test_commit_is_unknown_without_git(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert checked_out_commit(checkout) == UNKNOWN_COMMIT
