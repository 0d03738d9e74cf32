"""``start``, ``watch``, ``list``, ``logs`` and ``stop``: executions, mainly on AWS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path

import click

from operations.command_line.completion import complete_files, complete_steps
from operations.errors import FAILURE, SUCCESS
from operations.options import (
    execution_argument,
    interval_option,
    local_option,
    parameters_option,
    pipeline_options,
    preset_option,
    workdir_option,
)


@click.command()
@click.option(
    "--dataset",
    shell_complete=complete_files,
    help="Reviews to train on or to score: a local archive, table or folder, which is uploaded; an "
    "s3:// or https:// URI; or `demo`.  [default: the pipeline's dataset; required with --scoring]",
)
@preset_option
@parameters_option
@click.option("--name", "display_name", default="", help="Display name of the execution.")
@click.option(
    "--wait",
    is_flag=True,
    help="Watch the execution until it ends; exit with 1 unless it succeeds.",
)
@interval_option
@pipeline_options
def start(
    dataset: str | None,
    preset: str | None,
    parameters: Mapping[str, str],
    display_name: str,
    wait: bool,
    interval: float,
    environment: str,
    region: str | None,
    scoring: bool,
    as_json: bool,
) -> int:
    """Start an execution on AWS.

    Validates parameters against the deployed definition first.
    """
    from operations.aws import pipelines, start
    from operations.aws.client import connected
    from operations.aws.model_versions import next_command
    from operations.aws.watching.polling import Polling
    from operations.aws.watching.watch import watch
    from operations.errors import UsageError
    from operations.presets import with_preset
    from operations.progress import Progress
    from operations.views import execution as view

    if preset and scoring:
        raise UsageError("--preset can't be used with --scoring")
    request = start.StartRequest(dataset, with_preset(preset, parameters), display_name)
    with connected(environment, region, scoring=scoring) as deployment:
        pipeline = pipelines.find_pipeline(deployment)
        with Progress(quiet=as_json) as progress:
            execution = start.start(deployment, pipeline, request, progress)
        if wait:
            outcome = watch(deployment, execution, Polling(interval), quiet=as_json)
            command = "" if as_json else next_command(deployment, outcome)
            view.print_execution(outcome, as_json=as_json, next_command=command)
            return SUCCESS if outcome.succeeded else FAILURE
        started = replace(execution, console_url=pipelines.studio_url(deployment))
        command = next_command(deployment, started)
        view.print_execution(started, as_json=as_json, next_command=command)
    return SUCCESS


@click.command()
@execution_argument
@interval_option
@pipeline_options
def watch(
    execution: str | None,
    interval: float,
    environment: str,
    region: str | None,
    scoring: bool,
    as_json: bool,
) -> int:
    """Watch an execution on AWS until it ends.

    EXECUTION is an ID or ARN; default: the newest. Shows each step, and the end of the log if a job
    fails. Exits with 1 unless the execution succeeds. Ctrl-C doesn't stop the execution.
    """
    from operations.aws import executions, pipelines
    from operations.aws.client import connected
    from operations.aws.model_versions import next_command
    from operations.aws.watching.polling import Polling
    from operations.aws.watching.watch import watch as watch_execution
    from operations.views import execution as view

    with connected(environment, region, scoring=scoring) as deployment:
        found = executions.find_execution(
            deployment, pipelines.find_pipeline(deployment), execution
        )
        outcome = watch_execution(deployment, found, Polling(interval), quiet=as_json)
        command = "" if as_json else next_command(deployment, outcome)
        view.print_execution(outcome, as_json=as_json, next_command=command)
    return SUCCESS if outcome.succeeded else FAILURE


@click.command("list")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    help="Maximum number of executions.",
)
@local_option
@workdir_option
@pipeline_options
def list_executions(
    limit: int,
    local: bool,
    workdir: Path,
    environment: str,
    region: str | None,
    scoring: bool,
    as_json: bool,
) -> None:
    """List executions and their results, newest first, on AWS or local."""
    from operations.views.executions import print_executions

    if local:
        from operations.local.executions import newest

        print_executions(newest(workdir, limit, scoring=scoring), as_json=as_json)
        return
    from operations.aws import executions, pipelines, results
    from operations.aws.client import connected

    with connected(environment, region, scoring=scoring) as deployment:
        found = executions.newest_first(deployment, pipelines.find_pipeline(deployment))
        summaries = list(results.with_results(deployment, list(islice(found, limit))))
    print_executions(summaries, as_json=as_json)


@click.command()
@click.argument("step", shell_complete=complete_steps)
@click.option("--execution", help="ID or ARN of the execution.  [default: the newest]")
@click.option(
    "--lines", type=click.IntRange(min=1), show_default="all", help="Number of newest lines."
)
@click.option(
    "--follow",
    "-f",
    is_flag=True,
    help="Also show new lines until the step ends; wait for its start. With --json, print one "
    "object on each line.",
)
@click.option("--timestamps", is_flag=True, help="Begin each line with its time (UTC).")
@interval_option
@pipeline_options
def logs(
    step: str,
    execution: str | None,
    lines: int | None,
    follow: bool,
    timestamps: bool,
    interval: float,
    environment: str,
    region: str | None,
    scoring: bool,
    as_json: bool,
) -> None:
    """Print the logs of a step's jobs on AWS.

    Includes all hosts and attempts, in time order. For a cached step, prints the log of the
    execution that ran it. Ctrl-C doesn't stop the job.
    """
    from operations.aws import executions, pipelines
    from operations.aws.client import connected
    from operations.aws.watching import follow_log
    from operations.aws.watching import logs as aws_logs
    from operations.aws.watching.polling import Polling
    from operations.views.log import print_log, print_log_line

    with connected(environment, region, scoring=scoring) as deployment:
        pipeline = pipelines.find_pipeline(deployment)
        found = executions.find_execution(deployment, pipeline, execution)
        if follow:
            follow_log.follow(
                deployment,
                pipeline,
                follow_log.FollowRequest(found, step, lines),
                Polling(interval),
                partial(print_log_line, as_json=as_json, timestamps=timestamps),
                quiet=as_json,
            )
            return
        started = executions.steps(deployment.client("sagemaker"), found.arn)
        wanted = aws_logs.step_named(pipeline, started, step, found.execution_id)
        found_lines = aws_logs.lines(deployment, wanted, lines)
    print_log(wanted.name, found_lines, as_json=as_json, timestamps=timestamps)


@click.command()
@execution_argument
@pipeline_options
def stop(
    execution: str | None, environment: str, region: str | None, scoring: bool, as_json: bool
) -> None:
    """Stop a running execution on AWS, and its jobs.

    EXECUTION is an ID or ARN; default: the one that is running.
    """
    from operations.aws import executions, pipelines
    from operations.aws.client import connected
    from operations.aws.model_versions import next_command
    from operations.views import execution as view

    with connected(environment, region, scoring=scoring) as deployment:
        pipeline = pipelines.find_pipeline(deployment)
        found = executions.find_running(deployment, pipeline, execution)
        stopped = executions.stop_execution(deployment, found)
        command = next_command(deployment, stopped)
        view.print_execution(stopped, as_json=as_json, next_command=command)
