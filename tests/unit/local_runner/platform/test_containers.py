"""The host as a container, with real, short programs."""

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
from local_runner.platform import bound_to_parent, containers
from local_runner.platform.bound_to_parent import OPT_ML
from local_runner.platform.cancellation import CancellationToken, run_concurrently
from local_runner.platform.containers import HostContainer, Invocation
from local_runner.platform.opt_ml import can_mount
from tests.support.programs import has_ended
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


def test_each_line_is_reported_and_logged(tmp_path: Path) -> None:
    lines: list[str] = []
    code = "import sys; print('out'); print('err', file=sys.stderr); print('ü'); print()"
    HostContainer(lines.append).invoke(invocation(tmp_path, code))
    assert lines == ["out", "err", "ü", ""]
    assert (tmp_path / "job.log").read_text(encoding="utf-8") == "out\nerr\nü\n\n"


@pytest.mark.parametrize(("interval", "logged"), [(60.0, "first\nend\n"), (0.0, None)])
def test_progress_is_reported_but_rarely_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, interval: float, logged: str | None
) -> None:
    monkeypatch.setattr(containers, "_PROGRESS_SECONDS", interval)
    lines: list[str] = []
    progress: list[str] = []
    code = (
        "import os, sys\n"
        "sys.stdout.write('first\\r\\n10 %\\r')\n"
        "sys.stdout.write('\\r20 %' + '\\r' * int(os.environ['LOCAL_PROGRESS']) + 'end\\n')"
    )
    container = HostContainer(lines.append, on_progress=progress.append)
    container.invoke(invocation(tmp_path, code))
    assert progress == ["10 %", "20 %"]
    log = (tmp_path / "job.log").read_bytes().decode()
    assert log == (logged or "first\n10 %\n20 %\nend\n")
    assert lines == log.splitlines()


def test_output_that_is_not_text_is_replaced(tmp_path: Path) -> None:
    lines: list[str] = []
    code = r"import sys; sys.stdout.buffer.write(b'a\xffb\n')"
    HostContainer(lines.append).invoke(invocation(tmp_path, code))
    assert lines == ["a\ufffdb"]


def test_program_has_its_environment_and_working_folder(tmp_path: Path) -> None:
    lines: list[str] = []
    code = "import os; print(os.environ['GIVEN'], os.environ['OPT_ML'], os.getcwd(), sep='\\n')"
    HostContainer(lines.append).invoke(invocation(tmp_path, code))
    here = OPT_ML if can_mount() else str(tmp_path / "opt" / "ml")
    assert lines == ["value", here, here]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("print('error: no reviews'); exit(1)", "AlgorithmError: no reviews, exit code: 1"),
        ("print('first'); print('last\\n\\n'); exit(7)", "AlgorithmError: last, exit code: 7"),
        ("raise ValueError('bad row')", "AlgorithmError: ValueError: bad row, exit code: 1"),
        (
            "import no_such_module",
            "AlgorithmError: ModuleNotFoundError: No module named 'no_such_module'; install it in "
            "this environment, whose packages jobs use, exit code: 1",
        ),
        (
            "raise ValueError('bad row\\n\\nsee the manual\\nfor help')",
            "AlgorithmError: ValueError: bad row, exit code: 1",
        ),
        (
            "raise ValueError('calling o3.csv.\\n: java.io.IOException: no file\\n\\tat org.x')",
            "AlgorithmError: ValueError: calling o3.csv.: java.io.IOException: no file, "
            "exit code: 1",
        ),
        (
            "import traceback\ntry: 1/0\nexcept Exception: traceback.print_exc()\nexit('error: x')",
            "AlgorithmError: x, exit code: 1",
        ),
    ],
    ids=[
        "error-line",
        "last-line",
        "traceback",
        "module",
        "several-lines",
        "java",
        "logged-traceback",
    ],
)
def test_last_line_is_the_failure_reason(tmp_path: Path, code: str, expected: str) -> None:
    assert reason(tmp_path, code) == expected


@pytest.mark.parametrize("name", ["message", "failure"])
def test_message_file_overrides_the_last_line_as_failure_reason(tmp_path: Path, name: str) -> None:
    code = (
        "import os, pathlib\n"
        "folder = pathlib.Path(os.environ['OPT_ML'], 'output')\n"
        "folder.mkdir()\n"
        f"(folder / {name!r}).write_text('reason in a file\\n')\n"
        "print('last line')\n"
        "exit(3)"
    )
    assert reason(tmp_path, code) == "AlgorithmError: reason in a file, exit code: 3"


