"""A program in the foreground: it has the terminal of the runner, for a debugger."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import termios
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType

from local_runner.platform.containers import PROGRESS, HostContainer, Invocation
from local_runner.platform.exit_codes import raise_for_exit_code

_STDIN, _STDERR = 0, 2
_SHELL = "$$"  # the shell's own process id


@dataclass(frozen=True)
class ForegroundProgram:
    """A program that is about to run in the foreground.

    folder: the folder used as ``/opt/ml``, in which it starts. command: a command line for a shell
    as the parent process. variables: those that differ from the runner's; None for one that it
    doesn't inherit.
    """

    folder: Path
    command: tuple[str, ...]
    variables: Mapping[str, str | None]

    @property
    def script(self) -> str:
        """A command for a shell that runs the program again."""
        variables = [
            f"-u {shlex.quote(name)}" if value is None else f"{name}={shlex.quote(value)}"
            for name, value in sorted(self.variables.items(), key=lambda it: it[1] is not None)
        ]
        words = (word if word == _SHELL else shlex.quote(word) for word in self.command)
        lines = [f"cd {shlex.quote(str(self.folder))} && env", *variables, " ".join(words)]
        return " \\\n  ".join(lines)


InForeground = Callable[[ForegroundProgram], AbstractContextManager[None]]
"""Prepares the terminal for a program, and takes it back when that has ended."""


def without_preparation(_: ForegroundProgram) -> AbstractContextManager[None]:
    """Leave the terminal as it is."""
    return nullcontext()


class ForegroundContainer(HostContainer):
    """The container whose programs read the runner's stdin and print on stderr, without a log.

    They have no maximum runtime, and the variable LOCAL_DEBUG, with which they should use a single
    process. Ctrl-C goes to them alone: see `interrupts_to`.
    """

    def __init__(
        self,
        in_foreground: InForeground,
        inherited: Mapping[str, str],
        *,
        mount: bool | None = None,
    ) -> None:
        super().__init__(inherited=inherited, mount=mount)
        self._in_foreground = in_foreground
        self.is_running = threading.Event()

    def invoke(self, invocation: Invocation) -> None:
        """Run the program to its end. Raise JobFailed, or KeyboardInterrupt if it was interrupted.

        It belongs to the process group of the runner, so that the terminal serves both.
        """
        if invocation.cancellation.cancelled:
            raise KeyboardInterrupt
        environment = self._environment(_debugged(invocation))
        environment.pop(PROGRESS)
        with invocation.log.open("a", encoding="utf-8") as log:
            print("The program ran in the foreground; its output isn't logged.", file=log)
        program = ForegroundProgram(
            invocation.opt_ml,
            tuple(self._command(invocation, _SHELL)),
            _differences(environment),
        )
        with self._in_foreground(program), _terminal_restored():
            code = self._run(invocation, environment)
        if invocation.cancellation.cancelled or code == -signal.SIGINT:
            raise KeyboardInterrupt
        reason = ("failed in the foreground, where its output is",)
        raise_for_exit_code(code, invocation.opt_ml, reason, mounted=self._mounts())

    def _run(self, invocation: Invocation, environment: Mapping[str, str]) -> int:
        self.is_running.set()
        try:
            process = subprocess.Popen(
                self._command(invocation, os.getpid()),
                stdout=_STDERR,  # stdout has the results of the command that runs the pipeline
                env=environment,
                cwd=invocation.opt_ml,
            )
            with invocation.cancellation.on_cancel(process.kill):
                return process.wait()
        finally:
            self.is_running.clear()


@contextmanager
def interrupts_to(container: ForegroundContainer) -> Iterator[None]:
    """Leave Ctrl-C to the container's program while one runs; in the main thread only."""

    def handle(number: int, frame: FrameType | None) -> None:
        if not container.is_running.is_set():
            signal.default_int_handler(number, frame)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _terminal_restored() -> Iterator[None]:
    """Restore the terminal's mode at the end: a program that is killed leaves its own."""
    if not os.isatty(_STDIN):
        yield
        return
    mode = termios.tcgetattr(_STDIN)
    try:
        yield
    finally:
        termios.tcsetattr(_STDIN, termios.TCSADRAIN, mode)


def _debugged(invocation: Invocation) -> Invocation:
    return replace(invocation, environment={**invocation.environment, "LOCAL_DEBUG": "1"})


def _differences(environment: Mapping[str, str]) -> dict[str, str | None]:
    names = sorted(environment.keys() | os.environ.keys())
    found = {name: environment.get(name) for name in names}
    return {name: value for name, value in found.items() if value != os.environ.get(name)}
