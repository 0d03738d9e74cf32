"""``run`` and ``show``: the pipeline on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from operations.command_line import (
    DONE,
    FAILED,
    definition_option,
    json_option,
    parameters_option,
)


@click.command()
@click.option(
    "--dataset",
    help="Reviews to train and test on: an archive (tar, tar.gz), a folder or a web address. "
    "[default: 25,000 real reviews from a package, as a demo]",
)
@parameters_option
@definition_option
@click.option(
    "--workdir",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("runs"),
    show_default=True,
    help="Folder for everything that executions leave behind.",
)
@click.option(
    "--max-parallel-steps",
    type=click.IntRange(min=1),
    show_default="as many as there are cores",
    help="How many steps run at the same time, at most.",
)
@json_option
def run(
    dataset: str | None,
    parameters: Mapping[str, str],
    definition: Path,
    workdir: Path,
    max_parallel_steps: int | None,
    as_json: bool,
) -> int:
    """Run the pipeline on this machine: no AWS account, no Docker.

    An execution that was interrupted is continued; steps whose inputs haven't changed are taken
    from the cache.
    """
    from operations import local

    request = local.Request(dataset, parameters, definition, workdir, max_parallel_steps)
    execution = local.run(request, as_json=as_json)
    return DONE if execution.status == "Succeeded" else FAILED


@click.command()
@parameters_option
@definition_option
def show(parameters: Mapping[str, str], definition: Path) -> None:
    """Show the plan: steps in order, what they depend on, and the parameters."""
    from operations import local

    local.show(definition, parameters)
