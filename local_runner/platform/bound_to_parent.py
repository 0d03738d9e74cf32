"""Start a program that ends with the runner: ``bound_to_parent.py RUNNER_PID PROGRAM [ARG...]``.

A runner that is killed can't end its jobs. On Linux the kernel does: it sends SIGKILL to the
program when the *thread* that started it ends (prctl(2), PR_SET_PDEATHSIG), so that thread must
wait for the program. Other systems have no such call; there the job runs to its end.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main() -> None:
    """Bind this process to the runner, whose process id is given, and become the program."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != int(sys.argv[1]):
        sys.exit("the runner ended before its job started")
    try:
        os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606
    except OSError as error:
        sys.exit(f"error: {sys.argv[2]} can't be started: {error.strerror}")


if __name__ == "__main__":
    main()