def test_failure_file_that_is_not_text_is_replaced(tmp_path: Path) -> None:
    code = (
        "import os, pathlib\n"
        "folder = pathlib.Path(os.environ['OPT_ML'], 'output')\n"
        "folder.mkdir()\n"
        r"(folder / 'failure').write_bytes(b'bad \xff row')" + "\nexit(1)"
    )
    assert reason(tmp_path, code) == "AlgorithmError: bad \ufffd row, exit code: 1"


def test_failure_without_output_has_a_reason(tmp_path: Path) -> None:
    assert not reason(tmp_path, "exit(4)").startswith("AlgorithmError: ,")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_program_killed_by_a_signal_is_an_interruption(tmp_path: Path, number: int) -> None:
    code = f"import os; os.kill(os.getpid(), {int(number)})"
    with pytest.raises(JobInterrupted) as interruption:
        HostContainer().invoke(invocation(tmp_path, code))
    expected = f"InternalServerError: the program was killed by signal {int(number)}"
    assert str(interruption.value).startswith(expected)
    assert ("out of memory?" in str(interruption.value)) is (number == signal.SIGKILL)


def test_program_is_killed_after_its_maximum_runtime(tmp_path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(JobFailed, match=r"^MaxRuntimeExceeded: after 0\.3 s$"):
        HostContainer().invoke(invocation(tmp_path, "import time; time.sleep(60)", max_runtime=0.3))
    assert time.monotonic() - began < 10


def test_child_processes_are_killed_with_the_program(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen(['sleep', '60'])\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)"
    )
    lines: list[str] = []
    with pytest.raises(JobFailed, match="MaxRuntimeExceeded"):
        HostContainer(lines.append).invoke(invocation(tmp_path, code, max_runtime=2))
    assert has_ended(int(lines[0]))


def test_child_process_that_outlives_the_program_does_not_delay_the_job(tmp_path: Path) -> None:
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
    assert has_ended(int(lines[0]))


def test_program_is_killed_if_the_listener_raises(tmp_path: Path) -> None:
    pids: list[int] = []

    def stop(line: str) -> None:
        pids.append(int(line))
        raise KeyboardInterrupt

    code = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
    with pytest.raises(KeyboardInterrupt):
        HostContainer(stop).invoke(invocation(tmp_path, code))
    assert has_ended(pids[0])


def test_cancelling_kills_the_program_and_its_children(tmp_path: Path) -> None:
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
    assert all(map(has_ended, pids))


def test_cancelled_program_is_not_started(tmp_path: Path) -> None:
    token = CancellationToken()
    token.cancel()
    code = "import sys; open(sys.argv[1], 'w')"
    with pytest.raises(KeyboardInterrupt):
        HostContainer().invoke(invocation(tmp_path, code, str(tmp_path / "began"), token=token))
    assert not (tmp_path / "began").exists()


def test_program_is_not_killed_when_another_programs_thread_ends(tmp_path: Path) -> None:
    """The kernel ends a program with the *thread* that started it, not with the process."""
    lines: list[str] = []
    short_has_ended = tmp_path / "short-has-ended"

    def on_line(line: str) -> None:
        lines.append(line)
        short_has_ended.touch()

    container = HostContainer(on_line)
    programs = {
        "short": "print('short')",
        "long": f"""
import pathlib, time
while not pathlib.Path({str(short_has_ended)!r}).exists():
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


def test_listener_is_called_by_one_thread_at_a_time(tmp_path: Path) -> None:
    inside, overlap, lines = threading.Lock(), threading.Event(), list[str]()

    def on_line(line: str) -> None:
        if inside.locked():
            overlap.set()
        with inside:
            if not lines:
                overlap.wait(0.2)
            lines.append(line)

    container = HostContainer(on_line)
    code = "print(*range(50), sep='\\n')"
    runs = [partial(container.invoke, invocation(tmp_path / name, code)) for name in "ab"]
    run_concurrently(runs, CancellationToken())
    assert not overlap.is_set()
    assert sorted(lines) == sorted([*map(str, range(50))] * 2)


def test_program_is_not_started_if_its_runner_has_ended(tmp_path: Path) -> None:
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
