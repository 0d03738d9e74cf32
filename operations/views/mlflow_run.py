"""Runs in MLflow that executions were exported to."""

from __future__ import annotations

from dataclasses import asdict

from operations.exports.mlflow_run import MlflowRun
from operations.views.printing import print_json, print_line, print_pairs


def print_mlflow_run(run: MlflowRun, *, as_json: bool) -> None:
    """Print where an execution was exported to."""
    if as_json:
        print_json(asdict(run))
        return
    verb = "exported" if run.created else "exported again"
    print_line(f"{verb}: execution {run.execution_id}")
    print_pairs(
        [
            ("experiment", run.experiment),
            ("run", run.run_id),
            *([("page", run.page)] if run.page else []),
        ]
    )
