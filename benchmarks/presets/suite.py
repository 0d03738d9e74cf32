"""The suite ``presets``: each preset with three seeds, and three linear models."""

from __future__ import annotations

import io
import json
import shutil
import statistics
import sys
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.harness.archive import reviews
from benchmarks.harness.jobs import Jobs
from benchmarks.harness.measure import MB, Program, Usage
from benchmarks.harness.measure import measure as run_measured
from benchmarks.harness.report import Cell, Chart, Content, Table
from operations.presets import with_preset
from pipeline_diff.prices import price_table, usd_per_hour

PRESETS = ("article", "accurate")
LINEAR_MODELS = ("TF-IDF + LogisticRegression", "NB-SVM", "NB + LogisticRegression, triples")
"""Named as in `benchmarks.baselines.linear`."""

SEEDS = (1, 2, 3)
_SENTIMENT = (sys.executable, "-m", "operations")
_INSTANCE, _CORES, _REGION = "ml.m5.large", 2, "us-east-1"
_OVERHEAD_SECONDS, _JOBS = 60, 6
"""Seconds that each of an execution's jobs is billed beyond its work, as docs/cost.md assumes."""


@dataclass(frozen=True)
class Run:
    """One training with one seed. usd: of an execution on AWS, None for a linear model."""

    name: str
    seed: int
    accuracy: float
    auc: float
    whole: Usage
    train_cpu_seconds: float
    model_mb: float
    usd: float | None = None


def measure(archive: Path, scratch: Path) -> Content:
    """Train and score. Raise ProgramFailed."""
    test_set = scratch / "reviews.tar"
    count = pack_test_set(archive, test_set)
    runs = [_linear_model(name, archive, SEEDS[0], scratch / "log") for name in LINEAR_MODELS]
    scoring: dict[str, Usage] = {}
    for preset in PRESETS:
        for seed in SEEDS:
            workdir = scratch / f"{preset}-{seed}"
            runs.append(_preset(preset, archive, seed, workdir))
            print(f"{preset}, seed {seed}: accuracy {runs[-1].accuracy:.4f}", file=sys.stderr)
            if preset not in scoring:
                scoring[preset] = _score(test_set, workdir, scratch / "score.json")
            shutil.rmtree(workdir)
    return content(runs, scoring, count)


def content(runs: Sequence[Run], scoring: dict[str, Usage], reviews_scored: int) -> Content:
    """Return the tables and the chart of the runs. scoring: usage by preset."""
    by_name = {run.name: [other for other in runs if other.name == run.name] for run in runs}
    return Content(
        title="Presets",
        introduction="Accuracy and AUC are measured on the test set, which chose nothing here.",
        tables=[
            Table(
                "From the archive to an evaluated model",
                (
                    *("model", "accuracy", "standard deviation", "AUC", "CPU s", "wall s"),
                    *("Train, CPU s", "largest process, MB", "model, MB", "USD on AWS", "seeds"),
                ),
                [_row(name, found) for name, found in by_name.items()],
                "Accuracy and AUC: mean over the seeds, each of which decides the split and the "
                "training; the rest: the median. A preset is `sentiment run --preset NAME` "
                "without a cache. The linear models are scikit-learn's on words and pairs, one "
                "also on triples; validation chooses C, and the final model is trained on the "
                "whole training set. Model: everything that scoring new text needs, compressed. "
                f"USD: an estimate with prices of {price_table().as_of} and a minute of overhead "
                f"for each of {_JOBS} jobs.",
            ),
            Table(
                f"Scoring {reviews_scored:,} raw reviews",
                ("preset", "CPU s", "wall s", "reviews per second"),
                [
                    (name, use.cpu_seconds, use.wall_seconds, reviews_scored / use.wall_seconds)
                    for name, use in scoring.items()
                ],
                "`sentiment score` of the test set as one tar file.",
            ),
        ],
        charts=[
            Chart(
                "points",
                {
                    _label(found): [(run.whole.cpu_seconds, run.accuracy) for run in found]
                    for found in by_name.values()
                },
                x="CPU seconds from the archive to an evaluated model",
                y="accuracy on the test set",
                highlight=[_label(found) for found in by_name.values() if found[0].usd],
            )
        ],
        caption="Accuracy on the test set against CPU seconds",
    )


