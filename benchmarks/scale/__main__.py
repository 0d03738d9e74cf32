"""``python -m benchmarks.scale``: measures growth; writes results/<date>-scale.md, .json, .svg."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import machine
from benchmarks.command import ending_in_one_line, parser, say, the_archive
from benchmarks.measuring import ROOT
from benchmarks.scale.growth import Growth
from benchmarks.scale.points import Point, measure

SIZES = (50_000, 200_000, 400_000)


def main() -> None:
    """Measures. Raises NoArchive or ProgramFailed."""
    options = _parser().parse_args()
    source, load = the_archive(), machine.load()
    points: list[Point] = []
    with tempfile.TemporaryDirectory(prefix="benchmark-") as scratch:
        for reviews in options.sizes:
            say(f"measuring {reviews:,} reviews")
            folder = Path(scratch) / str(reviews)
            points.append(measure(source, reviews, folder))
            shutil.rmtree(folder)
    growth = Growth(options.date, {**machine.facts(), "load": [load, machine.load()]}, points)
    output = options.output.resolve()
    output.mkdir(parents=True, exist_ok=True)
    target = output / f"{options.date}-scale.json"
    growth.save(target)
    command = [sys.executable, "-m", "benchmarks.scale.written", target]
    subprocess.run(command, cwd=ROOT, check=True)


def _parser() -> argparse.ArgumentParser:
    options = parser("python -m benchmarks.scale", __doc__)
    options.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="numbers of reviews")
    return options


if __name__ == "__main__":
    ending_in_one_line(main)
