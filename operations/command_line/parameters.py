"""Options for the values of pipeline parameters.

Those given later take precedence: --like, --preset, --parameters, --parameter.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from operations.command_line.completion import complete_parameters
from operations.options import pairs

Command = Callable[..., Any]

like_option = click.option(
    "--like",
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
