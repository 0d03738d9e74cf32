"""The suite ``scoring``: 50,000 to a million new reviews; about ten minutes."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from benchmarks.harness.jobs import Jobs, unpack_model
from benchmarks.harness.measure import Program, Usage
from benchmarks.harness.measure import measure as run_measured
from benchmarks.harness.report import Chart, Content, Table
from processing.names import Step

SIZES = (50_000, 200_000, 1_000_000)
JOBS = (Step.PREPARE, Step.TRANSFORM, Step.JOIN)
WHOLE = "`sentiment score`"

_SENTIMENT = (sys.executable, "-m", "operations")


def measure(archive: Path, scratch: Path) -> Content:
    """Train once, and score each number of reviews once. Raise ProgramFailed."""
    workdir, log = scratch / "runs", scratch / "log"
    where = ("--workdir", str(workdir), "--json")
    approved = ("--parameter", "ModelApprovalStatus=Approved")
    run_measured(Program((*_SENTIMENT, "run", "--dataset", str(archive), *where, *approved)), log)
    model = unpack_model(_artifacts(log)["model"], scratch / "model")
    usages = {}
    for size in SIZES:
        print(f"measuring {size:,} reviews", file=sys.stderr, flush=True)
        folder = scratch / str(size)
        folder.mkdir()
        reviews = folder / "raw" / "reviews.tar.gz"
        reviews.parent.mkdir()
        maker = (sys.executable, "-m", "benchmarks.scaling.larger_archive", str(archive))
        run_measured(Program((*maker, str(reviews), str(size))), log)
        score = Program((*_SENTIMENT, "score", str(reviews), *where))
        usages[size] = {WHOLE: run_measured(score, log)}
        usages[size] |= _jobs(folder, reviews.parent, _artifacts(log)["version"], model)
        shutil.rmtree(folder)
    return content(usages)


def content(usages: Mapping[int, Mapping[str, Usage]]) -> Content:
    """Return the table and the charts. usages: by number of reviews, then by job."""
    return Content(
        title="Scoring",
        introduction=(
            "One run each, with a model of the preset `article`. The reviews beyond the archive's "
            "are copies in which one word in ten is replaced."
        ),
        tables=[
            Table(
                "The command and its jobs by number of reviews",
                (
                    *("reviews", "program", "CPU s", "reviews per CPU s", "wall s"),
                    *("largest process, MB", "total memory, MB"),
                ),
                [
                    (
                        *(size, program, usage.cpu_seconds, size / usage.cpu_seconds),
                        *(usage.wall_seconds, round(usage.peak_mb), round(usage.total_mb)),
                    )
                    for size, programs in usages.items()
                    for program, usage in programs.items()
                ],
                "Total memory: the largest sum of all processes' proportional set sizes.",
            )
        ],
        charts=[
            Chart(
                "lines",
                {
                    job: [(size, getattr(jobs[job], figure)) for size, jobs in usages.items()]
                    for job in JOBS
                },
                x="reviews",
                y=label,
                highlight=JOBS,
            )
            for figure, label in (("cpu_seconds", "CPU seconds"), ("total_mb", "memory, MB"))
        ],
        caption="CPU seconds and memory of the scoring jobs by number of reviews",
    )


def _jobs(scratch: Path, raw: Path, version: Path, model: Path) -> dict[str, Usage]:
    """Run the jobs of a scoring one by one. version: the folder that FindModel wrote."""
    jobs, log, prepared = Jobs(scratch), scratch / "log", scratch / "prepared"
    # Each program links what the one before has written, so they are built one by one.
    found = {Step.PREPARE: run_measured(jobs.prepare(prepared, raw, version), log)}
    transform = jobs.transform(scratch / "transform", prepared / "features", model)
    found[Step.TRANSFORM] = run_measured(transform, log)
    predictions = scratch / "transform" / "output" / "data"
    inputs = {"predictions": predictions, "rows": prepared / "rows", "version": version}
    join = jobs.join(scratch / "joined", **inputs)
    found[Step.JOIN] = run_measured(join, log)
    return {str(job): usage for job, usage in found.items()}


def _artifacts(log: Path) -> dict[str, Path]:
    summary = json.loads(log.read_text(encoding="utf-8"))
    return {name: Path(path) for name, path in summary["artifacts"].items()}
