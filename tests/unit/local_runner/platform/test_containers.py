"""containers: the host as a container. These run real, short programs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path

import pytest

from local_runner.errors import JobFailed, JobInterrupted
from local_runner.platform import bound_to_parent
from local_runner.platform.cancellation import CancellationToken, run_concurrently
from local_runner.platform.containers import HostContainer, Invocation
from tests.support.runner_samples import SKLEARN


def invocation(
    tmp_path: Path,
    code: str,
    *arguments: str,
    max_runtime: float | None = None,
    token: CancellationToken | None = None,
) -> Invocation:
    opt_ml = tmp_path / "opt" / "ml"
    opt_ml.mkdir(parents=True)
    command = ("python3", "-c", code, *arguments)
    log = tmp_path / "job.log"
    environment = {"GIVEN": "value"}
    return Invocation(
        SKLEARN, command, environment, opt_ml, log, max_runtime, token or CancellationToken()
    )


def reason(tmp_path: Path, code: str) -> str:
    with pytest.raises(JobFailed) as failure:
        HostContainer().invoke(invocation(tmp_path, code))
    assert type(failure.value) is JobFailed
    return str(failure.value)


def test_each_line_of_a_program_is_told_and_logged(tmp_path: Path) -> None:
    lines: list[str] = []
    code = "import sys; print('out'); print('err', file=sys.stderr); print('ü'); print()"
    HostContainer(lines.append).invoke(invocation(tmp_path, code))
    assert lines == ["out", "err", "ü", ""]
    assert (tmp_path / "job.log").read_text(encoding="utf-8") == "out\nerr\nü\n\n"


def test_output_that_is_no_text_does_not_end_the_run(tmp_path: Path) -> None:
    lines: list[str] = []
    code = r"import sys; sys.stdout.buffer.write(b'a\xffb\n')"
    HostContainer(lines.append).invoke(invocation(tmp_path, code))
    assert lines == ["a\ufffdb"]


def test_paths_below_opt_ml_are_the_sandboxs_and_others_stay(tmp_path: Path) -> None:
    lines: list[str] = []
    code = "import sys; print(*sys.argv[1:], sep='\\n')"
    arguments = ("/opt/ml", "/opt/ml/input/x", "/opt/mlx", "--at=/opt/ml", "/tmp/opt/ml")
    HostContainer(lines.append).invoke(invocation(tmp_path, code, *arguments))
    here = str(tmp_path / "opt" / "ml")
    assert lines == [here, f"{here}/input/x", "/opt/mlx", "--at=/opt/ml", "/tmp/opt/ml"]


def test_a_program_finds_its_environment_and_works_in_its_folder(tmp_path: Path) -> None:
    lines: list[str] = []
    code = "import os; print(os.environ['GIVEN'], os.environ['OPT_ML'], os.getcwd(), sep='\\n')"
    HostContainer(lines.append).invoke(invocation(tmp_path, code))
    here = str(tmp_path / "opt" / "ml")
    assert lines == ["value", here, here]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("print('error: no reviews'); exit(1)", "AlgorithmError: no reviews, exit code: 1"),
        ("print('first'); print('last\\n\\n'); exit(7)", "AlgorithmError: last, exit code: 7"),
        ("raise ValueError('bad row')", "AlgorithmError: ValueError: bad row, exit code: 1"),
    ],
    ids=["error-line", "last-line", "traceback"],
)
def test_the_last_line_is_the_reason(tmp_path: Path, code: str, expected: str) -> None:
    assert reason(tmp_path, code) == expected


@pytest.mark.parametrize("name", ["message", "failure"])
def test_a_message_file_is_the_reason_in_place_of_the_last_line(tmp_path: Path, name: str) -> None:
    code = (
        "import os, pathlib\n"
        "folder = pathlib.Path(os.environ['OPT_ML'], 'output')\n"
        "folder.mkdir()\n"
        f"(folder / {name!r}).write_text('told in a file\\n')\n"
        "print('last line')\n"
        "exit(3)"
    )
    assert reason(tmp_path, code) == "AlgorithmError: told in a file, exit code: 3"


def test_a_failure_file_that_is_no_text_does_not_end_the_run(tmp_path: Path) -> None:
    code = (
        "import os, pathlib\n"
        "folder = pathlib.Path(os.environ['OPT_ML'], 'output')\n"
        "folder.mkdir()\n"
        r"(folder / 'failure').write_bytes(b'bad \xff row')" + "\nexit(1)"
    )
    assert reason(tmp_path, code) == "AlgorithmError: bad \ufffd row, exit code: 1"


def test_a_program_that_dies_without_a_word_still_has_a_reason(tmp_path: Path) -> None:
    assert not reason(tmp_path, "exit(4)").startswith("AlgorithmError: ,")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_program_killed_from_outside_was_interrupted(tmp_path: Path, number: int) -> None:
    code = f"import os; os.kill(os.getpid(), {int(number)})"
    with pytest.raises(JobInterrupted) as interruption:
        HostContainer().invoke(invocation(tmp_path, code))
    expected = f"InternalServerError: the program was killed by signal {int(number)}"
    assert str(interruption.value).startswith(expected)
    assert ("out of memory?" in str(interruption.value)) is (number == signal.SIGKILL)


def test_a_program_that_runs_too_long_is_ended(tmp_path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(JobFailed, match=r"^MaxRuntimeExceeded: after 0\.3 s$"):
        HostContainer().invoke(invocation(tmp_path, "import time; time.sleep(60)", max_runtime=0.3))
    assert time.monotonic() - began < 10


def test_what_a_program_started_is_ended_with_it(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen(['sleep', '60'])\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)"
    )
    lines: list[str] = []
    with pytest.raises(JobFailed, match="MaxRuntimeExceeded"):
        HostContainer(lines.append).invoke(invocation(tmp_path, code, max_runtime=2))
    assert not is_running(int(lines[0]))


def test_a_child_left_behind_does_not_hold_up_the_job(tmp_path: Path) -> None:
    code = (
        "import subprocess\n"
        "child = subprocess.Popen(['sleep', '60'])\n"
        "print(child.pid); print('all that it said')"
    )
    lines: list[str] = []
    began = time.monotonic()
    HostContainer(lines.append).invoke(invocation(tmp_path, code))
    assert time.monotonic() - began < 10
    assert lines[1:] == ["all that it said"]
    assert not is_running(int(lines[0]))


def test_a_listener_that_raises_leaves_no_program_behind(tmp_path: Path) -> None:
    pids: list[int] = []

    def stop(line: str) -> None:
        pids.append(int(line))
        raise KeyboardInterrupt

    code = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
    with pytest.raises(KeyboardInterrupt):
        HostContainer(stop).invoke(invocation(tmp_path, code))
    assert not is_running(pids[0])


def test_asking_to_stop_ends_the_program_and_what_it_started(tmp_path: Path) -> None:
    token, pids = CancellationToken(), list[int]()
    code = (
        "import os, subprocess, time\n"
        "child = subprocess.Popen(['sleep', '60'])\n"
        "print(os.getpid(), flush=True); print(child.pid, flush=True); time.sleep(60)"
    )

    def on_line(line: str) -> None:
        pids.append(int(line))
        if len(pids) == 2:
            threading.Thread(target=token.cancel).start()

    with pytest.raises(KeyboardInterrupt):
        HostContainer(on_line).invoke(invocation(tmp_path, code, token=token))
    assert [pid for pid in pids if is_running(pid)] == []


def test_a_program_that_was_asked_to_stop_before_it_began_does_not_begin(tmp_path: Path) -> None:
    token = CancellationToken()
    token.cancel()
    code = "import sys; open(sys.argv[1], 'w')"
    with pytest.raises(KeyboardInterrupt):
        HostContainer().invoke(invocation(tmp_path, code, str(tmp_path / "began"), token=token))
    assert not (tmp_path / "began").exists()


def test_a_program_outlives_the_thread_of_another_one(tmp_path: Path) -> None:
    """The kernel ends a program with the *thread* that started it, not with the process."""
    lines: list[str] = []
    told = tmp_path / "told"

    def on_line(line: str) -> None:
        lines.append(line)
        told.touch()

    container = HostContainer(on_line)
    programs = {
        "short": "print('short')",
        "long": f"""
