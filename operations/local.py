"""The local verbs: what a deployment gives an execution on AWS is given here by this module.

``infra`` sets the defaults of the deployment's parameters (bucket, code asset, role, group); a
local run gives them local values, and nothing else about the definition changes.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local_runner.errors import DefinitionError, LocalRunnerError, ParameterError
from local_runner.execution import PipelineExecution
from local_runner.object_store import FolderStore
from local_runner.plan import Plan
from local_runner.run import prepare
from local_runner.run import run as run_plan
from local_runner.workdir import Workdir
from operations import tree
from operations.datasets import dataset_uri
from operations.errors import Interrupted, Problem, UsageProblem
from operations.local_progress import observer
from operations.progress import Progress
from operations.summary import Summary

BUCKET = "s3://sentiment-local"
_CODE_ASSET = Path(__file__).resolve().parents[1] / "processing" / "code_asset.py"

_DATASET = "DatasetUri"
_CODE_FILE = "CodeFile"
_PLATFORM = {
    "ArtifactsUri": BUCKET,
    "CodeUri": f"{BUCKET}/code",
    _CODE_FILE: "processing.pyz",
    "ExecutionRoleArn": "arn:aws:iam::000000000000:role/local",
    "KmsKeyArn": "arn:aws:kms:local-1:000000000000:key/local",
    "ModelPackageGroupName": "sentiment-local",
}
_SHOWN = {**_PLATFORM, _DATASET: "the demo's reviews, or --dataset"}
"""What the deployment's parameters stand for before anything is laid ready."""


@dataclass(frozen=True)
class Request:
    """What the user asked ``sentiment run`` for; None is for what was left open."""

    dataset: str | None
    parameters: Mapping[str, str]
    definition: Path
    workdir: Path
    max_parallel_steps: int | None = None


def run(request: Request, as_json: bool) -> PipelineExecution:
    """Runs the pipeline, showing progress on stderr and the summary on stdout.

    Raises UsageProblem or Problem before anything ran, DatasetError for the dataset.
    """
    if request.dataset and _DATASET in request.parameters:
        raise UsageProblem(f"--dataset and --parameter {_DATASET}=... say the same; give one")
    workdir = Workdir(request.workdir.resolve())
    text = _read(request.definition)
    _prepared(text, request.parameters, _SHOWN)  # a wrong request is told before work begins
    try:
        plan = _prepared(text, request.parameters, deployed(request, workdir))
        with Progress(quiet=as_json) as progress:
            execution = run_plan(plan, workdir, observer(progress), request.max_parallel_steps)
    except LocalRunnerError as error:
        raise Problem(str(error)) from None
    except OSError as error:
        raise Problem(f"{error.filename or workdir.root}: {error.strerror}") from None
    except KeyboardInterrupt:
        raise Interrupted(
            "stopped; the same command starts anew from what the cache holds"
        ) from None
    is_demo = request.dataset is None and _DATASET not in request.parameters
    summary = Summary.of(execution, workdir, demo=is_demo)
    summary.print_json() if as_json else summary.print()
    return execution


def show(definition: Path, parameters: Mapping[str, str]) -> None:
    """Prints the plan as a tree. Raises UsageProblem."""
    tree.print_plan(_prepared(_read(definition), parameters, _SHOWN))


def deployed(request: Request, workdir: Workdir) -> dict[str, str]:
    """The deployment's values, with the code and the dataset laid ready."""
    values = {**_PLATFORM, _CODE_FILE: _stored_code(workdir.store, workdir.root)}
    if _DATASET not in request.parameters:
        values[_DATASET] = dataset_uri(request.dataset, workdir.root / "datasets")
    return values


def _prepared(text: str, chosen: Mapping[str, str], deployed: Mapping[str, str]) -> Plan:
    """The plan with the user's values, and the deployment's for what the definition leaves open."""
    try:
        return prepare(text, chosen, deployed)
    except (DefinitionError, ParameterError) as error:
        raise UsageProblem(str(error)) from None


def _read(definition: Path) -> str:
    try:
        return definition.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageProblem(f"{definition}: can't be read ({error})") from None


def _stored_code(store: FolderStore, scratch: Path) -> str:
    """Packs ``processing/`` into the object store; returns its name, made of its content's hash."""
    scratch.mkdir(parents=True, exist_ok=True)
    arriving = scratch / f".processing-{os.getpid()}.pyz"
    subprocess.run(
        [sys.executable, str(_CODE_ASSET), str(arriving)], check=True, stdout=subprocess.DEVNULL
    )
    name = f"{hashlib.sha256(arriving.read_bytes()).hexdigest()[:16]}.pyz"
    store.publish(arriving, f"{_PLATFORM['CodeUri']}/{name}")
    return name
