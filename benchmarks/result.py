"""Everything that one run of the benchmark found."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.measuring import Usage
from benchmarks.rows import Row


@dataclass(frozen=True)
class Result:
    """The date of a run, its machine and archive, and all that was measured.

    machine: cores, processor, memory, Python, packages, load before and after.
    archive: name, bytes and SHA-256. accuracy: of the pipeline's model.
    sent_mb: MB that an execution's jobs send to S3, by output, the raw archive aside.
    help_seconds, start_seconds: ``sentiment --help``, and ``sentiment run`` up to its first step.
    imports: CPU seconds that the program of a job takes to import, by job.
    profile: CPU seconds of Preprocess in one process by function, the dearest first.
    """

    date: str
    machine: dict[str, Any]
    archive: dict[str, Any]
    rows: list[Row]
    sent_mb: dict[str, float]
    accuracy: float
    help_seconds: float
    start_seconds: float
    imports: dict[str, float]
    profile: dict[str, float]

    @classmethod
    def load(cls, path: Path) -> Result:
        """What `save` wrote."""
        content = json.loads(path.read_text(encoding="utf-8"))
        profile = sorted(content.pop("profile").items(), key=lambda item: (-item[1], item[0]))
        rows = [Row(**{**row, "usage": Usage(**row["usage"])}) for row in content.pop("rows")]
        return cls(rows=rows, profile=dict(profile), **content)

    def save(self, path: Path) -> None:
        """Writes it as JSON, keys sorted, numbers with the digits that mean something."""
        text = json.dumps(rounded(asdict(self)), indent=1, sort_keys=True)
        path.write_text(text + "\n", encoding="utf-8")


def rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return float(f"{value:.5g}") if isinstance(value, float) else value
