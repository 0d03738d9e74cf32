"""Options for the values of pipeline parameters.

Those given later take precedence: --like, --preset, --parameters, --parameter.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from operations.command_line.completion import complete_executions, complete_parameters
from operations.command_line.target import AwsTarget, LocalTarget, TargetOptions
from operations.options import pairs
from operations.program import WORKDIR

Command = Callable[..., Any]

like_option = click.option(
    "--like",
    shell_complete=complete_executions,
    metavar="EXECUTION",
    help="Repeat the parameter values of an execution, on this machine or on AWS. --preset, "
    "--parameters and --parameter override them.",
)


def parameters_options(command: Command) -> Command:
    """Add --parameters and --parameter; the command gets all values as ``parameters``."""

    @click.option(
        "--parameters",
        "file",
        type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
        help="Set the pipeline parameters in a JSON file, of the form that `aws sagemaker "
        "start-pipeline-execution` takes; - reads stdin.",
    )
    @click.option(
        "--parameter",
        "given",
        multiple=True,
        metavar="NAME=VALUE",
        callback=pairs,
        shell_complete=complete_parameters,
        help="Set a pipeline parameter; overrides --parameters. Can be repeated.",
    )
    @wraps(command)
    def call(file: Path | None, given: dict[str, str], **options: Any) -> Any:
        from operations.parameter_files import read_parameters

        values = read_parameters(file) if file else {}
        return command(parameters={**values, **given}, **options)

    return call


def values_like(
    execution: str | None,
    where: TargetOptions,
    workdir: Path = WORKDIR,
    *,
    instance_types: bool = True,
) -> dict[str, str]:
    """Return the parameter values that repeat an execution, given by its ID or ARN.

    Values that a deployment sets aren't among them. where: the options for an ID on AWS.
    instance_types: whether to repeat those of a local execution, which used no such instances.
    Raise UsageError if there is no such execution.
    """
    from operations.local.deployment_values import chosen_values

    if execution is None:
        return {}
    match where.target_of_other(execution):
        case LocalTarget():
            from local_runner.workdir import Workdir
            from operations.local.results import load_execution

            found = load_execution(Workdir(workdir.resolve()), execution)
            return {
                name: value
                for name, value in chosen_values(found.parameters).items()
                if instance_types or not name.endswith("InstanceType")
            }
        case AwsTarget() as target:
            from operations.aws import executions, pipelines

            with target.connected() as deployment:
                pipeline = pipelines.find_pipeline(deployment)
                found_arn = executions.find_execution(deployment, pipeline, execution).arn
                sagemaker = deployment.client("sagemaker")
                defaults = pipelines.defaults(executions.definition(sagemaker, found_arn))
                known = {name: value for name, value in defaults.items() if value is not None}
                return chosen_values(known | executions.parameters(sagemaker, found_arn))
