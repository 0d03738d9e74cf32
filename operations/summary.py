"""What an execution came to: for people a table, for programs one JSON object."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from local_runner.execution import SUCCEEDED, PipelineExecution, StepExecution
from local_runner.workdir import Workdir

_SHOWN = ("model", "vocabulary", "predictions", "evaluation", "manifest")


@dataclass(frozen=True)
class Summary:
    """An execution, its accuracy (None if it wasn't measured), and where its artefacts lie."""

    execution: PipelineExecution
    accuracy: float | None
    artifacts: dict[str, Path]
    demo: bool

    @classmethod
    def of(cls, execution: PipelineExecution, workdir: Workdir, demo: bool) -> Summary:
        """The summary of an execution; ``demo`` if it ran on the demo's reviews."""
        artifacts = {
            name: workdir.store.path(uri)
            for step in execution.steps.values()
            for name, uri in _outputs(step)
        }
        for name in ("vocabulary", "evaluation", "manifest"):
            if name in artifacts:
                artifacts[name] = artifacts[name] / f"{name}.json"
        return cls(execution, _accuracy(artifacts.get("evaluation")), artifacts, demo)

    def print_json(self) -> None:
        """One JSON object on stdout."""
        steps = self.execution.steps.values()
        print(
            json.dumps(
                {
                    "accuracy": self.accuracy,
                    "artifacts": {name: str(path) for name, path in self.artifacts.items()},
                    "demo": self.demo,
                    "execution_id": self.execution.execution_id,
                    "failure_reason": self._failure(),
                    "status": self.execution.status,
                    "steps": [
                        {
                            "cached": step.cached,
                            "failure_reason": step.failure_reason or None,
                            "name": step.name,
                            "seconds": step.seconds,
                            "status": step.status,
                        }
                        for step in steps
                    ],
                },
                indent=1,
                sort_keys=True,
            )
        )

    def print(self) -> None:
        """The same for people, on stdout."""
        console = Console(highlight=False, soft_wrap=True)
        console.print(f"\n{self.execution.status}: execution {self.execution.execution_id}")
        if failure := self._failure():
            console.print(failure, markup=False)
        for name, value in self._lines():
            console.print(f"{name:<12} {value}", markup=False)

    def _lines(self) -> Iterator[tuple[str, str]]:
        if self.accuracy is not None:
            note = "  (a demo's split, not the article's)" if self.demo else ""
            yield "accuracy", f"{self.accuracy:.5f}{note}"
        for name in _SHOWN:
            if name in self.artifacts:
                yield name, _relative(self.artifacts[name])
        yield "seconds", f"{_busy_seconds(self.execution.steps.values()):.1f}"

    def _failure(self) -> str | None:
        step = self.execution.failed_step()
        return f"step {step.name}: {step.failure_reason}" if step else None


def _outputs(step: StepExecution) -> Iterator[tuple[str, str]]:
    """(name, S3 URI) of what the step left behind."""
    if step.status != SUCCEEDED:
        return
    properties: Any = step.properties
    for output in properties.get("ProcessingOutputConfig", {}).get("Outputs", ()):
        yield output["OutputName"], output["S3Output"]["S3Uri"]
    if "ModelArtifacts" in properties:
        yield "model", properties["ModelArtifacts"]["S3ModelArtifacts"]
    if "TransformOutput" in properties:
        yield "predictions", properties["TransformOutput"]["S3OutputPath"]


def _busy_seconds(steps: Iterable[StepExecution]) -> float:
    """How long any step ran; while several did, the time counts once."""
    spans = [(datetime.fromisoformat(step.started), step.seconds) for step in steps if step.started]
    total = until = 0.0
    for start, seconds in sorted((start.timestamp(), seconds) for start, seconds in spans):
        total += max(0.0, start + seconds - max(start, until))
        until = max(until, start + seconds)
    return total


def _accuracy(evaluation: Path | None) -> float | None:
    if evaluation is None or not evaluation.is_file():
        return None
    report = json.loads(evaluation.read_text(encoding="utf-8"))
    return float(report["binary_classification_metrics"]["accuracy"]["value"])


def _relative(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
