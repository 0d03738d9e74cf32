"""The result as a page of Markdown."""

from __future__ import annotations

from collections.abc import Iterator

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

_STAGES = "| who | what | CPU s | wall s | largest process, MB | together, MB | runs |\n"


def markdown(result: Result, picture: str) -> str:
    """The page; ``picture`` is the file beside it that it shows."""
    return "".join(
        [
            f"# Measured on {result.date}\n\n",
            *_facts(result),
            f"\n![CPU seconds of the same work, done in four ways]({picture})\n",
            "\n## Targets\n\n| what | target | measured | holds |\n|---|---|---|---|\n",
            *map(_target, targets(result)),
            "\n## The same work\n\n",
            "| who | CPU s | CPU by ours | wall s | largest process, MB |\n|---|---|---|---|---|\n",
            *_compared(result.rows),
            "\nThe floor reads and splits, and counts, trains and scores nothing. Of the article's "
            "code the walls of its parts are added.\n",
            f"\n## Stage by stage\n\n{_STAGES}|---|---|---|---|---|---|---|\n",
            *map(_stage, result.rows),
            "\nCPU: user and system time of a process and all its descendants, as the kernel "
            "accounts it. Together: the largest sum of proportional set sizes, sampled every "
            "0.1 s; of a part of a program, its process. Several runs: the median.\n",
            "\n## Sent to S3 by an execution\n\n| output | MB |\n|---|---|\n",
            *(f"| {name} | {size:.2f} |\n" for name, size in sorted(result.sent_mb.items())),
            f"| **together** | **{sum(result.sent_mb.values()):.2f}** |\n",
        ]
    )


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


def _target(target: Target) -> str:
    limit = f"{'at least' if target.least else 'at most'} {target.limit:g} {target.unit}"
    holds = "yes" if target.holds else "**no**"
    return f"| {target.what} | {limit} | {number(target.measured)} {target.unit} | {holds} |\n"


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


def _compared(rows: list[Row]) -> Iterator[str]:
    ours = find(rows, OURS, WHOLE)
    for who, usage in totals(rows).items():
        ratio = number(usage.cpu_seconds / ours.cpu_seconds)
        yield f"| {who} | {number(usage.cpu_seconds)} | {ratio} | {number(usage.wall_seconds)} | "
        yield f"{usage.peak_mb:,.0f} |\n"


def _stage(row: Row) -> str:
    usage = row.usage
    sample = f" (a sample, times {row.scale:.1f})" if row.scale != 1 else ""
    return (
        f"| {row.who} | {row.what}{sample} | {number(usage.cpu_seconds)} | "
        f"{number(usage.wall_seconds)} | {usage.peak_mb:,.0f} | {usage.together_mb:,.0f} | "
        f"{row.runs} |\n"
    )


def number(value: float) -> str:
    """Three digits that mean something.

    >>> number(3921.4), number(18.094), number(0.0757)
    ('3,920', '18.1', '0.0757')
    """
    rounded = float(f"{value:.3g}")
    return f"{rounded:,.0f}" if rounded >= 100 else f"{rounded:g}"
