"""Everything that one run found: plain data between measuring and reporting."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.measuring import Usage
from benchmarks.presets.runs import Run
from benchmarks.result import rounded


@dataclass(frozen=True)
class Comparison:
    """The date, the machine, the runs in the order of the table.

    scored: what scoring ``reviews`` raw reviews took, by preset.
    """

    date: str
    machine: dict[str, Any]
    runs: list[Run]
    reviews: int
    scored: Mapping[str, Usage]

    @classmethod
    def load(cls, path: Path) -> Comparison:
        """What `save` wrote."""
        content = json.loads(path.read_text(encoding="utf-8"))
        runs = [_run(run) for run in content.pop("runs")]
        scored = {name: Usage(**usage) for name, usage in content.pop("scored").items()}
        return cls(runs=runs, scored=scored, **content)

    def save(self, path: Path) -> None:
        """Writes it as JSON, keys sorted."""
        text = json.dumps(rounded(asdict(self)), indent=1, sort_keys=True)
        path.write_text(text + "\n", encoding="utf-8")

    @property
    def who(self) -> list[str]:
        """Presets and rivals, as they first occur."""
        return list(dict.fromkeys(run.who for run in self.runs))

    def of(self, who: str) -> list[Run]:
        """Somebody's runs, one a seed."""
        return [run for run in self.runs if run.who == who]

    def mean(self, who: str, number: Callable[[Run], float]) -> float:
        """The mean of a number over the seeds."""
        return statistics.fmean(map(number, self.of(who)))

    def median(self, who: str, number: Callable[[Run], float]) -> float:
        """The median of a number over the seeds."""
        return statistics.median(map(number, self.of(who)))

    def spread(self, who: str, number: Callable[[Run], float]) -> float:
        """The standard deviation of a number over the seeds."""
        return statistics.pstdev(map(number, self.of(who)))


def _run(content: dict[str, Any]) -> Run:
    whole, train = (Usage(**content.pop(name)) for name in ("whole", "train"))
    return Run(whole=whole, train=train, **content)
