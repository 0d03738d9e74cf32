"""Containers: where a job's programs run. One protocol with one method.

`HostContainer` uses this machine. Each host of a job has a folder, which its program sees as
``/opt/ml`` where this machine can mount it (`opt_ml`).
"""

from __future__ import annotations

import contextlib
import io
import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Protocol

from local_runner.errors import JobFailed
from local_runner.platform.bound_to_parent import OPT_ML
from local_runner.platform.cancellation import CancellationToken
from local_runner.platform.exit_codes import raise_for_exit_code
from local_runner.platform.images import PYTHON
from local_runner.platform.opt_ml import bound_command, can_mount, translated
from local_runner.platform.programs import command_line, module_path, search_path

PROGRESS = "LOCAL_PROGRESS"
"""A variable: lines that end with a carriage return are progress; see `HostContainer`."""

_DEFAULT_ENVIRONMENT = {
    PROGRESS: "1",
    # A spinning OpenMP thread costs six times the CPU when another process wants the core.
    "OMP_WAIT_POLICY": "passive",
    "PYSPARK_PYTHON": PYTHON[0],
    "PYTHONUNBUFFERED": "1",
}
_PROGRESS_SECONDS = 10.0
_KEPT_LINES = 100
"""The last lines of output in which the reason of a failure is looked for."""


@dataclass(frozen=True)
class Invocation:
    """A program to run in an image.

    command: a whole command line (a processing job's entry point with its arguments), or a command
    of the image (``train``).
    opt_ml: the folder used as ``/opt/ml``.
    cancellation: ends the program when it is cancelled.
    """

    image: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    opt_ml: Path
    log: Path
    max_runtime_seconds: float | None
    cancellation: CancellationToken = field(default_factory=CancellationToken)


def ignore(*_: object) -> None:
    """Do nothing: the default listener."""


class Container(Protocol):
    """Runs programs in images."""

    def invoke(self, invocation: Invocation) -> None:
        """Return when the program has succeeded; raise JobFailed or JobInterrupted if it failed.

        Raise KeyboardInterrupt if it was cancelled.
        """


class HostContainer:
    """The container that is this machine itself, for any number of programs at the same time.

    A line that ends with a carriage return is progress, which the next line replaces on a terminal:
    the log has at most one of them each ten seconds, and the variable LOCAL_PROGRESS announces it.

    on_line: called with each line of the log, on_progress with each line of progress; by one thread
    at a time.
    inherited: the environment that programs start from; that of this process by default.
    mount: whether to mount each program's ``/opt/ml``; by default, if this machine can.
    """

    def __init__(
        self,
        on_line: Callable[[str], None] = ignore,
        inherited: Mapping[str, str] | None = None,
        *,
        on_progress: Callable[[str], None] = ignore,
        mount: bool | None = None,
    ) -> None:
        self._on_line = on_line
        self._on_progress = on_progress
        self._inherited = inherited
        self._mount = mount
        self._lock = threading.Lock()

    def invoke(self, invocation: Invocation) -> None:
        """Run the program, its output in the log file. Raise JobFailed or JobInterrupted.

        Raise KeyboardInterrupt if it was cancelled. The program ends with the calling thread.
        """
        if invocation.cancellation.cancelled:
            raise KeyboardInterrupt
        with invocation.log.open("a", encoding="utf-8") as log:
            process = self._start(invocation)
            timeout = _Timeout(process, invocation.max_runtime_seconds)
            _kill_group_at_exit(process)
            try:
                with invocation.cancellation.on_cancel(partial(kill_group, process)):
                    output = self._copy_output(process, log)
                    code = process.wait()
            finally:
                timeout.cancel()
                kill_group(process)
                if process.stdout:
                    process.stdout.close()
        if invocation.cancellation.cancelled and code != 0:
            raise KeyboardInterrupt
        if timeout.expired and code != 0:
            raise JobFailed(f"MaxRuntimeExceeded: after {invocation.max_runtime_seconds:g} s")
        raise_for_exit_code(code, invocation.opt_ml, output, mounted=self._mounts())

    def _mounts(self) -> bool:
        return can_mount() if self._mount is None else self._mount

    def _command(self, invocation: Invocation, runner: int | str) -> list[str]:
        """Return the command line of the program; runner: the process that it ends with."""
        command = command_line(invocation.image, invocation.command, invocation.opt_ml)
        if self._mounts():
            return bound_command(command, invocation.opt_ml, runner)
        return bound_command(translated(command, invocation.opt_ml), None, runner)

    def _start(self, invocation: Invocation) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self._command(invocation, os.getpid()),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self._environment(invocation),
            cwd=invocation.opt_ml,
            start_new_session=True,
        )

    def _copy_output(self, process: subprocess.Popen[bytes], log: IO[str]) -> Sequence[str]:
        """Log and report each line of output; return the last ones that aren't blank."""
        assert process.stdout is not None
        last: deque[str] = deque(maxlen=_KEPT_LINES)
        logged = time.monotonic()
        with io.TextIOWrapper(process.stdout, "utf-8", "replace", newline="") as output:
            for line in output:
                text, is_progress = line.rstrip(), line.endswith("\r")
                if is_progress and text:
                    self._report(self._on_progress, text)
                if is_progress and not (text and time.monotonic() - logged >= _PROGRESS_SECONDS):
                    continue
                log.write(line.replace("\r", "") + ("\n" if is_progress else ""))
                log.flush()
                self._report(self._on_line, text)
                if is_progress:
                    logged = time.monotonic()
                elif text:
                    last.append(text)
        return list(last)

    def _report(self, listener: Callable[[str], None], text: str) -> None:
        with self._lock:
            listener(text)

    def _environment(self, invocation: Invocation) -> dict[str, str]:
        inherited = os.environ if self._inherited is None else self._inherited
        return {
            **inherited,
            **_DEFAULT_ENVIRONMENT,
            "PATH": search_path(inherited.get("PATH")),
            "PYTHONPATH": module_path(),
            **invocation.environment,
            "OPT_ML": OPT_ML if self._mounts() else str(invocation.opt_ml),
        }


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill the program and every process that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _kill_group_at_exit(process: subprocess.Popen[bytes]) -> None:
    """Kill what the program started when it exits, as a container ends with its first process.

    Otherwise those processes would keep the output open.
    """

    def wait_and_kill() -> None:
        process.wait()
        kill_group(process)

    threading.Thread(target=wait_and_kill, daemon=True).start()


class _Timeout:
    """Kills the process after some seconds; ``expired`` is whether it did."""

    def __init__(self, process: subprocess.Popen[bytes], seconds: float | None) -> None:
        self.expired = False
        self._timer = threading.Timer(seconds, self._expire, [process]) if seconds else None
        if self._timer:
            self._timer.daemon = True
            self._timer.start()

    def _expire(self, process: subprocess.Popen[bytes]) -> None:
        self.expired = True
        kill_group(process)

    def cancel(self) -> None:
        if self._timer:
            self._timer.cancel()
