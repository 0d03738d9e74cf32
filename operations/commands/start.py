"""``start`` and ``watch``: executions on AWS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from operations.command_line.completion import complete_files
from operations.command_line.parameters import like_option, parameters_options, values_like
from operations.command_line.selection import aws_selection_options, reuse_option
from operations.command_line.target import TargetOptions, aws_options
from operations.errors import FAILURE, SUCCESS
from operations.options import (
    aws_execution_argument,
    dry_run_option,
    interval_option,
    max_cost_option,
    preset_option,
    scoring_option,
    wait_option,
)

if TYPE_CHECKING:
    from local_runner.selection import Selection


@click.command()
@click.option(
    "--dataset",
    shell_complete=complete_files,
    help="Reviews to train on or to score: a local archive, table or folder, which is uploaded; an "
    "s3:// or https:// URI; or `demo`.  [default: that of the repeated execution or the reused "
    "results, else the pipeline's; required with --scoring]",
)
@like_option
@preset_option
@parameters_options
@aws_selection_options
@reuse_option()
@click.option("--name", "display_name", default="", help="Display name of the execution.")
@max_cost_option
@wait_option
@interval_option
@dry_run_option
@scoring_option
@aws_options
def start(
    dataset: str | None,
    like: str | None,
    preset: str | None,
    parameters: Mapping[str, str],
    selection: Selection,
    reuse: str | None,
    display_name: str,
    max_cost: float | None,
    wait: bool,
    interval: float,
    dry_run: bool,
    where: TargetOptions,
    as_json: bool,
) -> int:
    """Start an execution on AWS.

    Validates parameters against the deployed definition first, and shows the expected cost: at
    most, because steps whose results are cached cost nothing.

    --only, --from and --until select steps; together, those that all of them include. Results that
    these need are reused from an earlier execution, and so are the parameter values that they were
    made with, unless others are given.
    """
    from operations.aws import pipelines, start
    from operations.aws.model_versions import next_command
    from operations.aws.watching.polling import Polling
    from operations.aws.watching.watch import watch
    from operations.errors import UsageError
    from operations.presets import with_preset
    from operations.progress import Progress
    from operations.views import execution as view

    if preset and where.scoring:
        raise UsageError("--preset can't be used with --scoring")
    request = start.StartRequest(
        dataset,
        with_preset(preset, parameters),
        display_name,
        selection,
        reuse,
        like,
        max_cost,
        values_like(like, where, instance_types=False),
    )
    with where.aws_target(reuse).connected() as deployment:
        pipeline = pipelines.find_pipeline(deployment)
        if dry_run:
            from operations.aws.dry_run import forecast_start
            from operations.views.forecast import print_forecast

            found = forecast_start(deployment, pipeline, request)
            print_forecast(
                found.steps,
                found.plan.parameters,
                found.notes,
                found.expected_cost,
                as_json=as_json,
            )
            return SUCCESS
        with Progress(quiet=as_json) as progress:
            execution = start.start(deployment, pipeline, request, progress)
        if wait:
            outcome = watch(deployment, execution, Polling(interval), quiet=as_json)
            outcome = replace(outcome, expected_cost=execution.expected_cost)
            command = "" if as_json else next_command(deployment, outcome)
            view.print_execution(outcome, as_json=as_json, next_command=command)
            return SUCCESS if outcome.succeeded else FAILURE
        started = replace(execution, console_url=pipelines.studio_url(deployment))
        command = next_command(deployment, started)
        view.print_execution(started, as_json=as_json, next_command=command)
    return SUCCESS


@click.command()
@aws_execution_argument
@interval_option
@scoring_option
@aws_options
def watch(
    execution: str | None,
    interval: float,
    where: TargetOptions,
    as_json: bool,
) -> int:
    """Watch an execution on AWS until it ends.

    EXECUTION is an ID or ARN; default: the newest. Shows each step, and the end of the log if a job
    fails. Exits with 1 unless the execution succeeds. Ctrl-C doesn't stop the execution.
    """
    from operations.aws import executions, pipelines
    from operations.aws.model_versions import next_command
    from operations.aws.watching.polling import Polling
    from operations.aws.watching.watch import watch as watch_execution
    from operations.views import execution as view

    with where.aws_target(execution).connected() as deployment:
        found = executions.find_execution(
            deployment, pipelines.find_pipeline(deployment), execution
        )
        outcome = watch_execution(deployment, found, Polling(interval), quiet=as_json)
        command = "" if as_json else next_command(deployment, outcome)
        view.print_execution(outcome, as_json=as_json, next_command=command)
    return SUCCESS if outcome.succeeded else FAILURE
