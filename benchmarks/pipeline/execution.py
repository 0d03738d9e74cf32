"""Measure the pipeline through the command lines of ``sentiment`` and of its jobs."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.harness.jobs import Jobs, unpack_model
from benchmarks.harness.measure import MB, ROOT, Program, measure, median
from benchmarks.pipeline.rows import PIPELINE, WHOLE, Row
from benchmarks.pipeline.targets import FIRST_STEP, HELP, PREDICT
from processing.names import Step

_SENTIMENT = (sys.executable, "-m", "operations")
_RUNS = 3
_MODULES = {
    Step.PREPROCESS: "processing.jobs.preprocess",
    f"{Step.TRAIN}, {Step.TRANSFORM}": "local_runner.algorithms.xgboost.__main__",
    Step.EVALUATE: "processing.jobs.evaluate",
}
"""The module that each job's program starts with."""

EVALUATED = (
    *("predictions", "labels", "rows", "manifest", "vocabulary", "package", "train", "validation"),
)
"""The artifacts that Evaluate reads, named like its options."""


@dataclass(frozen=True)
class Execution:
    """A finished execution: the accuracy, and local paths of its artifacts."""

    accuracy: float
    artifacts: dict[str, Path]
    workdir: Path

    def sent_mb(self) -> dict[str, float]:
        """MB that the jobs sent to S3, by output, without the raw archive."""
        found: dict[str, int] = {}
        for path in sorted(self.workdir.glob("s3/*/[em]*/*/*/**/*")):
            kind, _, output = path.relative_to(self.workdir / "s3").parts[1:4]
            if path.is_file() and (kind, output) != ("executions", "raw"):
                found[output] = found.get(output, 0) + path.stat().st_size
        return {output: size / MB for output, size in found.items()}


def run_pipeline(archive: Path, scratch: Path) -> tuple[list[Row], Execution]:
    """``sentiment run`` without a cache, from the archive to the registered model."""
    usages = []
    for number in range(_RUNS):
        workdir, log = scratch / f"runs-{number}", scratch / "summary.json"
        where = ("--workdir", str(workdir), "--dataset", str(archive))
        command = (*_SENTIMENT, "run", "--json", *where, "--parameter", "GateThreshold=0.5")
        usages.append(measure(Program(command), log))
    summary = json.loads(log.read_text(encoding="utf-8"))
    artifacts = {name: Path(path) for name, path in summary["artifacts"].items()}
    rows = [Row(PIPELINE, WHOLE, median(usages), _RUNS)]
    return rows, Execution(summary["accuracy"], artifacts, workdir)


def run_jobs(execution: Execution, scratch: Path) -> list[Row]:
    """The jobs of an execution once more, one by one, on the same inputs."""
    found, jobs = execution.artifacts, Jobs(scratch)
    model = unpack_model(found["model"], scratch / "model")
    programs: dict[str, Callable[[Path], Program]] = {
        Step.PREPROCESS: partial(jobs.preprocess, raw=found["raw"]),
        Step.TRAIN: partial(jobs.train, train=found["train"], validation=found["validation"]),
        Step.TRANSFORM: partial(jobs.transform, test=found["test"], model=model),
        Step.EVALUATE: partial(jobs.evaluate, **{name: _folder(found[name]) for name in EVALUATED}),
    }
    rows = []
    for name, program in programs.items():
        folders = [scratch / f"{name}-{number}" for number in range(_RUNS)]
        usages = [measure(program(folder), scratch / "log") for folder in folders]
        rows.append(Row(PIPELINE, name, median(usages), _RUNS))
    return rows


def _folder(artifact: Path) -> Path:
    return artifact.parent if artifact.is_file() else artifact


def imports(scratch: Path) -> dict[str, float]:
    """CPU seconds of each job's imports: the median of three."""
    return {
        job: statistics.median(
            measure(
                Program((sys.executable, "-c", f"import {module}")), scratch / "log"
            ).cpu_seconds
            for _ in range(3)
        )
        for job, module in _MODULES.items()
    }


def profile(execution: Execution, scratch: Path) -> dict[str, float]:
    """CPU seconds of Preprocess by function, in one process."""
    paths = (str(execution.artifacts["raw"]), str(scratch / "profiled"))
    log = scratch / "log"
    measure(Program((sys.executable, "-m", "benchmarks.harness.profile", *paths)), log)
    seconds: dict[str, float] = json.loads(log.read_text(encoding="utf-8").splitlines()[-1])
    return seconds


def command_seconds(archive: Path, run: Execution, scratch: Path) -> dict[str, float]:
    """Wall time of the commands with a target: medians. run: its model version predicts."""
    return {
        FIRST_STEP: statistics.median(
            _started(archive, scratch / f"start-{number}") for number in range(5)
        ),
        PREDICT: _wall_seconds(
            scratch / "log", "predict", "A wonderful film", "--workdir", str(run.workdir)
        ),
        HELP: _wall_seconds(scratch / "log", "--help"),
    }


def _wall_seconds(log: Path, *words: str) -> float:
    program = Program((*_SENTIMENT, *words))
    return statistics.median(measure(program, log).wall_seconds for _ in range(9))


def _started(archive: Path, workdir: Path) -> float:
    began = time.perf_counter()
    process = subprocess.Popen(
        [*_SENTIMENT, "run", "--workdir", workdir, "--dataset", archive],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "100"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stderr
        for line in process.stderr:
            if line.startswith("execution "):
                break
        seconds = time.perf_counter() - began
        process.terminate()  # its jobs end with it
    return seconds
