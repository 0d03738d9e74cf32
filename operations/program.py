"""The command ``sentiment`` as the user can paste it."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path

NAME = "sentiment"


def pasteable(*words: str) -> str:
    """Return a command for the user to run next, such as ``.venv/bin/sentiment run``, quoted."""
    return f"`{shlex.join((_program(), *words))}`"


def _program() -> str:
    """Return the name if it's on the PATH, else the path that this process was called by."""
    called, on_path = Path(sys.argv[0]), shutil.which(NAME)
    is_script = called.name == NAME and called.is_file()
    if not is_script or (on_path and called.samefile(on_path)):
        return NAME
    return str(called)
