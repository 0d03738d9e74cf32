"""The ``/opt/ml`` of a job: mounted for its programs alone, or translated in its arguments."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from local_runner.errors import JobFailed
from local_runner.platform.bound_to_parent import OPT_ML
from local_runner.platform.cancellation import CancellationToken, run_concurrently
from local_runner.platform.containers import HostContainer, Invocation
from local_runner.platform.opt_ml import bound_command, can_mount
from tests.support.programs import has_ended
from tests.support.runner_samples import SKLEARN

MOUNTING = pytest.mark.skipif(not can_mount(), reason="this machine can't mount /opt/ml")
ARGUMENTS = (OPT_ML, f"{OPT_ML}/input/x", "/opt/mlx", "--at=/opt/ml", "/tmp/opt/ml")
PRINT_ARGUMENTS = ("python3", "-c", "import sys; print(*sys.argv[1:], sep='\\n')", *ARGUMENTS)


def output(folder: Path, *command: str, mount: bool) -> list[str]:
    lines: list[str] = []
    container = HostContainer(lines.append, mount=mount)
    container.invoke(invocation(folder, *command))
    return lines


def invocation(folder: Path, *command: str) -> Invocation:
    opt_ml = folder / "opt" / "ml"
    opt_ml.mkdir(parents=True)
    return Invocation(SKLEARN, command, {}, opt_ml, folder / "job.log", None)


def test_only_arguments_below_opt_ml_are_translated(tmp_path: Path) -> None:
    here = str(tmp_path / "opt" / "ml")
    expected = [here, f"{here}/input/x", "/opt/mlx", "--at=/opt/ml", "/tmp/opt/ml"]
    assert output(tmp_path, *PRINT_ARGUMENTS, mount=False) == expected


@MOUNTING
def test_arguments_are_not_translated_if_the_folder_is_mounted(tmp_path: Path) -> None:
    assert output(tmp_path, *PRINT_ARGUMENTS, mount=True) == [*ARGUMENTS]


@MOUNTING
def test_program_reads_and_writes_its_folder_at_opt_ml(tmp_path: Path) -> None:
    script = f"set -e; cd {OPT_ML}; pwd; mkdir model; echo text > {OPT_ML}/model/file; cat model/*"
    assert output(tmp_path, "bash", "-c", script, mount=True) == [OPT_ML, "text"]
    assert (tmp_path / "opt/ml/model/file").read_text() == "text\n"


@MOUNTING
def test_other_folders_in_opt_are_kept_and_the_machine_is_not_changed(tmp_path: Path) -> None:
    before = sorted(path.name for path in Path("/opt").iterdir())
    seen = output(tmp_path, "ls", "-A", "/opt", mount=True)
    assert sorted(seen) == sorted({*before, "ml"})
    assert sorted(path.name for path in Path("/opt").iterdir()) == before


@MOUNTING
def test_program_keeps_its_user(tmp_path: Path) -> None:
    assert output(tmp_path, "id", "-u", mount=True) == [str(os.getuid())]


@MOUNTING
def test_parallel_programs_have_separate_folders(tmp_path: Path) -> None:
    container = HostContainer(mount=True)
    meet = tmp_path / "meet"
    meet.mkdir()
    script = (
        'echo "$1" > /opt/ml/name; touch "$2/$1"; '
        'until [ "$(ls "$2" | wc -l)" = 2 ]; do sleep 0.01; done; test "$(cat /opt/ml/name)" = "$1"'
    )
    programs = [
        invocation(tmp_path / name, "bash", "-c", script, "bash", name, str(meet)) for name in "ab"
    ]
    run_concurrently([partial(container.invoke, each) for each in programs], CancellationToken())
    assert [(each.opt_ml / "name").read_text() for each in programs] == ["a\n", "b\n"]


@MOUNTING
def test_program_with_a_mount_ends_with_its_runner(tmp_path: Path) -> None:
    bound = bound_command(["sleep", "60"], tmp_path)
    code = (
        "import os, subprocess, sys\n"
        "command = sys.argv[1:]\n"
        "command[command.index('RUNNER')] = str(os.getpid())\n"
        "print(subprocess.Popen(command).pid, flush=True)\n"
        "sys.stdin.read()"
    )
    command = ["RUNNER" if word == str(os.getpid()) else word for word in bound]
    with subprocess.Popen(
        [sys.executable, "-c", code, *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as runner:
        assert runner.stdout is not None
        program = int(runner.stdout.readline())
        runner.send_signal(signal.SIGKILL)
    assert has_ended(program)


@pytest.mark.parametrize(
    ("reason", "is_explained"),
    [
        (f"{OPT_ML}/x: No such file or directory", True),
        (f"mkdir {OPT_ML}: Permission denied", True),
        (f"No data in train channel path {OPT_ML}/input/data/train", False),
        (f"/srv{OPT_ML}/x: No such file or directory", False),
    ],
)
def test_missing_opt_ml_has_a_remedy_where_it_is_not_mounted(
    tmp_path: Path, reason: str, is_explained: bool
) -> None:
    with pytest.raises(JobFailed) as failure:
        output(tmp_path, "bash", "-c", f"echo '{reason}'; exit 1", mount=False)
    assert ("variable OPT_ML" in str(failure.value)) is is_explained
