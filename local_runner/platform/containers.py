"""Where a job's program runs: one protocol with one method.

`HostContainer` is this machine itself. It has no ``/opt/ml``, so a folder stands for it: arguments
that begin with ``/opt/ml`` are translated, and programs that look for it without an argument find
the folder in the variable ``OPT_ML``.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol

from local_runner.errors import JobFailed, JobInterrupted
from local_runner.platform.cancellation import Stop
from local_runner.platform.images import PYTHON, stand_in

OPT_ML = "/opt/ml"

_BOUND = (*PYTHON, "-I", "-S", str(Path(__file__).with_name("bound_to_parent.py")))
# A spinning OpenMP thread costs six times the CPU when another process wants the core.
_DEFAULT_ENVIRONMENT = {
    "OMP_WAIT_POLICY": "passive",
    "PYSPARK_PYTHON": PYTHON[0],
    "PYTHONUNBUFFERED": "1",
}
_PROGRAMS = Path(__file__).parents[1] / "algorithms" / "programs"
"""Programs of images that a job starts by name."""


@dataclass(frozen=True)
class Invocation:
    """A program to run in an image.

    command: a whole command line (a processing job's entry point with its arguments), or only the
    arguments for the image's own program (``train``).
    opt_ml: the folder that stands for ``/opt/ml``.
    stop: ends the program when it is asked for.
    """

    image: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    opt_ml: Path
    log: Path
    max_runtime_seconds: float | None
    stop: Stop = field(default_factory=Stop)


def ignore(*_: object) -> None:
    """A listener that doesn't listen."""


class Container(Protocol):
    """Runs an invocation to its end."""

    def run(self, invocation: Invocation) -> None:
        """Returns when the program has ended well; raises JobFailed or JobInterrupted.

        Raises KeyboardInterrupt if it was stopped.
        """


class HostContainer:
    """The machine itself as the container, for any number of programs at the same time.

    on_line: told each line of their output, by one thread at a time.
    inherited: the environment that programs start from; this process's by default.
    """

    def __init__(
        self,
        on_line: Callable[[str], None] = ignore,
        inherited: Mapping[str, str] | None = None,
    ) -> None:
        self._on_line = on_line
        self._inherited = inherited
        self._lock = threading.Lock()

    def run(self, invocation: Invocation) -> None:
        """Runs the program with its output in the log file. Raises JobFailed or JobInterrupted.

        Raises KeyboardInterrupt if it was stopped. The program ends with the calling thread.
        """
        if invocation.stop.asked:
            raise KeyboardInterrupt
        with invocation.log.open("a", encoding="utf-8") as log:
            process = subprocess.Popen(
                [*_BOUND, str(os.getpid()), *_command(invocation)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=self._environment(invocation),
                cwd=invocation.opt_ml,
                text=True,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,
            )
            timer = _Timer(process, invocation.max_runtime_seconds)
            _end_what_it_leaves(process)
            last_line = ""
            try:
                with invocation.stop.ending(partial(_kill, process)):
                    for line in process.stdout or ():
                        log.write(line)
                        log.flush()
                        last_line = line.strip() or last_line
                        self._tell(line.rstrip())
                    code = process.wait()
            finally:
                timer.cancel()
                _kill(process)
                if process.stdout:
                    process.stdout.close()
        if invocation.stop.asked and code != 0:
            raise KeyboardInterrupt
        if timer.fired and code != 0:
            raise JobFailed(f"MaxRuntimeExceeded: after {invocation.max_runtime_seconds:g} s")
        _insist_success(code, invocation, last_line)

    def _environment(self, invocation: Invocation) -> dict[str, str]:
        inherited = os.environ if self._inherited is None else self._inherited
        # A stand-in is a module of this package, found from the job's folder too.
        return {
            **inherited,
            **_DEFAULT_ENVIRONMENT,
            "PATH": f"{_PROGRAMS}{os.pathsep}{inherited.get('PATH', os.defpath)}",
            "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
            **invocation.environment,
            "OPT_ML": str(invocation.opt_ml),
        }

    def _tell(self, line: str) -> None:
        with self._lock:
            self._on_line(line)


def _command(invocation: Invocation) -> list[str]:
    if invocation.command[:1] == ("python3",):
        return [*PYTHON, *_translated(invocation.command[1:], invocation.opt_ml)]
    return [*stand_in(invocation.image), *_translated(invocation.command, invocation.opt_ml)]


def _translated(arguments: Sequence[str], opt_ml: Path) -> list[str]:
    return [
        f"{opt_ml}{argument[len(OPT_ML) :]}"
        if argument == OPT_ML or argument.startswith(f"{OPT_ML}/")
        else argument
        for argument in arguments
    ]


def _kill(process: subprocess.Popen[str]) -> None:
    """Ends the program and whatever it started and left behind."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _end_what_it_leaves(process: subprocess.Popen[str]) -> None:
    """As a container ends with its first process. What is left would hold the output open."""

    def end() -> None:
        process.wait()
        _kill(process)

    threading.Thread(target=end, daemon=True).start()


def _insist_success(code: int, invocation: Invocation, last_line: str) -> None:
    if code == 0:
        return
    if code < 0:
        memory = " (out of memory?)" if -code == signal.SIGKILL else ""
        raise JobInterrupted(
            f"InternalServerError: the program was killed by signal {-code}{memory}"
        )
    for name in ("failure", "message"):
        told = invocation.opt_ml / "output" / name
        if told.is_file():
            last_line = told.read_text(encoding="utf-8", errors="replace").strip() or last_line
    reason = last_line.removeprefix("error: ") or "the program said nothing"
    raise JobFailed(f"AlgorithmError: {reason}, exit code: {code}")


class _Timer:
    """Kills the process when its time is over; ``fired`` tells whether it did."""

    def __init__(self, process: subprocess.Popen[str], seconds: float | None) -> None:
        self.fired = False
        self._timer = threading.Timer(seconds, self._kill, [process]) if seconds else None
        if self._timer:
            self._timer.daemon = True
            self._timer.start()

    def _kill(self, process: subprocess.Popen[str]) -> None:
        self.fired = True
        _kill(process)

    def cancel(self) -> None:
        if self._timer:
            self._timer.cancel()
