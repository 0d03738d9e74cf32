"""The ``/opt/ml`` of a job: mounted for its programs alone, or translated in its arguments.

Root has mount namespaces of its own, other users enter a user namespace first. Run as root, the
tests of mounts try both: the second time, what starts the programs gives up its privileges.
"""

from __future__ import annotations

import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from local_runner.errors import JobFailed
from local_runner.platform import opt_ml
from local_runner.platform.bound_to_parent import OPT_ML
from local_runner.platform.cancellation import CancellationToken, run_concurrently
from local_runner.platform.containers import HostContainer, Invocation
from local_runner.platform.opt_ml import bound_command, can_mount
from tests.support.clean_room import ROOT
from tests.support.programs import has_ended
from tests.support.runner_samples import SKLEARN

UNPRIVILEGED = 65534
ARGUMENTS = (OPT_ML, f"{OPT_ML}/input/x", "/opt/mlx", "--at=/opt/ml", "/tmp/opt/ml")
PRINT_ARGUMENTS = ("bash", "-c", 'printf "%s\\n" "$@"', "bash", *ARGUMENTS)

_AS_UNPRIVILEGED = f"""
import ctypes, encodings.ascii, os, warnings  # while they can be read
from local_runner.platform import bound_to_parent
os.setgroups([])
os.setgid({UNPRIVILEGED})
os.setuid({UNPRIVILEGED})
ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)  # PR_SET_DUMPABLE, as for any program of that user
bound_to_parent.main()
"""
"""The module bound_to_parent as a program, by a user without privileges."""

_WITHOUT_NAMESPACES = """
import ctypes, struct, sys
filters = struct.pack(
    "HBBI" * 4,
    *(0x20, 0, 0, 0),  # load the number of the system call
    *(0x15, 0, 1, int(sys.argv.pop(1))),
    *(0x06, 0, 0, 0x50001),  # that one fails: EPERM
    *(0x06, 0, 0, 0x7FFF0000),  # others are allowed
)
class Program(ctypes.Structure):
    _fields_ = [("count", ctypes.c_ushort), ("filters", ctypes.c_char_p)]
prctl = ctypes.CDLL(None).prctl
assert prctl(38, 1, 0, 0, 0) == 0  # PR_SET_NO_NEW_PRIVS
assert prctl(22, 2, ctypes.byref(Program(4, filters)), 0, 0) == 0  # PR_SET_SECCOMP
"""
"""Forbids the system call unshare to the process and its children, as Docker does by seccomp."""

_UNSHARE = {"aarch64": 97, "x86_64": 272}
"""The number of the system call by machine."""


def has_namespaces(user: int) -> bool:
    """Whether the machine lets a user mount in a namespace, by another program than ours."""
    unshare = shutil.which("unshare")
    ways = [["--mount"]] if user == 0 else []
    ways.append(["--user", "--map-root-user", "--mount"])
    drop: dict[str, Any] = {}
    if user != os.geteuid():
        drop = {"user": user, "group": user, "extra_groups": []}
    return unshare is not None and any(
        subprocess.run([unshare, *way, "true"], capture_output=True, check=False, **drop).returncode
        == 0
        for way in ways
    )


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every user may enter, unlike ``tmp_path``."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name)
        path.chmod(0o777)
        yield path


