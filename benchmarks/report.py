"""The result as a page of Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from benchmarks.measuring import Usage
from benchmarks.result import Result
from benchmarks.rows import (
    ARTICLE,
    AS_WRITTEN,
    FLOOR,
    GOOD_USER,
    ONCE_A_REVIEW,
    OURS,
    WHOLE,
    Row,
    find,
    total,
)
from benchmarks.targets import Target, targets

_PROFILED = 12
"""So many functions are named."""


def markdown(result: Result, picture: str) -> str:
    """The page; ``picture`` is the file beside it that it shows."""
    sent = sum(result.sent_mb.values())
    return "".join(
        [
            f"# Measured on {result.date}\n\n",
            *_facts(result),
            f"\n![CPU seconds of the same work, done in four ways]({picture})\n",
            _table("Targets", "what, target, measured, holds", map(_target, targets(result))),
            _table(
                "The same work",
                "who, CPU s, CPU by ours, wall s, largest process in MB",
                _compared(result.rows),
            ),
            "\nThe floor reads and splits, and counts, trains and scores nothing. Of the article's "
            "code the walls of its parts are added.\n",
            _table(
                "Stage by stage",
                "who, what, CPU s, wall s, largest process in MB, together in MB, runs",
                map(_stage, result.rows),
            ),
            "\nCPU: user and system time of a process and all its descendants, as the kernel "
            "accounts it. Together: the largest sum of proportional set sizes, sampled every "
            "0.1 s; of a part of a program, its process. Several runs: the median.\n",
            _table(
                "Where Preprocess spends its CPU",
                "function, CPU s, share",
                _profile(result.profile),
            ),
            "\nIn one process, sampled; a function is charged for what it calls in libraries.\n",
            _table(
                "Imports",
                "job, CPU s before it does anything",
                ((job, number(seconds)) for job, seconds in result.imports.items()),
            ),
            _table(
                "Sent to S3 by an execution (the raw archive aside)",
                "output, MB",
                [
                    *((name, f"{size:.2f}") for name, size in sorted(result.sent_mb.items())),
                    ("**together**", f"**{sent:.2f}**"),
                ],
            ),
        ]
    )


def _table(title: str, columns: str, rows: Iterable[Sequence[str]]) -> str:
    names = columns.split(", ")
    lines = [names, ["---"] * len(names), *rows]
    return f"\n## {title}\n\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _facts(result: Result) -> Iterator[str]:
    machine, archive = result.machine, result.archive
    packages = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
    before, after = machine["load"]
    yield f"* {machine['cores']} cores ({machine['processor']}), {machine['memory_gb']} GB, "
    yield f"{machine['system']}; load average {before} before and {after} after, so "
    yield "believe CPU seconds and ratios more than walls\n"
    yield f"* Python {machine['python']}; {packages}\n"
    yield f"* {archive['name']}, {archive['bytes']:,} bytes, SHA-256 {archive['sha256'][:16]}...\n"
    yield f"* accuracy of the pipeline's model: {result.accuracy:.5f}\n"


def _target(target: Target) -> Sequence[str]:
    limit = f"{'at least' if target.least else 'at most'} {target.limit:g} {target.unit}"
    measured = f"{number(target.measured)} {target.unit}"
    return target.what, limit, measured, "yes" if target.holds else "**no**"


def totals(rows: list[Row]) -> dict[str, Usage]:
    """The whole cost of each way to do the work, the dearest first."""
    return {
        "the article's code, as written": total(rows, ARTICLE, without=ONCE_A_REVIEW),
        "the article's code, its stop words read once a review": total(
            rows, ARTICLE, without=AS_WRITTEN
        ),
        "scikit-learn and NLTK with a memo": find(rows, GOOD_USER, WHOLE),
        "this pipeline": find(rows, OURS, WHOLE),
        "the floor of reading": find(rows, FLOOR, WHOLE),
    }


def _compared(rows: list[Row]) -> Iterator[Sequence[str]]:
    ours = find(rows, OURS, WHOLE)
    for who, usage in totals(rows).items():
        ratio = number(usage.cpu_seconds / ours.cpu_seconds)
        wall, peak = number(usage.wall_seconds), f"{usage.peak_mb:,.0f}"
        yield who, number(usage.cpu_seconds), ratio, wall, peak


def _stage(row: Row) -> Sequence[str]:
    usage = row.usage
    sample = f" (a sample, times {row.scale:.1f})" if row.scale != 1 else ""
    times = number(usage.cpu_seconds), number(usage.wall_seconds)
    memory = f"{usage.peak_mb:,.0f}", f"{usage.together_mb:,.0f}"
    return row.who, f"{row.what}{sample}", *times, *memory, str(row.runs)


def _profile(profile: dict[str, float]) -> Iterator[Sequence[str]]:
    whole = sum(profile.values())
    named = dict(list(profile.items())[:_PROFILED])
    named["everything else"] = whole - sum(named.values())
    for function, seconds in named.items():
        yield function, number(seconds), f"{seconds / whole:.0%}"


def number(value: float) -> str:
    """Three digits that mean something.

    >>> number(3921.4), number(18.094), number(0.0757)
    ('3,920', '18.1', '0.0757')
    """
    rounded = float(f"{value:.3g}")
    return f"{rounded:,.0f}" if rounded >= 100 else f"{rounded:g}"
