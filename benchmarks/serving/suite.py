"""The suite ``serving``: requests to the package of each feature set; about two minutes."""

from __future__ import annotations

import json
import sys
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.harness.archive import reviews
from benchmarks.harness.jobs import Jobs, unpack_model
from benchmarks.harness.measure import Program, Usage
from benchmarks.harness.measure import measure as run_measured
from benchmarks.harness.report import Content, Table
from processing.feature_sets import FEATURE_SETS
from processing.names import MODEL_ARCHIVE, MODEL_FILE, Serving

_PROGRAM = Path(__file__).with_name("program.py")


@dataclass(frozen=True)
class Served:
    """CPU seconds of the requests with one package, by their kind.

    usage: of the whole process. reviews: how many were sent together, a hundred in a request.
    scored: CPU seconds in which Preprocess and Transform score as many reviews.
    """

    requests: Mapping[str, Sequence[float]]
    usage: Usage
    reviews: int
    scored: float


def measure(archive: Path, scratch: Path) -> Content:
    """Train, pack and serve. Raise ProgramFailed."""
    texts = [review.text for review in reviews(archive) if review.split == "test"]
    (scratch / "reviews.json").write_text(json.dumps(texts), encoding="utf-8")
    return content(
        {name: _served(archive, scratch / name, name, len(texts)) for name in FEATURE_SETS}
    )


def content(served: Mapping[str, Served]) -> Content:
    """Return the table. served: by feature set."""
    return Content(
        title="Serving",
        introduction=(
            "One worker, which answers requests with the test set's reviews, without HTTP. All "
            "times are CPU times of its process."
        ),
        tables=[
            Table(
                "Requests by feature set",
                (
                    *("features", "start, s", "a review, p50 ms", "p99 ms", "explained, p50 ms"),
                    *("reviews per s, 100 together", "ratio to the jobs", "memory, MB"),
                ),
                [_row(name, of_set) for name, of_set in served.items()],
                "Ratio to the jobs: CPU of the requests with 100 reviews, divided by that of "
                "Preprocess and Transform for as many reviews in the same run.",
            )
        ],
    )


def _row(name: str, served: Served) -> tuple[str | float, ...]:
    alone, explained = (
        sorted(1_000 * seconds for seconds in served.requests[kind])
        for kind in ("alone", "explained")
    )
    together = sum(served.requests["together"])
    return (
        *(name, served.requests["start"][0]),
        *(alone[len(alone) // 2], alone[len(alone) * 99 // 100], explained[len(explained) // 2]),
        *(served.reviews / together, together / served.scored, round(served.usage.peak_mb)),
    )


def _served(archive: Path, scratch: Path, features: str, count: int) -> Served:
    raw, output, log = scratch / "raw", scratch / "output", scratch / "log"
    raw.mkdir(parents=True)
    (raw / archive.name).symlink_to(archive)
    jobs, trained = Jobs(scratch), scratch / "train"
    preprocess = run_measured(jobs.preprocess(output, raw, "--features", features), log)
    run_measured(jobs.train(trained, output / "train", output / "validation"), log)
    transform = jobs.transform(scratch / "transform", output / "test", trained / "model")
    transformed = run_measured(transform, log)
    (scratch / "archive").mkdir()
    with tarfile.open(scratch / "archive" / MODEL_ARCHIVE, "w:gz") as packed:
        packed.add(trained / "model" / MODEL_FILE, MODEL_FILE)
    inputs = {"model": scratch / "archive"} | {
        name: output / name for name in ("vocabulary", "validation")
    }
    run_measured(jobs.package(scratch / "packed", **inputs), log)
    model = unpack_model(scratch / "packed/package" / MODEL_ARCHIVE, scratch / "ml/model")
    environment = {
        "OMP_NUM_THREADS": "1",  # as in the image
        "OPT_ML": str(model.parent),
        "PYTHONPATH": str(model / Serving.CODE),
    }
    program = (sys.executable, str(_PROGRAM), str(scratch.with_name("reviews.json")))
    usage = run_measured(Program(program, environment), log)
    # Preprocess reads the whole archive; the test set is half of it.
    scored = preprocess.cpu_seconds / 2 + transformed.cpu_seconds
    return Served(json.loads(log.read_text()), usage, count, scored)
