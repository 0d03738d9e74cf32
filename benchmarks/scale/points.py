"""What the jobs cost on one number of reviews."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.jobs import Jobs
from benchmarks.measuring import MB, Program, Usage, measured

JOBS = ("Preprocess", "Train", "Transform")
OUTPUTS = ("train", "validation", "test", "labels", "vocabulary", "manifest")


@dataclass(frozen=True)
class Point:
    """So many reviews: their words, and what each job took on one run.

    words, distinct: as the archive's maker counted them. k, beta: of Heaps' law.
    archive_mb: the compressed archive. output_mb: everything that Preprocess leaves.
    """

    reviews: int
    words: int
    distinct: int
    k: float
    beta: float
    archive_mb: float
    output_mb: float
    usage: Mapping[str, Usage]

    @classmethod
    def load(cls, content: Mapping[str, object]) -> Point:
        """A point from its plain data."""
        usage = {job: Usage(**usage) for job, usage in dict(content["usage"]).items()}  # type: ignore[call-overload]
        return cls(**{**content, "usage": usage})  # type: ignore[arg-type]


def measure(source: Path, reviews: int, scratch: Path) -> Point:
    """Makes an archive of so many reviews in ``scratch`` and runs the jobs on it, once each."""
    raw, output, log = scratch / "raw", scratch / "output", scratch / "log"
    raw.mkdir(parents=True)
    archive = raw / "reviews.tar.gz"
    maker = (sys.executable, "-m", "benchmarks.scale.archive", source, archive, reviews)
    measured(Program(tuple(map(str, maker))), log)
    told = json.loads(log.read_text(encoding="utf-8").splitlines()[-1])
    jobs, trained = Jobs(scratch), scratch / "train"
    # Made one by one, since each lays links to what the one before has written.
    usage = {"Preprocess": measured(jobs.preprocess(output, raw), log)}
    training = jobs.train(trained, output / "train", output / "validation")
    usage["Train"] = measured(training, log)
    scoring = jobs.transform(scratch / "transform", output / "test", trained / "model")
    usage["Transform"] = measured(scoring, log)
    return Point(
        reviews=reviews,
        archive_mb=archive.stat().st_size / MB,
        output_mb=sum(path.stat().st_size for path in output.rglob("*") if path.is_file()) / MB,
        usage=usage,
        **told,
    )
