"""The comparison as a page of Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.presets.comparison import Comparison
from benchmarks.report import number
from pipeline_diff.prices import AS_OF

_TABLE = "| | accuracy | spread | AUC | CPU s | wall s | of it Train, CPU s | largest process, MB |"
_TABLE += " model, MB | USD on AWS | seeds |\n|---|---|---|---|---|---|---|---|---|---|---|\n"
_SCORING = "| preset | CPU s | wall s | reviews by second of wall |\n|---|---|---|---|\n"


def markdown(found: Comparison, picture: str) -> str:
    """The page; ``picture`` is the file beside it that it shows."""
    machine = found.machine
    return "".join(
        [
            f"# Presets, measured on {found.date}\n\n",
            f"{machine['cores']} cores ({machine['processor']}), Python {machine['python']}, load "
            f"average {machine['load'][0]} before and {machine['load'][1]} after, so believe CPU "
            "seconds more than walls. Accuracy and AUC are those of the test half, which chose "
            "nothing here.\n",
            f"\n![Accuracy on the test set against CPU seconds]({picture})\n",
            f"\n## From the archive to an evaluated model\n\n{_TABLE}",
            *_rows(found),
            "\nMean and standard deviation over the seeds, each of which decides the split and the "
            "training; the median of what was taken. The presets are `sentiment run --preset NAME` "
            "with nothing in its cache, and Train is its job alone, run again. The linear models "
            "are scikit-learn's on words and pairs of words; validation chooses C"
            f"{_chosen(found)}, and then they are trained on the whole training half. Model: what "
            "scoring new text needs, compressed. USD: an estimate with prices of "
            f"{AS_OF}, a minute of overhead for each of five jobs.\n",
            *_scoring(found),
        ]
    )


def _rows(found: Comparison) -> Iterator[str]:
    for who in found.who:
        runs = found.of(who)
        price = runs[0].usd
        spread = found.spread(who, lambda run: run.accuracy)
        yield (
            f"| {who} | {found.mean(who, lambda run: run.accuracy):.4f} | "
            f"{f'{spread:.4f}' if len(runs) > 1 else ''} | "
            f"{found.mean(who, lambda run: run.auc):.4f} | "
            f"{number(found.median(who, lambda run: run.whole.cpu_seconds))} | "
            f"{number(found.median(who, lambda run: run.whole.wall_seconds))} | "
            f"{number(found.median(who, lambda run: run.train.cpu_seconds))} | "
            f"{found.median(who, lambda run: run.whole.peak_mb):,.0f} | "
            f"{found.median(who, lambda run: run.model_mb):.2f} | "
            f"{f'{price:.4f}' if price else ''} | {len(runs)} |\n"
        )


def _chosen(found: Comparison) -> str:
    chosen = [f"{run.who} {run.chosen}" for run in found.runs if run.chosen]
    return f" ({', '.join(dict.fromkeys(chosen))})" if chosen else ""


def _scoring(found: Comparison) -> Iterator[str]:
    if not found.scored:
        return
    yield f"\n## Scoring {found.reviews:,} raw reviews\n\n{_SCORING}"
    for preset in filter(found.scored.__contains__, found.who):
        usage = found.scored[preset]
        rate = number(found.reviews / usage.wall_seconds)
        cpu, wall = number(usage.cpu_seconds), number(usage.wall_seconds)
        yield f"| {preset} | {cpu} | {wall} | {rate} |\n"
    yield (
        "\n`sentiment score` of the test half as one tar file, start to end: find the "
        "version, prepare, transform, join, drift.\n"
    )