import pathlib, time
while not pathlib.Path({str(told)!r}).exists():
    time.sleep(0.01)
time.sleep(0.3)  # so that its end by the kernel would be seen
print('long')
""",
    }
    run_concurrently(
        [
            partial(container.invoke, invocation(tmp_path / name, code))
            for name, code in programs.items()
        ],
        CancellationToken(),
    )
    assert lines == ["short", "long"]


def test_lines_of_programs_at_the_same_time_are_told_one_at_a_time(tmp_path: Path) -> None:
    inside, overlaps, told = list[str](), list[str](), list[str]()

    def on_line(line: str) -> None:
        inside.append(line)
        time.sleep(0.001)
        overlaps.extend(inside[1:])
        told.append(inside.pop(0))

    container = HostContainer(on_line)
    code = "print(*range(50), sep='\\n')"
    runs = [partial(container.invoke, invocation(tmp_path / name, code)) for name in "ab"]
    run_concurrently(runs, CancellationToken())
    assert overlaps == []
    assert sorted(told) == sorted([*map(str, range(50))] * 2)


def test_a_program_does_not_begin_when_its_runner_is_gone_already(tmp_path: Path) -> None:
    began = tmp_path / "began"
    ended = subprocess.run(
        [
            *(sys.executable, bound_to_parent.__file__, str(os.getppid())),
            *(sys.executable, "-c", f"open({str(began)!r}, 'w')"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (1, "the runner ended before its job started\n")
    assert not began.exists()


def is_running(pid: int) -> bool:
    """Whether the process exists and hasn't ended (an ended one may wait for its parent)."""
    for _ in range(50):
        try:
            os.kill(pid, 0)
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except (ProcessLookupError, FileNotFoundError):
            return False
        if state == "Z":
            return False
        time.sleep(0.02)
    return True
