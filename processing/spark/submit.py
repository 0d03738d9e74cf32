"""Start Preprocess on the cluster: runs on every host of the job, in SageMaker's Spark image.

The image has ``smspark-submit``, which makes a cluster of the job's hosts, runs a program on the
first one, and lets the others wait for its end. The program has to be a ``.py`` file, and what it
imports a ``.zip`` file; the code asset is one file with neither name.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import processing
from processing import names
from processing.atomic import STAGING_FILES
from processing.dataset.read import unpacked_dataset
from processing.errors import DataError
from processing.features.options import preprocess_parser

_OUTPUTS = (
    *(names.TRAIN, names.VALIDATION, names.TEST),
    *(names.LABELS, names.ROWS, names.VOCABULARY, names.MANIFEST),
)
_UNPACKED = "unpacked"  # beside the outputs, as there is the most space
_PROGRAM = """\
import sys
from pathlib import Path

from processing.__main__ import run_job

sys.exit(run_job("processing.spark.driver", sys.argv[1:], Path({scratch!r})))
"""


def parser() -> argparse.ArgumentParser:
    """Return the command line of Preprocess on Spark."""
    return preprocess_parser(__doc__)


def run(options: argparse.Namespace) -> None:
    """Run this host's part of the job. Raise DataError with the reason that the program reported.

    Exits with the code of ``smspark-submit`` if that fails for a reason of its own.
    """
    # A host without any rows has nothing to upload, but its folders must exist.
    folders = [options.output / name for name in _OUTPUTS]
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as scratch,
        # Each host has the whole dataset, and unpacks it into a folder of the same name.
        unpacked_dataset(options.raw, options.output / _UNPACKED) as folder,
    ):
        ended = subprocess.run(_command(options, folder, Path(scratch)), check=False)
        reason = Path(scratch) / "output" / "message"
        if reason.is_file():
            raise DataError(reason.read_text(encoding="utf-8"))
    if ended.returncode:
        sys.exit(ended.returncode)
    for folder in folders:
        for unfinished in folder.glob(STAGING_FILES):  # of a task that was killed
            unfinished.unlink()


def _command(options: argparse.Namespace, folder: Path, scratch: Path) -> list[str]:
    code, program = scratch / "processing.zip", scratch / "preprocess.py"
    # The job was started from the code asset, which this package is imported from.
    shutil.copyfile(Path(processing.__file__).parents[1], code)
    program.write_text(_PROGRAM.format(scratch=str(scratch)), encoding="utf-8")
    values = {**vars(options), "unpacked": folder}
    arguments = [f"--{name.replace('_', '-')}={value}" for name, value in sorted(values.items())]
    return ["smspark-submit", "--py-files", str(code), str(program), *arguments]
