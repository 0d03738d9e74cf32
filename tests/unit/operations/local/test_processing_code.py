"""Jobs that run without a pipeline: how their failures are reported."""

from __future__ import annotations

from pathlib import Path

import pytest

from operations.errors import FAILURE, USAGE, CliError
from operations.local import processing_code


def failure(root: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> CliError:
    """The error of a job whose program is ``code``."""
    (root / "processing").mkdir()
    (root / "processing" / "__init__.py").touch()
    (root / "processing" / "__main__.py").write_text(f"import os, sys; {code}\n")
    monkeypatch.setattr(processing_code, "ROOT", root)
    with pytest.raises(CliError) as failed:
        processing_code.run_job("predict", {})
    return failed.value


@pytest.mark.parametrize(("code", "expected"), [(1, FAILURE), (2, USAGE), (3, FAILURE)])
def test_error_of_a_job_is_that_of_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, expected: int
) -> None:
    error = failure(
        tmp_path, monkeypatch, f"print('error: no text', file=sys.stderr); sys.exit({code})"
    )
    assert (str(error), error.exit_code) == ("no text", expected)


@pytest.mark.parametrize(
    ("code", "mention"),
    [
        ("raise ValueError('a bug')", "ValueError: a bug"),
        ("sys.exit(5)", "exit code 5"),
        ("os.kill(os.getpid(), 9)", "signal 9"),
    ],
    ids=["traceback", "silent", "killed"],
)
def test_crash_of_a_job_names_the_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, mention: str
) -> None:
    error = failure(tmp_path, monkeypatch, code)
    assert "job predict" in str(error)
    assert mention in str(error)
    assert error.exit_code == FAILURE
