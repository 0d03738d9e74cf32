"""A folder with the Makefile, and tools that only print their arguments."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
from pathlib import Path

from tests.support.clean_room import ROOT

ECHO = '#!/bin/sh\necho "$(basename "$0") $*"\n'
FAIL = "#!/bin/sh\nexit 3\n"

_FILES = ("Makefile", "pyproject.toml", "package.json", "package-lock.json")
_STAMPS = (".venv/run.stamp", ".venv/dev.stamp", ".venv/benchmark.stamp", "node_modules/.stamp")
_TOOLS = (".ci/diff", ".venv/bin/python", ".venv/bin/sentiment", "node_modules/.bin/cdk")
_SECONDS = 60


def create(folder: Path) -> None:
    """Create the project in an empty folder."""
    for name in _FILES:
        shutil.copyfile(ROOT / name, folder / name)
    shutil.copytree(ROOT / "requirements", folder / "requirements")
    for name in _TOOLS:
        write_tool(folder / name, ECHO)
    for name in _STAMPS:  # last, so that nothing is set up again
        (folder / name).touch()


def write_tool(path: Path, script: str) -> None:
    """Write an executable script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(script, encoding="utf-8")
    path.chmod(0o755)


def make(project: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run make without a terminal."""
    return subprocess.run(
        ["make", "--silent", *words],
        cwd=project,
        env={"PATH": os.environ["PATH"], **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS,
    )


def at_a_terminal(project: Path, *words: str) -> tuple[int, str]:
    """Run make at a terminal and return its exit code and its output."""
    controller, terminal = pty.openpty()
    try:
        process = subprocess.Popen(
            ["make", "--silent", *words],
            cwd=project,
            env={"PATH": os.environ["PATH"]},
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
        )
        os.close(terminal)
        output = b"".join(iter(lambda: _read(controller), b""))
        return process.wait(_SECONDS), output.decode().replace("\r\n", "\n")
    finally:
        os.close(controller)


def _read(controller: int) -> bytes:
    try:
        return os.read(controller, 4096)
    except OSError:  # on Linux, the end of the terminal's output
        return b""
