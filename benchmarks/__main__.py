"""``python -m benchmarks``: measures everything and writes results/<date>.md, .json and .svg."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import compared, machine, pipeline
from benchmarks.command import ending_in_one_line, parser, say, the_archive
from benchmarks.measuring import ROOT
from benchmarks.result import Result
from benchmarks.rows import Row


def main() -> None:
    """Measures. Raises NoArchive or ProgramFailed."""
    options = parser("python -m benchmarks", __doc__).parse_args()
    archive = the_archive()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as scratch:
        result = measure(archive, Path(scratch), options.date)
    output = options.output.resolve()
    output.mkdir(parents=True, exist_ok=True)
    target = output / f"{options.date}.json"
    result.save(target)
    # Drawing takes libraries, and whoever measures stays small.
    subprocess.run([sys.executable, "-m", "benchmarks.written", target], cwd=ROOT, check=True)


def measure(archive: Path, scratch: Path, date: str) -> Result:
    """Everything, one after the other; some minutes."""
    load = machine.load()
    rows: list[Row] = []
    for name, stage in (
        ("the floor", compared.floor),
        ("scikit-learn and NLTK", compared.good_user),
        ("the article's code", compared.article),
    ):
        say(f"measuring {name}")
        rows += stage(archive, _folder(scratch, stage.__name__))
    say("measuring the pipeline")
    ours = _folder(scratch, "ours")
    whole, execution = pipeline.whole(archive, ours)
    rows += whole + pipeline.stages(execution, ours)
    say("measuring where Preprocess spends its time, and how the programs start")
    return Result(
        date=date,
        archive=_told(archive),
        rows=rows,
        sent_mb=execution.sent_mb(),
        accuracy=execution.accuracy,
        help_seconds=pipeline.help_seconds(ours),
        start_seconds=pipeline.start_seconds(archive, ours),
        imports=pipeline.imports(ours),
        profile=pipeline.profile(execution, ours),
        machine={**machine.facts(), "load": [load, machine.load()]},
    )


def _told(archive: Path) -> dict[str, object]:
    with archive.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"bytes": archive.stat().st_size, "name": archive.name, "sha256": digest}


def _folder(scratch: Path, name: str) -> Path:
    folder = scratch / name
    folder.mkdir()
    return folder


if __name__ == "__main__":
    ending_in_one_line(main)
