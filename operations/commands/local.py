"""``run`` and ``show``: the pipeline on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from operations.options import (
    DONE,
    FAILED,
    definition_option,
    json_option,
    parameters_option,
    preset_option,
    workdir_option,
)


@click.command()
@click.option(
    "--dataset",
    help="Reviews to train and test on: an archive (tar, tar.gz), a table (csv, jsonl, parquet), a "
    "folder or a web address. [default: 25,000 real reviews from a package, as a demo]",
)
@preset_option
@parameters_option
@definition_option
@workdir_option
@click.option(
    "--max-parallel-steps",
    type=click.IntRange(min=1),
    show_default="as many as there are cores",
    help="How many steps run at the same time, at most.",
)
@json_option
def run(
    dataset: str | None,
    preset: str | None,
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
    from operations.local import training
    from operations.local.run_pipeline import Request
    from operations.presets import with_preset

    chosen = with_preset(preset, parameters)
    request = Request(dataset, chosen, definition, workdir, max_parallel_steps)
    execution = training.run(request, as_json=as_json)
    return DONE if execution.status == "Succeeded" else FAILED


@click.command()
@preset_option
@parameters_option
@definition_option
def show(preset: str | None, parameters: Mapping[str, str], definition: Path) -> None:
    """Show the plan: steps in order, what they depend on, and the parameters."""
    from operations.local import training
    from operations.presets import with_preset

    training.show(definition, with_preset(preset, parameters))
