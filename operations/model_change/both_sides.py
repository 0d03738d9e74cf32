"""The pipelines of a git revision and of this checkout, run on the same reviews.

Each side has its own definition and code of the jobs; both have the local runner and the packages
of this checkout. The step cache keeps the results of both by content.
"""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from local_runner.workdir import Workdir
from operations.comparison import ExecutionToCompare
from operations.errors import CliError, Interrupted, UsageError
from operations.execution_summary import FAILED
from operations.local.comparison import ENVIRONMENT, local_execution
from operations.local.deployment_values import CODE_URI
from operations.local.git_commit import checked_out_commit
from operations.local.processing_code import store_code
from operations.local.running.run import RunRequest, run_training
from processing.names import Parameter

ROOT = Path(__file__).resolve().parents[2]
_DEFINITION = "pipeline_steps/definition.json"
_CODE = "processing"

CHECKOUT = "this checkout"
"""The name of the execution of this checkout."""


@dataclass(frozen=True)
class _Side:
    """A side. code: the file name of its code asset, a hash of it."""

    name: str
    definition: Path
    code: str
    commit: str

    def differs(self, other: _Side) -> bool:
        """Return whether the definitions or the code are others."""
        one, another = (it.definition.read_bytes() for it in (self, other))
        return self.code != other.code or one != another


def run_both_sides(
    revision: str, dataset: str | None, workdir: Path, *, quiet: bool
) -> list[ExecutionToCompare] | None:
    """Return the executions of the revision and of this checkout.

    None if they have the same definition and code; then nothing runs. dataset: None for the demo
    dataset. A revision that can't be run with this checkout has a reason instead of an evaluation.
    Raise UsageError for an unknown revision, or CliError.
    """
    with _files_of(revision) as (commit, files):
        store = Workdir(workdir.resolve())
        try:
            code = store_code(store, CODE_URI, files)
        except CliError as error:
            raise UsageError(f"--base {revision}: {error}; choose a newer revision") from None
        base = _Side(revision, files / _DEFINITION, code, commit)
        own = _Side(
            CHECKOUT,
            ROOT / _DEFINITION,
            store_code(store, CODE_URI, ROOT),
            checked_out_commit(ROOT),
        )
        if not base.differs(own):
            return None
        try:
            baseline = _run(base, dataset, workdir, quiet=quiet)
        except Interrupted:
            raise
        except CliError as error:
            baseline = ExecutionToCompare(
                revision, ENVIRONMENT, FAILED, "", {}, {}, {}, reason=str(error)
            )
        return [baseline, _run(own, dataset, workdir, quiet=quiet)]


def _run(side: _Side, dataset: str | None, workdir: Path, *, quiet: bool) -> ExecutionToCompare:
    parameters = {
        Parameter.CODE_FILE: side.code,
        Parameter.COMMIT: side.commit,
        "ModelApprovalStatus": "Rejected",  # no version to approve or to score with
    }
    request = RunRequest(dataset, parameters, side.definition, workdir)
    summary = run_training(request, quiet=quiet, first_line=side.name)
    return replace(local_execution(workdir, summary.execution_id), name=side.name)


@contextmanager
def _files_of(revision: str) -> Iterator[tuple[str, Path]]:
    """Yield the commit of a revision, and a folder with its definition and code."""
    commit = _git("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    if revision.startswith("-") or not commit:
        raise UsageError(
            f"--base {revision}: not a revision of this repository; run `git fetch`, or choose "
            "another one"
        )
    archive = _git("archive", "--format=tar", commit.decode().strip(), _DEFINITION, _CODE)
    if archive is None:
        raise UsageError(f"--base {revision}: has no {_DEFINITION} or no {_CODE}/")
    with tempfile.TemporaryDirectory(prefix="sentiment-base-") as folder:
        with tarfile.open(fileobj=io.BytesIO(archive)) as files:
            files.extractall(folder, filter="data")
        yield commit.decode().strip(), Path(folder)


def _git(*command: str) -> bytes | None:
    """Return what git prints; None if it fails."""
    try:
        ended = subprocess.run(
            ["git", "-C", str(ROOT), *command],  # noqa: S607
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        raise CliError("git isn't installed; --base needs it") from None
    return ended.stdout if ended.returncode == 0 else None
