"""Growth as a page of Markdown."""

from __future__ import annotations

import math
from collections.abc import Iterator

from benchmarks.report import number
from benchmarks.scale.copies import CHANGED_SHARE
from benchmarks.scale.growth import Growth
from benchmarks.scale.instances import (
    DEFAULT,
    DEFAULT_SECONDS,
    SPREAD,
    USABLE,
    default_cpu_seconds,
    default_memory_mb,
    estimate,
    usd_per_core_hour,
)
from benchmarks.scale.points import JOBS, Point
from pipeline_diff.prices import AS_OF

WANTED = (10_000_000, 1_000_000_000)

_MEASURED = "| reviews | words | distinct | job | CPU s | reviews by CPU s | wall s |"
_MEASURED += " largest process, MB | together, MB |\n|---|---|---|---|---|---|---|---|---|\n"
_LAWS = "| job | CPU s | memory, MB | farthest off |\n|---|---|---|---|\n"
_REACH = "| job | reviews by memory | reviews by time |\n|---|---|---|\n"
_WANTED = "| reviews | distinct words | job | CPU hours | memory, GB | instance | hours | USD |\n"
_WANTED += "|---|---|---|---|---|---|---|---|\n"


def markdown(growth: Growth, picture: str) -> str:
    """The page; ``picture`` is the file beside it that it shows."""
    heaps, machine = growth.heaps, growth.machine
    return "".join(
        [
            f"# Growth, measured on {growth.date}\n\n",
            f"{machine['cores']} cores ({machine['processor']}), Python {machine['python']}, load "
            f"average {machine['load'][0]} before and {machine['load'][1]} after; one run each. "
            "The reviews beyond the archive's are copies in which one word in "
            f"{1 / CHANGED_SHARE:.0f} is another one.\n",
            f"\n![CPU seconds and memory of the jobs by reviews]({picture})\n",
            f"\n## Measured\n\n{_MEASURED}",
            *(row for point in growth.points for row in _point(point)),
            f"\n## Laws\n\n{_LAWS}",
            *_laws(growth),
            f"\nMillions of reviews are M. Distinct words: {number(heaps.k)} n^{heaps.beta:.3f} "
            f"for n words, of which a review has {growth.words_each:.0f}. Outputs of Preprocess: "
            f"{number(growth.output_mb.each * 1e6 / 1e3)} GB for a million reviews.\n",
            f"\n## How far the default settings reach\n\n{_REACH}",
            *_reach(growth),
            f"\n{DEFAULT}, {DEFAULT_SECONDS // 60} minutes a job.\n",
            f"\n## If the laws went on\n\n{_WANTED}",
            *(row for reviews in WANTED for row in _wanted(growth, reviews)),
            f"\nOn-demand prices of {AS_OF}, us-east-1; a core of an instance taken to be as fast "
            f"as one here, {USABLE:.0%} of its memory as usable, a minute of overhead a job; work "
            f"spread over at most {_spread()} cores.\n",
        ]
    )


def _spread() -> str:
    return ", ".join(f"{cores} ({job})" for job, cores in SPREAD.items())


def _point(point: Point) -> Iterator[str]:
    for job in JOBS:
        usage = point.usage[job]
        yield (
            f"| {point.reviews:,} | {point.words:,} | {point.distinct:,} | {job} | "
            f"{number(usage.cpu_seconds)} | {number(point.reviews / usage.cpu_seconds)} | "
            f"{number(usage.wall_seconds)} | {usage.peak_mb:,.0f} | {usage.together_mb:,.0f} |\n"
        )


def _laws(growth: Growth) -> Iterator[str]:
    for job in JOBS:
        cpu, memory = growth.cpu_seconds[job], growth.memory_mb[job]
        yield (
            f"| {job} | {number(cpu.fixed)} + {number(cpu.each * 1e6)} M | "
            f"{number(memory.fixed)} + {number(memory.each * 1e6)} M | "
            f"{max(cpu.off, memory.off):.0%} |\n"
        )


def _reach(growth: Growth) -> Iterator[str]:
    for job in JOBS:
        memory = growth.memory_mb[job].reach(default_memory_mb())
        time = growth.cpu_seconds[job].reach(default_cpu_seconds(job))
        yield f"| {job} | {_millions(memory)} | {_millions(time)} |\n"


def _millions(reviews: float) -> str:
    return "any" if math.isinf(reviews) else f"{number(reviews / 1e6)} million"


def _wanted(growth: Growth, reviews: int) -> Iterator[str]:
    distinct = growth.heaps.distinct(reviews * growth.words_each)
    for job in JOBS:
        cpu, memory = growth.cpu_seconds[job].at(reviews), growth.memory_mb[job].at(reviews)
        chosen = estimate(job, cpu, memory)
        if chosen.instance_type:
            place = f"{chosen.instance_type} | {number(chosen.hours)} | {number(chosen.usd)}"
        else:
            work = number(cpu / 3600 * usd_per_core_hour())
            place = f"**none is large enough** | | {work} of work, spread over many"
        yield (
            f"| {reviews:,} | {number(distinct)} | {job} | {number(cpu / 3600)} | "
            f"{number(memory / 1e3)} | {place} |\n"
        )
