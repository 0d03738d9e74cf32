"""The process of one execution, as the service holds it."""

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

_PACKAGES = Path(__file__).resolve().parents[2]
_OURS = "AWS_"
_PATIENCE_SECONDS = 10


class ExecutionProcess:
    """Started when it is made. It ends by itself with the process that started it.

    Its jobs speak with the endpoint, by their environment, as on AWS they speak with AWS.
    """

    def __init__(self, request: Request) -> None:
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(_OURS)}
        with (request.folder / "process.log").open("ab") as log, _interrupts_held_back():
            self._process = subprocess.Popen(
                [sys.executable, "-m", "emulator.execution", str(request.folder)],
                stdin=subprocess.PIPE,  # closed when this process ends, however it ends
                stdout=log,
                stderr=subprocess.STDOUT,
                env={
                    **inherited,
                    **environment(request.endpoint, request.identity.region),
                    "PYTHONPATH": str(_PACKAGES),
                },
                start_new_session=True,
            )

    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def interrupt(self) -> None:
        """Asks it to stop, as Ctrl-C would."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGINT)

    def end(self) -> None:
        """Returns when it has ended; it isn't asked for long."""
        if self.is_alive():
            self.interrupt()
            try:
                self._process.wait(_PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()


@contextlib.contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """A process that is started inside gets no interrupt before it lets them in.

    While modules are being imported, an interrupt can get lost.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
