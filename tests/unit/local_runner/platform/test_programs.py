"""Programs that jobs start, by name, by path and as scripts with an interpreter line."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from local_runner.errors import DefinitionError, JobFailed
from local_runner.platform.containers import HostContainer, Invocation
from local_runner.platform.programs import require_program
from tests.support.runner_samples import SKLEARN

WHICH = "import sys; print(sys.executable)"
SCRIPT = "/opt/ml/processing/input/code/program"


def output(folder: Path, *command: str) -> list[str]:
    opt_ml = folder / "opt" / "ml"
    opt_ml.mkdir(parents=True, exist_ok=True)
    lines: list[str] = []
    invocation = Invocation(SKLEARN, command, {}, opt_ml, folder / "job.log", None)
    HostContainer(lines.append).invoke(invocation)
    return lines


def write_script(folder: Path, text: str) -> None:
    path = folder / SCRIPT.lstrip("/")
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    "command",
    [
        ("python", "-c", WHICH),
        ("python3", "-c", WHICH),
        ("python3.10", "-c", WHICH),
        ("/usr/bin/python3", "-c", WHICH),
        ("/miniconda3/bin/python", "-c", WHICH),
        ("/usr/bin/env", "python3", "-c", WHICH),
        ("bash", "-c", f"python -c '{WHICH}'"),
        ("/bin/bash", "-e", "-c", f"python3 -c '{WHICH}'"),
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_python_is_the_runners_interpreter(tmp_path: Path, command: tuple[str, ...]) -> None:
    assert output(tmp_path, *command) == [sys.executable]


@pytest.mark.parametrize(
    "first", ["#!/usr/bin/python3", "#!/usr/local/bin/python3.9 -u", "#!/usr/bin/env python3"]
)
def test_python_script_runs_with_the_runners_interpreter(tmp_path: Path, first: str) -> None:
    write_script(tmp_path, f"{first}\n{WHICH}\nprint(*sys.argv[1:])\n")
    assert output(tmp_path, SCRIPT, "a", "b c") == [sys.executable, "a b c"]


def test_shell_script_runs_with_its_interpreter_and_arguments(tmp_path: Path) -> None:
    write_script(tmp_path, '#!/bin/bash -e\nwords=(x "$@")\necho "${#words[@]}"\nfalse\n')
    with pytest.raises(JobFailed, match=r"^AlgorithmError: 3, exit code: 1$"):
        output(tmp_path, SCRIPT, "a", "b c")


def test_module_is_run(tmp_path: Path) -> None:
    assert output(tmp_path, "python3", "-m", "base64", "-t")


def test_program_that_cannot_be_started_is_named(tmp_path: Path) -> None:
    with pytest.raises(JobFailed, match=r"no-such-program.* can't be started"):
        output(tmp_path, "/bin/no-such-program")


def test_job_without_a_program_is_refused(tmp_path: Path) -> None:
    with pytest.raises(JobFailed, match="ContainerEntrypoint"):
        output(tmp_path)


@pytest.mark.parametrize("program", ["no-such-program", "/bin/no-such-program"])
def test_program_that_is_not_installed_is_refused_in_the_plan(program: str) -> None:
    with pytest.raises(DefinitionError, match=program):
        require_program([program, "x"])


@pytest.mark.parametrize("program", ["sh", "/bin/sh", "smspark-submit", "/x/python3", SCRIPT])
def test_program_that_can_run_is_accepted(program: str) -> None:
    require_program([program])
