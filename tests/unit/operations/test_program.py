"""Commands that the user may paste: they start the same program."""

from __future__ import annotations

from pathlib import Path

import pytest

from operations.program import pasteable


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The installed script in a folder, which is the current one, but isn't on the PATH."""
    path = tmp_path / "bin" / "sentiment"
    path.parent.mkdir()
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "/nowhere")
    return path


def test_program_that_is_not_on_the_path_is_named_as_it_was_called(
    script: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["bin/sentiment", "list"])
    assert pasteable("watch", "it") == "`bin/sentiment watch it`"


def test_program_on_the_path_is_named_by_its_name(
    script: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(script.parent))
    monkeypatch.setattr("sys.argv", [str(script)])
    assert pasteable("watch", "it") == "`sentiment watch it`"


def test_program_of_the_same_name_elsewhere_on_the_path_is_another_one(
    script: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other" / "sentiment"
    other.parent.mkdir()
    other.write_bytes(script.read_bytes())
    other.chmod(0o755)
    monkeypatch.setenv("PATH", str(other.parent))
    monkeypatch.setattr("sys.argv", ["bin/sentiment"])
    assert pasteable("list") == "`bin/sentiment list`"


def test_module_is_named_by_its_script(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["operations/__main__.py"])
    assert pasteable("list") == "`sentiment list`"
