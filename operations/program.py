"""The command ``sentiment`` as the user can paste it."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

from operations.environments import ENVIRONMENT_VARIABLE

NAME = "sentiment"

WORKDIR = Path("runs")
"""The default work folder."""

ELSEWHERE = "or choose another place with --environment or --workdir"
"""A remedy for commands that find nothing on this machine."""

_LOCAL_COMMANDS = ("export", "predict", "run", "score", "serve")
"""Commands without --local: they work in a work folder on this machine only."""


def pasteable(*words: str) -> str:
    """Return a command for the user to run next, such as ``.venv/bin/sentiment run``, quoted."""
    return f"`{shlex.join((_program(), *words))}`"


def local_command(workdir: Path, *words: str) -> str:
    """Return a command for this machine, for the user to run next.

    workdir: as the user gave it, or absolute.
    """
    if workdir.absolute() != WORKDIR.absolute():
        return pasteable(*words, "--workdir", str(workdir))
    is_ambiguous = os.environ.get(ENVIRONMENT_VARIABLE) and words[0] not in _LOCAL_COMMANDS
    return pasteable(*words, *(("--local",) if is_ambiguous else ()))


def _program() -> str:
    """Return the name if it's on the PATH, else the path that this process was called by."""
    called, on_path = Path(sys.argv[0]), shutil.which(NAME)
    is_script = called.name == NAME and called.is_file()
    if not is_script or (on_path and called.samefile(on_path)):
        return NAME
    return str(called)
