"""``start``, ``watch``, ``list``, ``logs`` and ``stop``: executions on AWS."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

import click

from operations.options import (
    DONE,
    FAILED,
    execution_argument,
    interval_option,
    parameters_option,
    pipeline_options,
    preset_option,
)


@click.command()
@click.option(
    "--dataset",
    help="Reviews to train and test on, or to score: an archive (tar, tar.gz), a table (csv, "
    "jsonl, parquet) or a folder, which is uploaded once; an s3:// or https:// address; or `demo` "
    "for 25,000 real reviews from a package. [default: the pipeline's; scoring has none]",
)
@preset_option
@parameters_option
@click.option("--name", "display_name", default="", help="Name that the console shows.")
@click.option("--wait", is_flag=True, help="Watch it; exit code 1 unless it succeeds.")
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

    Parameters are checked against the deployed definition before anything happens.
    """
    from operations.aws import pipelines, start
    from operations.aws.client import connected
    from operations.aws.watch import Pace, watched
    from operations.errors import UsageError
    from operations.presets import with_preset
    from operations.progress import Progress
    from operations.views import execution as view

    if preset and scoring:
        raise UsageError("--preset is about training; scoring takes the version as it is")
    request = start.Request(dataset, with_preset(preset, parameters), display_name)
    with connected(environment, region, scoring=scoring) as deployment:
        pipeline = pipelines.deployed(deployment)
        with Progress(quiet=as_json) as progress:
            execution = start.start(deployment, pipeline, request, progress)
        if wait:
            outcome = watched(deployment, execution, Pace(interval), quiet=as_json)
            view.print_watched(outcome, as_json)
            return DONE if outcome.execution.succeeded else FAILED
        hint = deployment.hint("watch", execution.execution_id)
        view.print_started(execution, pipelines.console_url(deployment), hint, as_json)
    return DONE


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
    """Watch an execution (id or ARN; default: the newest) to its end.

    Shows the steps and, of a job that fails, the end of its log. Exit code 1 unless it succeeds.
    Ctrl-C ends the watching, not the execution.
    """
    from operations.aws import executions, pipelines
    from operations.aws.client import connected
    from operations.aws.watch import Pace, watched
    from operations.views import execution as view

    with connected(environment, region, scoring=scoring) as deployment:
        found = executions.find(deployment, pipelines.deployed(deployment), execution)
        outcome = watched(deployment, found, Pace(interval), quiet=as_json)
        view.print_watched(outcome, as_json)
    return DONE if outcome.execution.succeeded else FAILED


@click.command("list")
@click.option(
    "--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many at most."
)
@pipeline_options
def list_executions(
    limit: int, environment: str, region: str | None, scoring: bool, as_json: bool
) -> None:
    """List executions, newest first."""
    from operations.aws import executions, pipelines
    from operations.aws.client import connected
    from operations.views import execution as view

    with connected(environment, region, scoring=scoring) as deployment:
        newest = executions.newest_first(deployment, pipelines.deployed(deployment))
        view.print_executions(list(islice(newest, limit)), as_json)


@click.command()
@click.argument("step")
@click.option("--execution", help="Its id or ARN. [default: the newest]")
@click.option(
    "--lines", type=click.IntRange(min=1), help="Only so many, the newest. [default: all]"
)
@pipeline_options
def logs(
    step: str,
    execution: str | None,
    lines: int | None,
    environment: str,
    region: str | None,
    scoring: bool,
    as_json: bool,
) -> None:
    """Print what the jobs of a step have written, on all hosts, in time order.

    Earlier attempts of a step that was tried again are included; of a cached step it is the log of
    the execution that did the work.
    """
    from operations.aws import executions, pipelines
    from operations.aws import logs as aws_logs
    from operations.aws.client import connected
    from operations.views import execution as view

    with connected(environment, region, scoring=scoring) as deployment:
        found = executions.find(deployment, pipelines.deployed(deployment), execution)
        begun = executions.steps(deployment.client("sagemaker"), found.arn)
        wanted = aws_logs.step_named(begun, step, found.execution_id)
        view.print_log(wanted.name, aws_logs.lines(deployment, wanted, lines), as_json)


@click.command()
@execution_argument
@pipeline_options
def stop(
    execution: str | None, environment: str, region: str | None, scoring: bool, as_json: bool
) -> None:
    """Ask a running execution (id or ARN; default: the newest) to end.

    Its job is stopped too, which takes a minute or two.
    """
    from operations.aws import executions, pipelines
    from operations.aws.client import connected
    from operations.views import execution as view

    with connected(environment, region, scoring=scoring) as deployment:
        found = executions.find(deployment, pipelines.deployed(deployment), execution)
        if found.is_running:
            found = executions.stop(deployment, found)
        view.print_stopped(found, deployment.hint("watch", found.execution_id), as_json)
