"""The ``/opt/ml`` of a job: its folder, mounted there for the job alone, or else its arguments.

Linux mounts it without root (user namespaces) unless the system forbids that, as Ubuntu does by
AppArmor and Docker by seccomp. Elsewhere arguments below ``/opt/ml`` are translated, and programs
find the folder in the variable ``OPT_ML``.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from local_runner.platform.bound_to_parent import OPT_ML
from local_runner.platform.images import PYTHON

_BOUND_TO_PARENT = (*PYTHON, "-I", "-S", str(Path(__file__).with_name("bound_to_parent.py")))
_MISSING = ("No such file or directory", "Permission denied", "Read-only file system")
_OPT_ML_PATH = re.compile(rf"(?<![\w.-]){OPT_ML}\b")


@cache
def can_mount() -> bool:
    """Return whether this machine can mount a job's folder; one process of 20 ms finds out."""
    if sys.platform != "linux":
        return False
    with tempfile.TemporaryDirectory() as folder:
        probe = bound_command([sys.executable, "-I", "-S", "-c", ""], Path(folder))
        return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def bound_command(
    command: Sequence[str], mounted: Path | None, runner: int | str | None = None
) -> list[str]:
    """Return the command line of a program that ends with the calling thread.

    mounted: the folder that the program sees as ``/opt/ml``; None for no mount. runner: the id of
    the process that starts it, by default this one.
    """
    mount = () if mounted is None else ("--opt-ml", str(mounted))
    return [*_BOUND_TO_PARENT, str(runner or os.getpid()), *mount, *command]


def translated(arguments: Sequence[str], folder: Path) -> list[str]:
    """Return the arguments, with ``folder`` in those that are ``/opt/ml`` or a path below it."""
    return [
        f"{folder}{argument[len(OPT_ML) :]}"
        if argument == OPT_ML or argument.startswith(f"{OPT_ML}/")
        else argument
        for argument in arguments
    ]


def explained(reason: str) -> str:
    """Return a failure's reason where nothing mounts, with the remedy if ``/opt/ml`` is missing."""
    if not (_OPT_ML_PATH.search(reason) and any(error in reason for error in _MISSING)):
        return reason
    return f"{reason} (this machine can't mount {OPT_ML}; read its folder from the variable OPT_ML)"