@pytest.fixture(params=["this user", "an unprivileged user"])
def user(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """The user that mounts: that of the tests, and one without privileges."""
    user = os.geteuid() if request.param == "this user" else UNPRIVILEGED
    if request.param == "an unprivileged user":
        if os.geteuid() != 0:
            pytest.skip("only root can become another user")
        monkeypatch.setattr(opt_ml, "_BOUND_TO_PARENT", (sys.executable, "-c", _AS_UNPRIVILEGED))
    if not has_namespaces(user):
        pytest.skip(f"this machine lets {request.param} mount nothing")
    return user


def output(folder: Path, *command: str, mount: bool) -> list[str]:
    lines: list[str] = []
    container = HostContainer(lines.append, mount=mount)
    container.invoke(invocation(folder, *command))
    return lines


def invocation(folder: Path, *command: str) -> Invocation:
    opt_ml = folder / "opt" / "ml"
    opt_ml.mkdir(parents=True)
    opt_ml.chmod(0o777)
    return Invocation(SKLEARN, command, {}, opt_ml, folder / "job.log", None)


def test_machine_that_lets_its_user_mount_is_recognized() -> None:
    assert can_mount() is has_namespaces(os.geteuid())


def test_only_arguments_below_opt_ml_are_translated(tmp_path: Path) -> None:
    here = str(tmp_path / "opt" / "ml")
    expected = [here, f"{here}/input/x", "/opt/mlx", "--at=/opt/ml", "/tmp/opt/ml"]
    assert output(tmp_path, *PRINT_ARGUMENTS, mount=False) == expected


@pytest.mark.usefixtures("user")
def test_arguments_are_not_translated_if_the_folder_is_mounted(folder: Path) -> None:
    assert output(folder, *PRINT_ARGUMENTS, mount=True) == [*ARGUMENTS]


@pytest.mark.usefixtures("user")
def test_program_reads_and_writes_its_folder_at_opt_ml(folder: Path) -> None:
    script = f"set -e; cd {OPT_ML}; pwd; mkdir model; echo text > {OPT_ML}/model/file; cat model/*"
    assert output(folder, "bash", "-c", script, mount=True) == [OPT_ML, "text"]
    assert (folder / "opt/ml/model/file").read_text() == "text\n"


@pytest.mark.usefixtures("user")
def test_other_folders_in_opt_are_kept_and_the_machine_is_not_changed(folder: Path) -> None:
    before = sorted(path.name for path in Path("/opt").iterdir())
    seen = output(folder, "ls", "-A", "/opt", mount=True)
    assert sorted(seen) == sorted({*before, "ml"})
    assert sorted(path.name for path in Path("/opt").iterdir()) == before


def test_program_keeps_its_user(folder: Path, user: int) -> None:
    assert output(folder, "id", "-u", mount=True) == [str(user)]


@pytest.mark.usefixtures("user")
def test_parallel_programs_have_separate_folders(folder: Path) -> None:
    container = HostContainer(mount=True)
    meet = folder / "meet"
    meet.mkdir()
    meet.chmod(0o777)
    script = (
        'echo "$1" > /opt/ml/name; touch "$2/$1"; '
        'until [ "$(ls "$2" | wc -l)" = 2 ]; do sleep 0.01; done; test "$(cat /opt/ml/name)" = "$1"'
    )
    programs = [
        invocation(folder / name, "bash", "-c", script, "bash", name, str(meet)) for name in "ab"
    ]
    run_concurrently([partial(container.invoke, each) for each in programs], CancellationToken())
    assert [(each.opt_ml / "name").read_text() for each in programs] == ["a\n", "b\n"]


@pytest.mark.usefixtures("user")
def test_program_with_a_mount_ends_with_its_runner(folder: Path) -> None:
    bound = bound_command(["sleep", "60"], folder)
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
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as runner:
        assert runner.stdout is not None
        program = int(runner.stdout.readline())
        runner.send_signal(signal.SIGKILL)
    assert has_ended(program)


@pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in _UNSHARE,
    reason="another system, or the number of its system call isn't known",
)
def test_arguments_are_translated_if_mounts_are_forbidden(tmp_path: Path) -> None:
    code = _WITHOUT_NAMESPACES + (
        "from pathlib import Path\n"
        "from local_runner.platform.containers import HostContainer, Invocation\n"
        "here, *command = sys.argv[1:]\n"
        "given = Invocation('', tuple(command), {}, Path(here), Path(here, 'log'), None)\n"
        "HostContainer(print).invoke(given)\n"
    )
    show = 'echo "$1" "$OPT_ML" "$PWD"; unshare --user --mount true'
    done = subprocess.run(
        [
            *(sys.executable, "-c", code, str(_UNSHARE[platform.machine()]), str(tmp_path)),
            *("bash", "-c", f"{show} || true", "bash", f"{OPT_ML}/model"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    printed, *refused = done.stdout.splitlines()
    assert printed == f"{tmp_path}/model {tmp_path} {tmp_path}"
    assert "Operation not permitted" in refused[0]


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
