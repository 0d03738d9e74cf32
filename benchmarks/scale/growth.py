"""Everything that one run found about growth, and the laws in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from benchmarks.measuring import Usage
from benchmarks.result import rounded
from benchmarks.scale.heaps import Heaps
from benchmarks.scale.laws import Line, line
from benchmarks.scale.points import JOBS, Point


@dataclass(frozen=True)
class Growth:
    """The date of a run, its machine, and a point for each number of reviews, ascending."""

    date: str
    machine: dict[str, Any]
    points: list[Point]

    @classmethod
    def load(cls, path: Path) -> Growth:
        """What `save` wrote."""
        content = json.loads(path.read_text(encoding="utf-8"))
        points = [Point.load(point) for point in content.pop("points")]
        return cls(points=points, **content)

    def save(self, path: Path) -> None:
        """Writes it as JSON, keys sorted."""
        text = json.dumps(rounded(asdict(self)), indent=1, sort_keys=True)
        path.write_text(text + "\n", encoding="utf-8")

    @property
    def heaps(self) -> Heaps:
        """The law of the distinct words."""
        return Heaps(self.points[-1].k, self.points[-1].beta)

    @property
    def words_each(self) -> float:
        """Words in a review, on average."""
        return self.points[-1].words / self.points[-1].reviews

    @cached_property
    def cpu_seconds(self) -> dict[str, Line]:
        """The line of each job's CPU seconds."""
        return {job: self._line(job, lambda usage: usage.cpu_seconds) for job in JOBS}

    @cached_property
    def memory_mb(self) -> dict[str, Line]:
        """The line of each job's memory, all its processes together."""
        return {job: self._line(job, lambda usage: usage.together_mb) for job in JOBS}

    @cached_property
    def output_mb(self) -> Line:
        """The line of what Preprocess writes."""
        return line(self._reviews, [point.output_mb for point in self.points])

    def _line(self, job: str, cost: Callable[[Usage], float]) -> Line:
        return line(self._reviews, [cost(point.usage[job]) for point in self.points])

    @property
    def _reviews(self) -> list[float]:
        return [point.reviews for point in self.points]
