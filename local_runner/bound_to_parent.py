"""Starts a program that doesn't outlive the runner: ``bound_to_parent.py PROGRAM [ARGUMENT...]``.

A runner that is killed can't tell its jobs. On Linux the kernel does: the program gets SIGKILL when
its parent ends. Elsewhere there is no such thing, and a job that is left alone ends by itself.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main() -> None:
    """Binds this process to its parent and becomes the program."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    os.execv(sys.argv[1], sys.argv[1:])  # noqa: S606


if __name__ == "__main__":
    main()
