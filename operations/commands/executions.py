"""``list``, ``logs`` and ``stop``: executions on this machine and on AWS."""

from __future__ import annotations

from itertools import islice

import click

from operations.command_line.completion import complete_executions, complete_metrics, complete_steps
from operations.command_line.target import (
    AwsTarget,
    LocalTarget,
    TargetOptions,
    target_options,
)
from operations.options import execution_argument, interval_option, scoring_option


@click.command("list")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    help="Maximum number of executions.",
)
@click.option(
    "--sort",
    metavar="METRIC",
    shell_complete=complete_metrics,
    help="Sort these executions, the best first: by started, duration, or a metric of the "
    "evaluation such as accuracy.  [default: started]",
)
@scoring_option
@target_options
def list_executions(limit: int, sort: str | None, where: TargetOptions, as_json: bool) -> None:
    """List executions with their results.

    Shows the newest, and the parameters that vary between them. --limit applies before --sort.
    """
    from operations.environments import DEFAULT_ENVIRONMENT
    from operations.program import pasteable
    from operations.views.executions import print_executions

    match where.target():
        case LocalTarget() as target:
            from operations.local.executions import newest

            summaries = newest(target.workdir, limit, scoring=target.scoring)
            verb = "score" if target.scoring else "run"
            otherwise = (
                f"no executions in {target.workdir}; {pasteable(verb)} starts one, "
                f"{pasteable('list', '-e', DEFAULT_ENVIRONMENT)} lists those on AWS"
            )
        case AwsTarget() as target:
            from operations.aws import executions, pipelines, results

            with target.connected() as deployment:
                pipeline = pipelines.find_pipeline(deployment)
                found = list(islice(executions.newest_first(deployment, pipeline), limit))
                summaries = list(results.with_results(deployment, pipeline, found))
                otherwise = f"no executions of {deployment.pipeline} in {deployment.place}"
    print_executions(summaries, sort=sort, otherwise=otherwise, as_json=as_json)


@click.command()
@click.argument("step", required=False, shell_complete=complete_steps)
@click.option(
    "--execution",
    shell_complete=complete_executions,
    help="ID or ARN of the execution.  [default: the newest]",
)
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
@scoring_option
@target_options
def logs(
    step: str | None,
    execution: str | None,
    lines: int | None,
    follow: bool,
    timestamps: bool,
    interval: float,
    where: TargetOptions,
    as_json: bool,
) -> None:
    """Print the logs of a step's jobs.

    STEP is by default the step that failed, else the one that runs.

    Includes all hosts and attempts: on AWS in time order, on this machine one file after the other,
    without times. For a cached step, prints the log of the execution that ran it. Ctrl-C doesn't
    stop the job.
    """
    from operations.views.log import LogPrinter, print_log

    printer = LogPrinter(as_json=as_json, timestamps=timestamps)
    remedy: tuple[str, ...] = ()
    match where.target(execution):
        case LocalTarget() as target:
            from operations.errors import UsageError
            from operations.local.watching import logs as local_logs

            if timestamps:
                raise UsageError("--timestamps doesn't apply: logs on this machine have no times")
            local = local_logs.LogRequest(target.workdir, execution, step, lines, target.scoring)
            if follow:
                local_logs.follow(local, printer.print, quiet=as_json)
                return
            name, found = local_logs.read(local)
        case AwsTarget() as target:
            from operations.aws import executions, pipelines
            from operations.aws.watching import follow_log
            from operations.aws.watching import logs as aws_logs
            from operations.aws.watching.polling import Polling

            with target.connected() as deployment:
                pipeline = pipelines.find_pipeline(deployment)
                on_aws = executions.find_execution(deployment, pipeline, execution)
                sagemaker = deployment.client("sagemaker")
                following = follow and step  # that lists the steps itself
                started = [] if following else executions.steps(sagemaker, on_aws.arn)
                step = step or aws_logs.default_step(started)
                if follow:
                    follow_log.follow(
                        deployment,
                        pipeline,
                        follow_log.FollowRequest(on_aws, step, lines),
                        Polling(interval),
                        printer.print,
                        quiet=as_json,
                    )
                    return
                wanted = aws_logs.step_named(pipeline, started, step, on_aws.execution_id)
                aws_lines = aws_logs.lines(deployment, wanted, lines)
                name, found, remedy = wanted.name, aws_lines, aws_logs.remedies(wanted, aws_lines)
    print_log(name, found, as_json=as_json, timestamps=timestamps)
    for line in remedy:
        click.echo(line, err=True)


@click.command()
@execution_argument
@scoring_option
@target_options
def stop(execution: str | None, where: TargetOptions, as_json: bool) -> None:
    """Stop a running execution and its jobs.

    EXECUTION is an ID or ARN; default: the one that is running.
    """
    from operations.views.execution import print_execution

    match where.target(execution):
        case LocalTarget() as target:
            from operations.local.executions import stop as stop_local
            from operations.local.model_versions import LocalModelRegistry

            stopped = stop_local(target.workdir, execution, scoring=target.scoring)
            command = LocalModelRegistry(target.workdir).next_command(stopped)
            print_execution(stopped, as_json=as_json, next_command=command)
        case AwsTarget() as target:
            from operations.aws import executions, pipelines
            from operations.aws.model_versions import next_command

            with target.connected() as deployment:
                pipeline = pipelines.find_pipeline(deployment)
                found = executions.find_running(deployment, pipeline, execution)
                stopped = executions.stop_execution(deployment, found)
                command = next_command(deployment, stopped)
                print_execution(stopped, as_json=as_json, next_command=command)
