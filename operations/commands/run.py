"""``run``: the training pipeline, or a part of it, on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from operations.command_line.completion import (
    complete_executions,
    complete_files,
    complete_steps,
)
from operations.command_line.parameters import like_option, parameters_options, values_like
from operations.command_line.selection import reuse_option, selection_options
from operations.command_line.target import TargetOptions
from operations.errors import FAILURE, SUCCESS
from operations.options import (
    definition_option,
    dry_run_option,
    json_option,
    pairs,
    preset_option,
    workdir_option,
)

if TYPE_CHECKING:
    from local_runner.selection import Selection
    from operations.execution_summary import ExecutionSummary


@click.command()
@click.option(
    "--dataset",
    shell_complete=complete_files,
    help="Reviews to train and test on: an archive (tar, zip), a table (csv, json, parquet), a "
    "folder, or an https:// URI.  [default: that of the repeated execution or the reused results, "
    "else the demo dataset]",
)
@like_option
@preset_option
@parameters_options
@definition_option
@click.option(
    "--input",
    "inputs",
    multiple=True,
    metavar="S3_URI=PATH",
    help="Use a local folder or file as the objects below an S3 URI, for definitions whose steps "
    "read other data than the dataset. Can be repeated.",
)
@click.option(
    "--handler",
    "handlers",
    multiple=True,
    metavar="STEP=MODULE:FUNCTION",
    callback=pairs,
    help="Run a Lambda or Callback step by a Python function in the current folder, called with "
    "the step's arguments as a dict; it returns the step's outputs. Can be repeated.",
)
@selection_options
@reuse_option(shell_complete=complete_executions)
@workdir_option
@click.option(
    "--max-parallel-steps",
    type=click.IntRange(min=1),
    show_default="number of CPU cores",
    help="Maximum number of steps that run at the same time.",
)
@click.option(
    "--debug",
    metavar="STEP",
    shell_complete=complete_steps,
    help="Run this step's program in the foreground, where breakpoint() can read the terminal; "
    "print its command and environment, and keep its folder.",
)
@click.option(
    "--watch",
    "is_watching",
    is_flag=True,
    help="Run again whenever the jobs' code, the definition, local data or functions change, from "
    "the first steps that a change affects. Ctrl-C ends.",
)
@dry_run_option
@json_option
def run(
    dataset: str | None,
    like: str | None,
    preset: str | None,
    parameters: Mapping[str, str],
    definition: Path,
    inputs: tuple[str, ...],
    handlers: Mapping[str, str],
    selection: Selection,
    reuse: str | None,
    workdir: Path,
    max_parallel_steps: int | None,
    debug: str | None,
    is_watching: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Run the training pipeline on this machine.

    Needs neither an AWS account nor Docker. Continues an interrupted execution. Uses cached results
    for steps whose inputs haven't changed.

    --only, --from and --until select steps; together, those that all of them include. Results that
    these need are reused from an earlier execution, and so are the parameter values that they were
    made with, unless others are given.
    """
    from operations.local.model_versions import LocalModelRegistry
    from operations.local.running.run import RunRequest, run_training, training_request
    from operations.presets import with_preset
    from operations.views.execution import print_execution

    modes = {"--debug": debug, "--watch": is_watching, "--dry-run": dry_run}
    if len(given := [name for name, value in modes.items() if value]) > 1:
        raise click.UsageError(f"{' and '.join(given)} can't be combined")
    request = RunRequest(
        dataset,
        with_preset(preset, parameters),
        definition,
        workdir,
        1 if debug else max_parallel_steps,
        inputs=inputs,
        handlers=handlers,
        selection=selection,
        reuse=reuse,
        debug=debug,
        like=like,
        repeated=values_like(like, TargetOptions(), workdir),
    )
    if dry_run:
        from operations.local.running.dry_run import forecast_run
        from operations.views.forecast import print_forecast

        forecast = forecast_run(training_request(request))
        print_forecast(forecast.steps, forecast.plan.parameters, forecast.notes, as_json=as_json)
        return SUCCESS

    def report(summary: ExecutionSummary) -> None:
        command = LocalModelRegistry(workdir).next_command(summary)
        print_execution(summary, as_json=as_json, next_command=command)

    if is_watching:
        from operations.local.rerunning.watch import watch

        watch(request, report, quiet=as_json)
    summary = run_training(request, quiet=as_json)
    report(summary)
    return SUCCESS if summary.succeeded else FAILURE
