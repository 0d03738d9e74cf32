"""The code of ``processing/``: stored as a code asset, or run as a job without a pipeline."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from local_runner.platform.native_libraries import missing_library
from local_runner.workdir import Workdir
from operations.errors import USAGE, CliError, UsageError
from processing.names import CODE_FILE

ROOT = Path(__file__).resolve().parents[2]
"""The folder of `processing`."""


def run_job(
    job: str, options: Mapping[str, str | Path], data: bytes = b"", flags: Sequence[str] = ()
) -> bytes:
    """Run a job of ``processing/`` and return what it prints.

    options: by name, without hyphens. flags: options without a value. data: its stdin. Raise
    CliError with the job's own message if it fails; UsageError if it exits with 2, as jobs do for
    an invalid argument.
    """
    words = [f"--{name}={value}" for name, value in options.items()]
    words += [f"--{flag}" for flag in flags]
    ended = subprocess.run(
        [sys.executable, "-m", "processing", job, *words],
        input=data,
        capture_output=True,
        # Import this project, not a folder of the same name in the current folder.
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1"},
        check=False,
    )
    if ended.returncode:
        output = ended.stderr.decode("utf-8", "replace").strip()
        raise (UsageError if ended.returncode == USAGE else CliError)(
            missing_library(output) or _message(job, ended.returncode, output.rpartition("\n")[2])
        )
    return ended.stdout


def _message(job: str, code: int, last_line: str) -> str:
    """The job's error; of a crash, which job it was and the exception or the signal."""
    if last_line.startswith("error: "):
        return last_line.removeprefix("error: ")
    how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
    return f"the job {job} {how}{f': {last_line}' if last_line else ''}"


def store_code(workdir: Workdir, uri: str, root: Path = ROOT) -> str:
    """Pack ``processing/`` and store it below ``uri``; return its file name, a hash of it.

    root: the folder of ``processing/``, with its own version of the packing.
    """
    workdir.root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".code-", dir=workdir.root.absolute()) as folder:
        packed = _packed(Path(folder), root)
        name = _name(packed)
        workdir.store.publish(packed, f"{uri}/{name}")
    return name


def packed_name() -> str:
    """Return the file name with which the current code would be stored."""
    with tempfile.TemporaryDirectory() as folder:
        return packed_code(Path(folder)).name


def packed_code(folder: Path) -> Path:
    """Pack the current code into ``folder``, under the name with which it would be stored."""
    packed = _packed(folder, ROOT)
    return packed.rename(folder / _name(packed))


def _packed(folder: Path, root: Path) -> Path:
    packed = folder / CODE_FILE
    packing = [sys.executable, "-m", "processing.packaging", str(packed)]
    ended = subprocess.run(packing, cwd=root, capture_output=True, text=True, check=False)
    if ended.returncode:
        reason = (ended.stderr.splitlines() or [""])[-1]
        raise CliError(f"processing/ can't be packed: {reason}")
    return packed


def _name(packed: Path) -> str:
    return f"{hashlib.sha256(packed.read_bytes()).hexdigest()[:16]}.pyz"
