"""One preset with one seed, from the archive to the evaluated model, and new reviews scored."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.jobs import Jobs
from benchmarks.measuring import MB, Program, Usage, measured
from benchmarks.scale.instances import DEFAULT, OVERHEAD_SECONDS, REGION
from operations.presets import with_preset
from pipeline_diff.prices import usd_per_hour

_SENTIMENT = (sys.executable, "-m", "operations")
_CORES = 2
"""Of the instance that the jobs have where no setting says otherwise."""


@dataclass(frozen=True)
class Run:
    """What one training of somebody's came to.

    who: a preset or a rival. accuracy, auc: on the test set. whole, train: from the archive to
    the evaluated model, and of that the training. model_mb: all that scoring new reviews needs.
    usd: of an execution on AWS, estimated; None for a rival. chosen: what the seed's validation
    chose, where something is chosen then.
    """

    who: str
    seed: int
    accuracy: float
    auc: float
    whole: Usage
    train: Usage
    model_mb: float
    usd: float | None = None
    chosen: str = ""


def run(preset: str, archive: Path, seed: int, workdir: Path) -> Run:
    """``sentiment run`` with nothing in its cache, and its Train again. Raises ProgramFailed."""
    log = workdir.with_suffix(".json")
    where = ("--workdir", str(workdir), "--dataset", str(archive), "--preset", preset)
    given = ("--parameter", f"Seed={seed}", "--parameter", "GateThreshold=0.5")
    whole = measured(Program((*_SENTIMENT, "run", "--json", *where, *given)), log)
    found = {
        name: Path(path)
        for name, path in json.loads(log.read_text(encoding="utf-8"))["artifacts"].items()
    }
    metrics = _metrics(found["evaluation"])
    again = workdir.with_name(f"{workdir.name}-train")
    values = with_preset(preset, {"Seed": str(seed)})
    channels = {name: found[name] for name in ("train", "validation")}
    train = measured(
        _jobs(workdir).train(again, **channels, values=values), log.with_suffix(".log")
    )
    return Run(
        who=preset,
        seed=seed,
        accuracy=metrics["accuracy"],
        auc=metrics["auc"],
        whole=whole,
        train=train,
        model_mb=(_size(found["model"]) + _size(found["vocabulary"].parent)) / MB,
        usd=usd(whole.cpu_seconds),
    )


def usd(cpu_seconds: float, jobs: int = 5) -> float:
    """What an execution costs on AWS whose jobs take so many CPU seconds together.

    A core there is taken to be as fast as one here, work to spread over both of an instance, and
    each job to be billed a minute more.
    """
    price = usd_per_hour("training", DEFAULT, REGION)
    assert price
    return (cpu_seconds / _CORES + jobs * OVERHEAD_SECONDS) / 3600 * price


def scored(reviews: Path, workdir: Path, log: Path) -> Usage:
    """``sentiment score`` of a file of raw reviews with the model that `run` has registered."""
    # Reviews of the test set don't drift; if they did, the command would fail.
    given = (str(reviews), "--workdir", str(workdir), "--json")
    return measured(Program((*_SENTIMENT, "score", *given)), log)


def _jobs(workdir: Path) -> Jobs:
    folder = workdir.with_name(f"{workdir.name}-code")
    folder.mkdir(exist_ok=True)
    return Jobs(folder)


def _metrics(evaluation: Path) -> dict[str, float]:
    content: dict[str, Any] = json.loads(evaluation.read_text(encoding="utf-8"))
    metrics = content["binary_classification_metrics"]
    return {name: float(metrics[name]["value"]) for name in ("accuracy", "auc")}


def _size(path: Path) -> int:
    files = [path] if path.is_file() else path.rglob("*")
    return sum(file.stat().st_size for file in files if file.is_file())
