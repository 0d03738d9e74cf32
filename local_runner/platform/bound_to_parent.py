"""Starts a program that doesn't outlive the runner: ``bound_to_parent.py RUNNER PROGRAM [ARG...]``.

A runner that is killed can't tell its jobs. On Linux the kernel does: the program gets SIGKILL when
the thread that started it ends, which therefore has to wait for it. Elsewhere there is no such
thing, and a job that is left alone ends by itself.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main() -> None:
    """Binds this process to the runner, whose process id is given, and becomes the program."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != int(sys.argv[1]):
        sys.exit("the runner was killed before its job began")
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606


if __name__ == "__main__":
    main()
