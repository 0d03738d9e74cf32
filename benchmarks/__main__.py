"""Measure a suite and write its report: ``python -m benchmarks SUITE``."""

from __future__ import annotations

import argparse
import datetime
import importlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.harness import machine
from benchmarks.harness.measure import ROOT, ProgramFailed
from benchmarks.harness.report import Report

SUITES = ("pipeline", "presets", "scaling", "scoring", "serving")
_RESULTS = Path(__file__).parent / "results"


def main(arguments: list[str]) -> int:
    """Measure; return the exit code: 1 if a measured program failed, 2 without an archive."""
    options = _parser().parse_args(arguments)
    archive = Path(os.environ.get("IMDB_ARCHIVE", ""))
    if not archive.is_file():
        return _failed("IMDB_ARCHIVE must be the path of the archive aclImdb_v1.tar.gz", 2)
    suite = importlib.import_module(f"benchmarks.{options.suite}.suite")
    load = machine.load()
    try:
        with tempfile.TemporaryDirectory(prefix="benchmark-") as scratch:
            content = suite.measure(archive.resolve(), Path(scratch))
    except ProgramFailed as error:
        return _failed(str(error), 1)
    except KeyboardInterrupt:
        return _failed("interrupted", 130)
    report = Report(
        suite=options.suite,
        date=options.date,
        machine={**machine.facts(), "load": [load, machine.load()]},
        content=content,
    )
    target: Path = options.output.resolve() / f"{options.date}-{options.suite}.json"
    report.save(target)
    # Rendering imports large libraries, and a measured process starts with the size of its parent.
    render = [sys.executable, "-m", "benchmarks.harness.render", str(target)]
    return subprocess.run(render, cwd=ROOT, check=False).returncode


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    parser.add_argument("suite", choices=SUITES)
    parser.add_argument("--date", default=today, help="date in the names of the results")
    parser.add_argument("--output", type=Path, default=_RESULTS, help="folder for the results")
    return parser


def _failed(message: str, code: int) -> int:
    print(f"error: {message}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
