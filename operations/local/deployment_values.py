"""What a deployment gives executions on AWS is given here: bucket, code, role, group, commit.

``infra`` sets the defaults of the deployment's parameters; a local run gives them local values, and
nothing else about a definition changes.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from local_runner.platform.object_store import FolderStore
from local_runner.workdir import Workdir
from operations.commit import commit
from operations.errors import CliError

BUCKET = "s3://sentiment-local"
GROUP = "sentiment-local"
DATASET = "DatasetUri"

_ROOT = Path(__file__).resolve().parents[2]
_CODE_FILE = "CodeFile"
_FIXED = {
    "ArtifactsUri": BUCKET,
    "CodeUri": f"{BUCKET}/code",
    "ExecutionRoleArn": "arn:aws:iam::000000000000:role/local",
    "KmsKeyArn": "arn:aws:kms:local-1:000000000000:key/local",
    "ModelPackageGroupName": GROUP,
}

SHOWN = {
    **_FIXED,
    _CODE_FILE: "processing.pyz",
    DATASET: "the demo's reviews, or --dataset",
}
"""What the deployment's parameters stand for before anything is laid ready."""


def deployed(workdir: Workdir) -> dict[str, str]:
    """The deployment's values, with the code laid ready."""
    code = _stored_code(workdir.store, workdir.root)
    return {**_FIXED, _CODE_FILE: code, "Commit": commit(_ROOT)}


def job_output(job: str, options: Mapping[str, str | Path], data: bytes = b"") -> bytes:
    """What one of the jobs of ``processing/`` prints when it is run without a pipeline.

    options: by their names without hyphens. data: for its stdin. Raises CliError with the job's own
    words if it fails.
    """
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    ended = subprocess.run(
        [sys.executable, "-m", "processing", job, *words],
        input=data,
        capture_output=True,
        # Found from any folder, whatever lies in it.
        env={**os.environ, "PYTHONPATH": str(_ROOT), "PYTHONSAFEPATH": "1"},
        check=False,
    )
    if ended.returncode:
        said = ended.stderr.decode("utf-8", "replace").strip().splitlines()
        raise CliError(said[-1].removeprefix("error: ") if said else f"{job} said nothing")
    return ended.stdout


def _stored_code(store: FolderStore, scratch: Path) -> str:
    """Packs ``processing/`` into the object store; returns its name, made of its content's hash."""
    scratch.mkdir(parents=True, exist_ok=True)
    arriving = scratch / f".processing-{os.getpid()}.pyz"
    packing = [sys.executable, "-m", "processing.packaging", str(arriving.absolute())]
    subprocess.run(packing, cwd=_ROOT, check=True, stdout=subprocess.DEVNULL)
    name = f"{hashlib.sha256(arriving.read_bytes()).hexdigest()[:16]}.pyz"
    store.publish(arriving, f"{_FIXED['CodeUri']}/{name}")
    return name
