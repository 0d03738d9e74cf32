"""What an execution came to: for people a table, for programs one JSON object."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from local_runner.execution.record import SUCCEEDED, PipelineExecution, StepExecution
from local_runner.workdir import Workdir
from operations.views.printing import print_json, print_line, print_pairs

_FILES = {
    "drift": "drift.json",
    "evaluation": "evaluation.json",
    "manifest": "manifest.json",
    "scores": "scores.csv",
    "vocabulary": "vocabulary.json",
}
"""The one file that is meant where an output is a folder."""

_REPORT = "report.html"
_SHOWN = ("model", "vocabulary", "predictions", "evaluation", "report", "manifest")


@dataclass(frozen=True)
class Summary:
    """An execution, and where its artefacts lie.

    accuracy, gate: None if they weren't measured; gate is (metric, value) of what the gate asked
    for.
    """

    execution: PipelineExecution
    accuracy: float | None
    gate: tuple[str, float] | None
    artifacts: dict[str, Path]
    demo: bool

    @classmethod
    def of(cls, execution: PipelineExecution, workdir: Workdir, demo: bool) -> Summary:
        """The summary of an execution; ``demo`` if it ran on the demo's reviews."""
        artifacts = artifacts_of(execution, workdir)
        accuracy, gate = _measured(artifacts.get("evaluation"))
        return cls(execution, accuracy, gate, artifacts, demo)

    def print_json(self) -> None:
        """One JSON object on stdout."""
        measured: dict[str, Any] = {"accuracy": self.accuracy, "demo": self.demo}
        if self.gate:
            measured |= {"gate": dict(zip(("metric", "measured"), self.gate, strict=True))}
        print_json({**document(self.execution, self.artifacts), **measured})

    def print(self) -> None:
        """The same for people, on stdout."""
        print_outcome(self.execution)
        print_pairs(self._lines())

    def _lines(self) -> Iterator[tuple[str, str]]:
        if self.accuracy is not None:
            note = "  (a demo's split, not the article's)" if self.demo else ""
            yield "accuracy", f"{self.accuracy:.5f}{note}"
        if self.gate and self.gate[0] != "accuracy":
            metric, measured = self.gate
            yield metric, f"{measured:.5f}"
        for name in _SHOWN:
            if name in self.artifacts:
                yield name, relative(self.artifacts[name])
        yield "seconds", f"{busy_seconds(self.execution.steps.values()):.1f}"


def document(execution: PipelineExecution, artifacts: Mapping[str, Path]) -> dict[str, Any]:
    """An execution as JSON."""
    return {
        "artifacts": {name: str(path) for name, path in artifacts.items()},
        "execution_id": execution.execution_id,
        "failure_reason": failure(execution),
        "status": execution.status,
        "steps": [
            {
                "cached": step.cached,
                "failure_reason": step.failure_reason or None,
                "name": step.name,
                "seconds": step.seconds,
                "status": step.status,
            }
            for step in execution.steps.values()
        ],
    }


def print_outcome(execution: PipelineExecution) -> None:
    """How the execution ended, and why."""
    print_line(f"\n{execution.status}: execution {execution.execution_id}")
    if why := failure(execution):
        print_line(why)


def failure(execution: PipelineExecution) -> str | None:
    """Which step failed, and why; None if none did."""
    step = execution.failed_step()
    return f"step {step.name}: {step.failure_reason}" if step else None


def folders_of(execution: PipelineExecution, workdir: Workdir) -> dict[str, Path]:
    """Where what the steps left behind lies, by the outputs' names: folders, and the model."""
    return {
        name: workdir.store.path(uri)
        for step in execution.steps.values()
        for name, uri in _outputs(step)
    }


def artifacts_of(execution: PipelineExecution, workdir: Workdir) -> dict[str, Path]:
    """The same, but where a folder holds one file that is meant, that file; and the report."""
    folders = folders_of(execution, workdir)
    found = {
        name: path / _FILES[name] if name in _FILES else path for name, path in folders.items()
    }
    if "evaluation" in folders and (folders["evaluation"] / _REPORT).is_file():
        found["report"] = folders["evaluation"] / _REPORT
    return found


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


def busy_seconds(steps: Iterable[StepExecution]) -> float:
    """How long any step ran; while several did, the time counts once."""
    spans = [(datetime.fromisoformat(step.started), step.seconds) for step in steps if step.started]
    total = until = 0.0
    for start, seconds in sorted((start.timestamp(), seconds) for start, seconds in spans):
        total += max(0.0, start + seconds - max(start, until))
        until = max(until, start + seconds)
    return total


def _measured(evaluation: Path | None) -> tuple[float | None, tuple[str, float] | None]:
    """The accuracy, and the metric that the gate asked for with its value."""
    if evaluation is None or not evaluation.is_file():
        return None, None
    report = json.loads(evaluation.read_text(encoding="utf-8"))
    gate = report.get("gate")
    accuracy = float(report["binary_classification_metrics"]["accuracy"]["value"])
    return accuracy, (str(gate["metric"]), float(gate["measured"])) if gate else None


def relative(path: Path) -> str:
    """The path from the current folder, where it lies below it."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
