"""``python -m benchmarks.presets [ARCHIVE]``: writes results/<date>-presets.md, .json and .svg."""

from __future__ import annotations

import argparse
import io
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from benchmarks import machine
from benchmarks.archive import reviews
from benchmarks.command import ending_in_one_line, parser, say, the_archive
from benchmarks.measuring import ROOT, Usage
from benchmarks.presets.comparison import Comparison
from benchmarks.presets.rivals import RIVALS, rival
from benchmarks.presets.runs import Run, run, scored

PRESETS = ("article", "fast", "accurate")
SEEDS = (1, 2, 3)


def main() -> None:
    """Measures. Raises NoArchive or ProgramFailed."""
    options = _parser().parse_args()
    archive, load = the_archive(options.archive), machine.load()
    runs: list[Run] = []
    scoring: dict[str, Usage] = {}
    with tempfile.TemporaryDirectory(prefix="presets-") as folder:
        scratch = Path(folder)
        count = raw_reviews(archive, scratch / "reviews.tar")
        rivals = [
            _told(rival(name, archive, seed, scratch / "log"))
            for name in RIVALS
            for seed in options.rival_seeds
        ]
        for preset in PRESETS:
            for seed in options.seeds:
                workdir = scratch / f"{preset}-{seed}"
                runs.append(_told(run(preset, archive, seed, workdir)))
                if options.score and preset not in scoring:
                    log = scratch / "score.json"
                    scoring[preset] = scored(scratch / "reviews.tar", workdir, log)
                shutil.rmtree(workdir)
    facts = {**machine.facts(), "load": [load, machine.load()]}
    output = options.output.resolve()
    output.mkdir(parents=True, exist_ok=True)
    target = output / f"{options.date}-presets.json"
    Comparison(options.date, facts, runs + rivals, count, scoring).save(target)
    command = [sys.executable, "-m", "benchmarks.presets.written", target]
    subprocess.run(command, cwd=ROOT, check=True)


def raw_reviews(archive: Path, target: Path) -> int:
    """Packs the test half as it is stored, for scoring; returns how many reviews it has."""
    written = 0
    with tarfile.open(target, "w") as packed:
        for review in reviews(archive):
            if review.half == "test":
                member, data = tarfile.TarInfo(review.name), review.text.encode()
                member.size = len(data)
                packed.addfile(member, io.BytesIO(data))
                written += 1
    return written


def _told(found: Run) -> Run:
    say(
        f"{found.who}, seed {found.seed}: accuracy {found.accuracy:.4f}, "
        f"{found.whole.cpu_seconds:.1f} CPU s"
    )
    return found


def _parser() -> argparse.ArgumentParser:
    options = parser("python -m benchmarks.presets", __doc__)
    options.add_argument("archive", nargs="?", help="archive of reviews (default: IMDB_ARCHIVE)")
    options.add_argument("--seeds", type=int, nargs="+", default=SEEDS, help="a run each")
    options.add_argument(
        "--rival-seeds", type=int, nargs="+", default=SEEDS[:1], help="a run each of the rivals"
    )
    options.add_argument(
        "--no-score", dest="score", action="store_false", help="without scoring new reviews"
    )
    return options


if __name__ == "__main__":
    ending_in_one_line(main)
