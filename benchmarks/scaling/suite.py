"""The suite ``scaling``: the jobs on 50,000 to 400,000 reviews; about five minutes."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from benchmarks.harness.jobs import Jobs
from benchmarks.harness.measure import Program, Usage
from benchmarks.harness.measure import measure as run_measured
from benchmarks.harness.report import Chart, Content, Table
from processing.names import Step

SIZES = (50_000, 200_000, 400_000)
JOBS = (Step.PREPROCESS, Step.TRAIN, Step.TRANSFORM)


def measure(archive: Path, scratch: Path) -> Content:
    """Run the jobs once on each number of reviews. Raise ProgramFailed."""
    usages = {}
    for size in SIZES:
        print(f"measuring {size:,} reviews", file=sys.stderr, flush=True)
        usages[size] = _usages(archive, size, scratch / str(size))
        shutil.rmtree(scratch / str(size))
    return content(usages)


def content(usages: Mapping[int, Mapping[str, Usage]]) -> Content:
    """Return the table and the charts. usages: by number of reviews, then by job."""
    return Content(
        title="Growth",
        introduction=(
            "One run each. The reviews beyond the archive's are copies in which one word in ten "
            "is replaced."
        ),
        tables=[
            Table(
                "The jobs by number of reviews",
                ("reviews", "job", "CPU s", "reviews per CPU s", "wall s", "total memory, MB"),
                [
                    (
                        *(size, job, usage.cpu_seconds, size / usage.cpu_seconds),
                        *(usage.wall_seconds, round(usage.total_mb)),
                    )
                    for size, jobs in usages.items()
                    for job, usage in jobs.items()
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
        caption="CPU seconds and memory of the jobs by number of reviews",
    )


def _usages(source: Path, size: int, scratch: Path) -> dict[str, Usage]:
    raw, output, log = scratch / "raw", scratch / "output", scratch / "log"
    raw.mkdir(parents=True)
    maker = (sys.executable, "-m", "benchmarks.scaling.larger_archive", str(source))
    run_measured(Program((*maker, str(raw / "reviews.tar.gz"), str(size))), log)
    jobs, trained = Jobs(scratch), scratch / "train"
    # Each program links what the one before has written, so they are built one by one.
    found = {Step.PREPROCESS: run_measured(jobs.preprocess(output, raw), log)}
    train = jobs.train(trained, output / "train", output / "validation")
    found[Step.TRAIN] = run_measured(train, log)
    transform = jobs.transform(scratch / "transform", output / "test", trained / "model")
    found[Step.TRANSFORM] = run_measured(transform, log)
    return found
