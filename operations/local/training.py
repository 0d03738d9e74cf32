"""``run`` and ``show``: the training pipeline on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from local_runner.execution.record import PipelineExecution
from local_runner.workdir import Workdir
from operations.errors import UsageError
from operations.local.deployment_values import DATASET
from operations.local.run_pipeline import Request, execute, shown
from operations.local.summary import Summary
from operations.views import plan_tree


def run(request: Request, as_json: bool) -> PipelineExecution:
    """Runs the pipeline, showing progress on stderr and the summary on stdout.

    Raises UsageError or CliError before anything ran, DatasetError for the dataset.
    """
    if request.dataset and DATASET in request.parameters:
        raise UsageError(f"--dataset and --parameter {DATASET}=... say the same; give one")
    execution = execute(request, quiet=as_json)
    is_demo = request.dataset is None and DATASET not in request.parameters
    summary = Summary.of(execution, Workdir(request.workdir.resolve()), demo=is_demo)
    summary.print_json() if as_json else summary.print()
    return execution


def show(definition: Path, parameters: Mapping[str, str]) -> None:
    """Prints the plan as a tree. Raises UsageError."""
    plan_tree.print_plan(shown(definition, parameters))
