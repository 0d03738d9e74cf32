"""``python -m benchmarks.search [ARCHIVE]``: chooses the presets; writes results/<date>-search.md.

Ten minutes of two cores. The chosen values are printed, to be put into
``pipeline_steps/presets.json``.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from benchmarks.command import ending_in_one_line, parser, say, the_archive
from benchmarks.search.accurate import accurate
from benchmarks.search.fast import candidates, fast
from benchmarks.search.half import training_half
from benchmarks.search.log import markdown
from benchmarks.search.trials import Trials
from benchmarks.xgboost_jobs import Values

SEEDS = (1, 2, 3)


def main() -> None:
    """Searches. Raises NoArchive or ProgramFailed."""
    options = _parser().parse_args()
    archive = the_archive(options.archive)
    with tempfile.TemporaryDirectory(prefix="search-") as folder:
        raw, scratch = Path(folder) / "raw", Path(folder) / "scratch"
        raw.mkdir()
        scratch.mkdir()
        reviews = training_half(archive, raw / "training-half.tar")
        say(f"{reviews:,} reviews in the training half; those of the test half are left out")
        trials = Trials(raw, scratch, options.seeds)
        chosen: dict[str, Values] = {"accurate": accurate(trials.run).values}
        if quick := fast(trials.run, candidates()):
            chosen["fast"] = quick
    options.output.mkdir(parents=True, exist_ok=True)
    page = markdown(options.date, reviews, options.seeds, trials.outcomes, chosen)
    target = options.output / f"{options.date}-search.md"
    target.write_text(page, encoding="utf-8")
    say(f"wrote {target}")
    print(json.dumps(chosen, indent=1, sort_keys=True))


def _parser() -> argparse.ArgumentParser:
    options = parser("python -m benchmarks.search", __doc__)
    options.add_argument("archive", nargs="?", help="archive of reviews (default: IMDB_ARCHIVE)")
    options.add_argument("--seeds", type=int, nargs="+", default=SEEDS, help="a trial each")
    return options


if __name__ == "__main__":
    ending_in_one_line(main)
