"""Time the stages of one program, which prints them as JSON in its last line of output."""

from __future__ import annotations

import contextlib
import json
import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.harness.measure import MB, Usage


@dataclass(frozen=True)
class Stage:
    """A stage of a program. scale: the factor from the measured sample to the whole."""

    name: str
    usage: Usage
    scale: float = 1.0


class StageTimer:
    """Measures the stages of this process in the order in which they run."""

    def __init__(self) -> None:
        self._stages: list[dict[str, object]] = []

    @contextlib.contextmanager
    def stage(self, name: str, scale: float = 1.0) -> Iterator[None]:
        """Account what runs inside to ``name``, multiplied by ``scale``."""
        cpu, wall = _cpu_seconds(), time.perf_counter()
        yield
        self._stages.append(
            {
                "cpu_seconds": (_cpu_seconds() - cpu) * scale,
                "name": name,
                "peak_mb": _peak_mb(),
                "scale": scale,
                "wall_seconds": (time.perf_counter() - wall) * scale,
            }
        )

    def print(self) -> None:
        """Print the stages as the program's last line."""
        print(json.dumps(self._stages), flush=True)


def read_stages(log: Path) -> list[Stage]:
    """Return the stages that a program printed. A stage's peak is the process's peak so far."""
    last = log.read_text(encoding="utf-8").strip().splitlines()[-1]
    return [
        Stage(
            name=item["name"],
            usage=Usage(
                item["cpu_seconds"], item["wall_seconds"], item["peak_mb"], item["peak_mb"]
            ),
            scale=item["scale"],
        )
        for item in json.loads(last)
    ]


def _cpu_seconds() -> float:
    return sum(usage.ru_utime + usage.ru_stime for usage in _own_and_children())


def _peak_mb() -> float:
    return max(usage.ru_maxrss for usage in _own_and_children()) * 1024 / MB


def _own_and_children() -> list[resource.struct_rusage]:
    return [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
