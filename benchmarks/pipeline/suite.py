"""The suite ``pipeline``: everything once, in one run; about five minutes."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.harness.report import Chart, Content, Table
from benchmarks.pipeline import baselines, execution
from benchmarks.pipeline.rows import PIPELINE, WHOLE, Row, find, totals
from benchmarks.pipeline.targets import Target, targets

_FUNCTIONS = 12
"""Functions named in the profile."""


def measure(archive: Path, scratch: Path) -> Content:
    """Measure the baselines, then the pipeline. Raise ProgramFailed."""
    rows: list[Row] = []
    for baseline in (baselines.lower_bound, baselines.sklearn_nltk, baselines.article):
        _log(f"measuring {baseline.__name__}")
        rows += baseline(archive, _folder(scratch, baseline.__name__))
    _log("measuring the pipeline")
    folder = _folder(scratch, "pipeline")
    whole, run = execution.run_pipeline(archive, folder)
    rows += whole + execution.run_jobs(run, folder)
    _log("measuring start-up times and profiling Preprocess")
    sent = run.sent_mb()
    held = targets(rows, sent, execution.command_seconds(archive, run, folder))
    tables = [
        *_compared(rows, held),
        _profile(execution.profile(run, folder)),
        Table("Imports", ("job", "CPU s"), [*execution.imports(folder).items()]),
        _sent(sent),
    ]
    return Content(
        title="Pipeline",
        introduction=_introduction(archive, run.accuracy),
        tables=tables,
        charts=_charts(rows),
        caption="CPU seconds of the same work done in five ways, and of the pipeline's jobs",
    )


def _introduction(archive: Path, accuracy: float) -> str:
    with archive.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    size = archive.stat().st_size
    return (
        f"{archive.name}, {size:,} bytes, SHA-256 {digest[:16]}...; the model's accuracy is "
        f"{accuracy:.5f}."
    )


def _compared(rows: Sequence[Row], held: Sequence[Target]) -> list[Table]:
    ours = find(rows, PIPELINE).cpu_seconds
    return [
        Table("Targets", ("figure", "target", "measured", "holds"), [*map(_target, held)]),
        Table(
            "The same work",
            ("program", "CPU s", "CPU, divided by the pipeline's", "wall s", "largest process, MB"),
            [
                (
                    name,
                    usage.cpu_seconds,
                    usage.cpu_seconds / ours,
                    usage.wall_seconds,
                    round(usage.peak_mb),
                )
                for name, usage in totals(rows).items()
            ],
            "The lower bound only reads and splits the reviews: it counts, trains and scores "
            "nothing. The wall time of the article's code is the sum of its stages.",
        ),
        Table(
            "Stage by stage",
            ("program", "stage", "CPU s", "wall s", "largest process, MB", "total, MB", "runs"),
            [*map(_stage, rows)],
            "CPU: user and system time of a process and its descendants, by the kernel's "
            "accounting. Total: the largest sum of proportional set sizes, sampled every 0.1 s; "
            "for a stage of a program, its process. Several runs: the median.",
        ),
    ]


def _target(target: Target) -> Sequence[str | float]:
    limit = f"{'at least' if target.at_least else 'at most'} {target.limit:g} {target.unit}"
    return target.what, limit, target.measured, "yes" if target.holds else "**no**"


def _stage(row: Row) -> Sequence[str | float]:
    usage = row.usage
    sample = f" (a sample, multiplied by {row.scale:.1f})" if row.scale != 1 else ""
    times = usage.cpu_seconds, usage.wall_seconds
    memory = round(usage.peak_mb), round(usage.total_mb)
    return row.program, f"{row.stage}{sample}", *times, *memory, row.runs


def _profile(profile: Mapping[str, float]) -> Table:
    whole = sum(profile.values())
    named = dict(list(profile.items())[:_FUNCTIONS])
    named["everything else"] = whole - sum(named.values())
    return Table(
        "Profile of Preprocess",
        ("function", "CPU s", "share"),
        [(function, seconds, f"{seconds / whole:.0%}") for function, seconds in named.items()],
        "In one process, sampled; a function is charged for the library calls that it makes.",
    )


def _sent(sent: Mapping[str, float]) -> Table:
    rows = [(name, f"{size:.2f}") for name, size in sorted(sent.items())]
    total = f"**{sum(sent.values()):.2f}**"
    title = "Sent to S3 by an execution, without the raw archive"
    return Table(title, ("output", "MB"), [*rows, ("**total**", total)])


def _charts(rows: Sequence[Row]) -> list[Chart]:
    stages = [row for row in rows if row.program == PIPELINE and row.stage != WHOLE]
    return [
        Chart(
            "bars",
            {name: [(usage.cpu_seconds, 0)] for name, usage in totals(rows).items()},
            x="CPU seconds for the whole archive (logarithmic)",
            log_x=True,
            highlight=["this pipeline"],
        ),
        Chart(
            "bars",
            {row.stage: [(row.usage.cpu_seconds, 0)] for row in stages},
            x="CPU seconds of the pipeline's jobs",
            highlight=[row.stage for row in stages],
        ),
    ]


def _folder(scratch: Path, name: str) -> Path:
    folder = scratch / name
    folder.mkdir()
    return folder


def _log(message: str) -> None:
    print(message, file=sys.stderr, flush=True)
