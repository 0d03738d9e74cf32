"""``score``: the scoring pipeline on this machine."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_runner.execution.record import SUCCEEDED, PipelineExecution
from local_runner.workdir import Workdir
from operations.errors import CliError, UsageError
from operations.local import model_versions
from operations.local.deployment_values import DATASET
from operations.local.model_versions import Version
from operations.local.run_pipeline import Request, execute
from operations.local.summary import (
    artifacts_of,
    busy_seconds,
    document,
    print_outcome,
    relative,
)
from operations.views.printing import print_json, print_pairs
from processing import names

_VERSION = "ModelVersion"
_THRESHOLD = "DriftThreshold"
_JOIN = "Join"


@dataclass(frozen=True)
class ScoreRequest:
    """What the user asked ``sentiment score`` for; None is for what was left open."""

    reviews: str
    model: str | None
    parameters: Mapping[str, str]
    definition: Path
    workdir: Path
    output: Path | None


def score(request: ScoreRequest, as_json: bool) -> PipelineExecution:
    """Scores the reviews, showing progress on stderr and what came of it on stdout.

    Raises UsageError or CliError before anything ran, DatasetError for the reviews.
    """
    _insist_sensible(request)
    workdir = Workdir(request.workdir.resolve())
    version, why = model_versions.find(workdir, request.model)
    asked = Request(
        dataset=request.reviews,
        parameters={**request.parameters, _VERSION: str(version.number)},
        definition=request.definition,
        workdir=request.workdir,
        is_labelled=False,
    )
    execution = execute(asked, quiet=as_json, first_line=f"model {version}, {why}")
    _Scored.of(execution, workdir, version, request.output).show(as_json)
    return execution


def _insist_sensible(request: ScoreRequest) -> None:
    for name, instead in ((DATASET, "the reviews as argument"), (_VERSION, "--model")):
        if name in request.parameters:
            raise UsageError(f"--parameter {name}=...: give {instead}")
    if request.output and not request.output.absolute().parent.is_dir():
        raise UsageError(f"--output {request.output}: there is no folder {request.output.parent}")


@dataclass(frozen=True)
class _Scored:
    """What came of scoring. drift: as Join tells it; None where it came to none."""

    execution: PipelineExecution
    version: Version
    artifacts: Mapping[str, Path]
    scores: Path | None
    drift: Mapping[str, Any] | None

    @classmethod
    def of(
        cls,
        execution: PipelineExecution,
        workdir: Workdir,
        version: Version,
        output: Path | None,
    ) -> _Scored:
        """The outcome; the scores are copied to ``output``, if there are any."""
        artifacts = artifacts_of(execution, workdir)
        step = execution.steps.get(_JOIN)
        if step is None or step.status != SUCCEEDED:
            return cls(execution, version, artifacts, None, None)
        scores = _copied(artifacts["scores"], output) if output else artifacts["scores"]
        drift = json.loads(artifacts["drift"].read_text(encoding="utf-8"))
        return cls(execution, version, artifacts, scores, drift)

    def show(self, as_json: bool) -> None:
        """Prints it on stdout."""
        if not as_json:
            print_outcome(self.execution)
            print_pairs(self._lines())
            return
        version = self.version
        print_json(
            {
                **document(self.execution, self.artifacts),
                "drift": self.drift,
                "model": {
                    "approval": version.approval,
                    "arn": version.arn,
                    "version": version.number,
                },
                "scores": str(self.scores) if self.scores else None,
            }
        )

    def _lines(self) -> Iterator[tuple[str, str]]:
        if self.scores and self.drift:
            yield "scores", relative(self.scores.absolute())
            yield "rows", str(self.drift["rows"])
            yield "unscored", str(self.drift["unscored"])
            yield "drift", self._drift_summary(self.drift)
            for name, value in sorted(self.drift[names.MEASURES].items()):
                yield "", f"{_words(name):<15} {value:.3f}"
        yield "seconds", f"{busy_seconds(self.execution.steps.values()):.1f}"

    def _drift_summary(self, drift: Mapping[str, Any]) -> str:
        if drift[names.DRIFT_STATUS] == names.DRIFT_UNKNOWN:
            return f"unknown: {drift[names.DRIFT_REASON]}"
        threshold = self.execution.parameters[_THRESHOLD]
        value, measure = drift[names.MAX_DRIFT], _words(drift[names.MAX_DRIFT_MEASURE])
        return f"{value:.3f} ({measure}); the threshold is {threshold}"


def _words(key: str) -> str:
    return key.replace("_", " ")


def _copied(scores: Path, output: Path) -> Path:
    """A copy that appears whole. Raises CliError if there can't be one."""
    arriving = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        shutil.copyfile(scores, arriving)
        arriving.replace(output)
    except OSError as error:
        arriving.unlink(missing_ok=True)
        raise CliError(f"{output}: {error.strerror}; the scores are in {scores}") from None
    return output
