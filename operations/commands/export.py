"""``export``: executions in other tools."""

from __future__ import annotations

from pathlib import Path

import click

from operations.command_line.target import TargetOptions
from operations.options import execution_argument, json_option, workdir_option


@click.group()
def export() -> None:
    """Export a local execution to another tool."""


@export.command()
@execution_argument
@click.option(
    "--tracking-uri",
    envvar="MLFLOW_TRACKING_URI",
    show_envvar=True,
    required=True,
    metavar="URI",
    help="MLflow's tracking server, such as https://mlflow.example.com, or a folder.",
)
@click.option(
    "--experiment",
    envvar="MLFLOW_EXPERIMENT_NAME",
    show_envvar=True,
    default="sentiment",
    show_default=True,
    metavar="NAME",
    help="Experiment of the run; created if it doesn't exist.",
)
@workdir_option
@json_option
def mlflow(
    execution: str | None, tracking_uri: str, experiment: str, workdir: Path, as_json: bool
) -> None:
    """Export an execution to MLflow: parameters, metrics, report, model.

    EXECUTION is an ID or ARN; default: the newest with an evaluation. Exporting it again updates
    the same MLflow run. Needs MLflow's client, which `make mlflow` installs.
    """
    from operations.exports.mlflow_run import export_to_mlflow
    from operations.views.mlflow_run import print_mlflow_run

    target = TargetOptions(workdir=workdir).local_target(execution)
    exported = export_to_mlflow(target.workdir, execution, tracking_uri, experiment)
    print_mlflow_run(exported, as_json=as_json)
