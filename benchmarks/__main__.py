"""``python -m benchmarks``: measures everything and writes results/<date>.md, .json and .svg."""

from __future__ import annotations

import argparse
import datetime
import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import compared, machine, pipeline
from benchmarks.measuring import ROOT, ProgramFailed
from benchmarks.result import Result
from benchmarks.rows import Row

RESULTS = Path(__file__).parent / "results"


class NoArchive(Exception):
    """There is no archive to measure on; the message says what to do."""


def the_archive() -> Path:
    """What the variable IMDB_ARCHIVE names. Raises NoArchive."""
    named = os.environ.get("IMDB_ARCHIVE", "")
    if not Path(named).is_file():
        raise NoArchive(
            f"IMDB_ARCHIVE={named or '(not set)'} names no file; give it the path of "
            "aclImdb_v1.tar.gz, the article's archive"
        )
    return Path(named).resolve()


def main() -> None:
    """Measures. Raises NoArchive or ProgramFailed."""
    options = _parser().parse_args()
    archive = the_archive()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as scratch:
        result = measure(archive, Path(scratch), options.date)
    options.output.mkdir(parents=True, exist_ok=True)
    target = options.output / f"{options.date}.json"
    result.save(target)
    # Drawing takes libraries, and whoever measures stays small.
    subprocess.run([sys.executable, "-m", "benchmarks.written", target], cwd=ROOT, check=True)


def measure(archive: Path, scratch: Path, date: str) -> Result:
    """Everything, one after the other; some minutes."""
    load = _load()
    rows: list[Row] = []
    for name, stage in (
        ("the floor", compared.floor),
        ("scikit-learn and NLTK", compared.good_user),
        ("the article's code", compared.article),
    ):
        _say(f"measuring {name}")
        rows += stage(archive, _folder(scratch, stage.__name__))
    _say("measuring the pipeline")
    ours = _folder(scratch, "ours")
    whole, execution = pipeline.whole(archive, ours)
    rows += whole + pipeline.stages(execution, ours)
    _say("measuring how the command starts")
    return Result(
        date=date,
        archive=_told(archive),
        rows=rows,
        sent_mb=execution.sent_mb(),
        accuracy=execution.accuracy,
        help_seconds=pipeline.help_seconds(ours),
        start_seconds=pipeline.start_seconds(archive, ours),
        machine={**machine.facts(), "load": [load, _load()]},
    )


def _told(archive: Path) -> dict[str, object]:
    with archive.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"bytes": archive.stat().st_size, "name": archive.name, "sha256": digest}


def _folder(scratch: Path, name: str) -> Path:
    folder = scratch / name
    folder.mkdir()
    return folder


def _load() -> float:
    return round(os.getloadavg()[0], 1)


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    parser.add_argument("--date", default=today, help="what the result is named by")
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder of the result")
    return parser


if __name__ == "__main__":
    try:
        main()
    except NoArchive as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except ProgramFailed as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)