def _row(name: str, runs: Sequence[Run]) -> Sequence[Cell]:
    accuracies = [run.accuracy for run in runs]
    usages = [run.whole for run in runs]
    return (
        name,
        f"{statistics.fmean(accuracies):.4f}",
        f"{statistics.pstdev(accuracies):.4f}" if len(runs) > 1 else None,
        f"{_mean(runs, 'auc'):.4f}",
        statistics.median(usage.cpu_seconds for usage in usages),
        statistics.median(usage.wall_seconds for usage in usages),
        statistics.median(run.train_cpu_seconds for run in runs),
        round(statistics.median(usage.peak_mb for usage in usages)),
        statistics.median(run.model_mb for run in runs),
        runs[0].usd,
        len(runs),
    )


def _label(runs: Sequence[Run]) -> str:
    return f"{runs[0].name} {_mean(runs, 'accuracy'):.3f}"


def _mean(runs: Sequence[Run], figure: str) -> float:
    return statistics.fmean(getattr(run, figure) for run in runs)


def pack_test_set(archive: Path, target: Path) -> int:
    """Pack the test set's reviews as one tar file to score; return their number."""
    written = 0
    with tarfile.open(target, "w") as packed:
        for review in reviews(archive):
            if review.split == "test":
                member, data = tarfile.TarInfo(review.name), review.text.encode()
                member.size = len(data)
                packed.addfile(member, io.BytesIO(data))
                written += 1
    return written


def _preset(preset: str, archive: Path, seed: int, workdir: Path) -> Run:
    """``sentiment run`` without a cache, and its training job once more."""
    log = workdir.with_suffix(".json")
    where = ("--workdir", str(workdir), "--dataset", str(archive), "--preset", preset)
    parameters = ("--parameter", f"Seed={seed}", "--parameter", "GateThreshold=0.5")
    whole = run_measured(Program((*_SENTIMENT, "run", "--json", *where, *parameters)), log)
    summary: dict[str, Any] = json.loads(log.read_text(encoding="utf-8"))
    artifacts = {name: Path(path) for name, path in summary["artifacts"].items()}
    evaluation = json.loads(artifacts["evaluation"].read_text(encoding="utf-8"))
    metrics = evaluation["binary_classification_metrics"]
    code = workdir.with_name(f"{workdir.name}-code")
    code.mkdir()
    train = Jobs(code).train(
        workdir.with_name(f"{workdir.name}-train"),
        artifacts["train"],
        artifacts["validation"],
        with_preset(preset, {"Seed": str(seed)}),
    )
    return Run(
        name=preset,
        seed=seed,
        accuracy=metrics["accuracy"]["value"],
        auc=metrics["auc"]["value"],
        whole=whole,
        train_cpu_seconds=run_measured(train, log.with_suffix(".log")).cpu_seconds,
        model_mb=(_size(artifacts["model"]) + _size(artifacts["vocabulary"].parent)) / MB,
        usd=usd(whole.cpu_seconds),
    )


def _linear_model(name: str, archive: Path, seed: int, log: Path) -> Run:
    """From raw reviews to the test accuracy in one process."""
    program = (sys.executable, "-m", "benchmarks.baselines.linear", str(archive), name, str(seed))
    whole = run_measured(Program(program, {"OMP_WAIT_POLICY": "passive"}), log)
    printed = json.loads(log.read_text(encoding="utf-8").splitlines()[-1])
    return Run(name=name, seed=seed, whole=whole, **printed)


def usd(cpu_seconds: float, jobs: int = _JOBS) -> float:
    """Estimate the cost of an execution on AWS whose jobs need this much CPU time.

    A core there is assumed to be as fast as one here, and the work to use both of an instance.
    """
    price = usd_per_hour("training", _INSTANCE, _REGION)
    assert price
    return (cpu_seconds / _CORES + jobs * _OVERHEAD_SECONDS) / 3600 * price


def _score(test_set: Path, workdir: Path, log: Path) -> Usage:
    """``sentiment score`` with the version that the run has registered."""
    options = (str(test_set), "--workdir", str(workdir), "--json")
    return run_measured(Program((*_SENTIMENT, "score", *options)), log)


def _size(path: Path) -> int:
    files = [path] if path.is_file() else path.rglob("*")
    return sum(file.stat().st_size for file in files if file.is_file())
