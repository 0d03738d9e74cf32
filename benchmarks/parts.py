"""What the parts of one program cost, told by the program in its last line."""

from __future__ import annotations

import contextlib
import json
import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measuring import MB, Usage


@dataclass(frozen=True)
class Part:
    """A part of a program: its name, its cost, and how many times that was taken.

    scale: what a sample was multiplied with to stand for the whole; 1 for what was done wholly.
    """

    name: str
    usage: Usage
    scale: float = 1.0


class Parts:
    """Takes the cost of parts, in the order in which they are done."""

    def __init__(self) -> None:
        self._told: list[dict[str, object]] = []

    @contextlib.contextmanager
    def part(self, name: str, scale: float = 1.0) -> Iterator[None]:
        """Accounts what is done inside to ``name``, times ``scale``."""
        cpu, wall = _cpu_seconds(), time.perf_counter()
        yield
        self._told.append(
            {
                "cpu_seconds": (_cpu_seconds() - cpu) * scale,
                "name": name,
                "peak_mb": _peak_mb(),
                "scale": scale,
                "wall_seconds": (time.perf_counter() - wall) * scale,
            }
        )

    def tell(self) -> None:
        """Prints what the parts cost as the program's last line."""
        print(json.dumps(self._told), flush=True)


def told(log: Path) -> list[Part]:
    """What the program with this output told. Its peaks are those of the process up to then."""
    last = log.read_text(encoding="utf-8").strip().splitlines()[-1]
    return [
        Part(
            name=item["name"],
            usage=Usage(
                item["cpu_seconds"], item["wall_seconds"], item["peak_mb"], item["peak_mb"]
            ),
            scale=item["scale"],
        )
        for item in json.loads(last)
    ]


def _cpu_seconds() -> float:
    return sum(usage.ru_utime + usage.ru_stime for usage in _own_and_childrens())


def _peak_mb() -> float:
    return max(usage.ru_maxrss for usage in _own_and_childrens()) * 1024 / MB


def _own_and_childrens() -> list[resource.struct_rusage]:
    return [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
