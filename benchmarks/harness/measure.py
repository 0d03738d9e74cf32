"""Measure a program: CPU, time and memory of its process and of all its descendants.

CPU seconds and the memory of the largest process are the kernel's own account (``wait4``), of the
process and of every descendant that was waited for. The memory of all processes together is
sampled every 0.1 s from ``/proc`` as the sum of proportional set sizes, in which a page that n
processes share counts 1/n for each. Linux only.

The kernel's account of a process starts with the size of its parent, so the measuring process
imports no large library.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from local_runner.platform.native_libraries import missing_library

MB = 1e6
ROOT = Path(__file__).resolve().parents[2]
_SAMPLE_SECONDS = 0.1


class ProgramFailed(Exception):
    """A measured program failed; the message names it and quotes its last line of output."""


@dataclass(frozen=True)
class Usage:
    """Resources that a program used.

    cpu_seconds: user and system time of the process and its descendants.
    wall_seconds: from its start to its end.
    peak_mb: the largest resident set of any of its processes, in millions of bytes.
    total_mb: the largest sum of all its processes' memory at one time, sampled.
    """

    cpu_seconds: float
    wall_seconds: float
    peak_mb: float
    total_mb: float


@dataclass(frozen=True)
class Program:
    """A command line, variables added to this process's own, and the working folder."""

    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path = ROOT


def measure(program: Program, log: Path) -> Usage:
    """Run the program with its output in ``log``. Raise ProgramFailed."""
    with log.open("wb") as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            program.command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **program.environment},
            cwd=program.folder,
        )
        sampler = _Sampler(process.pid)
        sampler.start()
        # process.wait() would discard the kernel's account.
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        sampler.stop()
    if process.returncode:
        text = log.read_text(encoding="utf-8", errors="replace")
        last = text.strip().splitlines()[-3:]
        tail = missing_library(text) or " | ".join(last) or "no output"
        command = " ".join(program.command)
        raise ProgramFailed(f"{command}: exit code {process.returncode}: {tail}")
    peak = usage.ru_maxrss * 1024 / MB
    return Usage(
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        wall_seconds=wall,
        peak_mb=peak,
        total_mb=max(sampler.total_mb, peak),
    )


def median(usages: Sequence[Usage]) -> Usage:
    """Return the median of each figure."""
    return Usage(
        cpu_seconds=statistics.median(usage.cpu_seconds for usage in usages),
        wall_seconds=statistics.median(usage.wall_seconds for usage in usages),
        peak_mb=statistics.median(usage.peak_mb for usage in usages),
        total_mb=statistics.median(usage.total_mb for usage in usages),
    )


class _Sampler(threading.Thread):
    """Sample the memory of a process and its descendants until stopped."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.total_mb = 0.0
        self._pid = pid
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.wait(_SAMPLE_SECONDS):
            together = sum(map(_proportional_bytes, _family(self._pid)))
            self.total_mb = max(self.total_mb, together / MB)

    def stop(self) -> None:
        self._over.set()
        self.join()


def _family(pid: int) -> Iterator[int]:
    """Yield the process and its descendants, except those that end meanwhile."""
    yield pid
    try:
        lists = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:
        return
    for child in " ".join(lists).split():
        yield from _family(int(child))


def _proportional_bytes(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
