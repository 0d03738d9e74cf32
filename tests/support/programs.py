"""Programs that tests start: none outlives its test, however the test ends."""

from __future__ import annotations

import os
import select
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import AnyStr, TypeVar

Result = TypeVar("Result")


@contextmanager
def killed_if_failing(process: subprocess.Popen[AnyStr]) -> Iterator[subprocess.Popen[AnyStr]]:
    """Yield the program; leaving the block waits for its end, and kills it after an error.

    `subprocess.Popen` itself would wait for a program that may never end.
    """
    with process:
        try:
            yield process
        except BaseException:
            process.kill()
            raise


def eventually(
    look: Callable[[], Result | None], seconds: float = 120, pause: float = 0.02
) -> Result:
    """Return what ``look`` finds, once that is true. Raise AssertionError after ``seconds``."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(pause)
    raise AssertionError(f"nothing was found for {seconds} s")


def is_running(pid: int) -> bool:
    """Whether a process exists and isn't a zombie."""
    stat = _stat(Path(f"/proc/{pid}/stat"))
    return stat is not None and stat[0] != "Z"


def children(pid: int) -> list[int]:
    """Return the ids of a process's children, zombies excluded."""
    found = {int(path.parent.name): _stat(path) for path in Path("/proc").glob("[0-9]*/stat")}
    return [
        child for child, stat in found.items() if stat and stat[0] != "Z" and int(stat[1]) == pid
    ]


def _stat(path: Path) -> list[str] | None:
    """Return the fields of a stat file that follow the name: state, parent and so on."""
    try:
        return path.read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def has_ended(pid: int) -> bool:
    """Whether a process ends within some seconds, its parent having waited for it or not."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([process], [], [], 10)[0])
    finally:
        os.close(process)
