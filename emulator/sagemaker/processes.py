"""The process of one execution."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from emulator.clients import environment
from emulator.execution.request import Request

_ROOT = Path(__file__).resolve().parents[2]
_AWS_VARIABLES = "AWS_"
_GRACE_SECONDS = 10


class ExecutionProcess:
    """A process that the constructor starts, and that ends with this process.

    Its environment points AWS clients at the endpoint; its jobs inherit it.
    """

    def __init__(self, request: Request) -> None:
        inherited = {
            key: value for key, value in os.environ.items() if not key.startswith(_AWS_VARIABLES)
        }
        with (request.folder / "process.log").open("ab") as log, _interrupts_blocked():
            self._process = subprocess.Popen(
                [sys.executable, "-m", "emulator.execution", str(request.folder)],
                stdin=subprocess.PIPE,  # closed however this process ends
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**inherited, **environment(request.endpoint, request.place)},
                cwd=_ROOT,
                start_new_session=True,
            )

    def is_alive(self) -> bool:
        """Whether the process is running."""
        return self._process.poll() is None

    def interrupt(self) -> None:
        """Interrupt the process, as Ctrl-C would."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGINT)

    def end(self) -> None:
        """Interrupt the process, kill it if it doesn't end soon, and return after its end."""
        if self.is_alive():
            self.interrupt()
            try:
                self._process.wait(_GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()


@contextlib.contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Block interrupts in processes that are started inside, until they unblock them.

    An interrupt that arrives while modules are imported can get lost.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
