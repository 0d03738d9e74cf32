"""``cost``, ``clean`` and ``preflight``: maintenance of an environment."""

from __future__ import annotations

import click

from operations.command_line.target import TargetOptions, aws_options
from operations.errors import FAILURE, SUCCESS
from operations.options import (
    DEFINITION,
    SCORE_DEFINITION,
    execution_argument,
    scoring_option,
)


@click.command()
@execution_argument
@scoring_option
@aws_options
def cost(execution: str | None, where: TargetOptions, as_json: bool) -> None:
    """Show the cost of an execution's jobs on AWS.

    EXECUTION is an ID or ARN; default: the newest.
    """
    from datetime import UTC, datetime

    from operations.aws import executions, pipelines
    from operations.aws.jobs import kind_of
    from operations.aws.maintenance import costs
    from operations.views import maintenance as view

    with where.aws_target(execution).connected() as deployment:
        found = executions.find_execution(
            deployment, pipelines.find_pipeline(deployment), execution
        )
        steps = executions.steps(deployment.client("sagemaker"), found.arn)
        cached = [step for step in steps if step.cached and kind_of(step)]
        jobs = list(costs.of_steps(deployment, steps, datetime.now(UTC)))
        view.print_costs(found, cached, jobs, deployment.region, as_json=as_json)


@click.command()
@click.option(
    "--pending",
    is_flag=True,
    help="Also delete versions that wait for approval, except the newest.",
)
@click.option(
    "--all-versions",
    is_flag=True,
    help="Delete every version. Use before deleting the stack.",
)
@click.option("--logs", is_flag=True, help="Also delete the jobs' log streams.")
@click.option(
    "--yes", is_flag=True, help="Delete the resources. Without this option, they are only listed."
)
@aws_options
def clean(
    pending: bool,
    all_versions: bool,
    logs: bool,
    yes: bool,
    where: TargetOptions,
    as_json: bool,
) -> int:
    """Delete models and unused model versions on AWS.

    Keeps approved versions, versions that wait for approval, the newest version, and log streams.
    Never deletes objects in the bucket. Also works after the stack was deleted.
    """
    from operations.aws.maintenance import cleanup
    from operations.progress import Progress
    from operations.views import maintenance as view

    with where.aws_target().connected() as deployment:
        found = cleanup.find_leftovers(
            deployment, pending=pending, all_versions=all_versions, logs=logs
        )
        deleted = None
        if yes:
            with Progress(quiet=as_json) as progress:
                deleted = cleanup.delete(deployment, found, progress.set_status)
    view.print_cleanup(found, deleted, as_json=as_json)
    return FAILURE if deleted and deleted.failures else SUCCESS


@click.command()
@scoring_option
@aws_options
def preflight(where: TargetOptions, as_json: bool) -> int:
    """Check the AWS account and the deployment.

    Checks credentials, region, CDK bootstrap, pipeline, bucket, default dataset (with --scoring:
    approved version), quotas and images. Exits with 1 if a check fails; warnings don't count.
    """
    from operations.aws.maintenance import preflight as aws_preflight
    from operations.views import maintenance as view

    committed = SCORE_DEFINITION if where.scoring else DEFINITION
    done = []
    with where.aws_target().connected() as deployment:
        for check in aws_preflight.checks(deployment, committed.read_text(encoding="utf-8")):
            done.append(check)
            if not as_json:
                view.print_check(check)
    if as_json:
        view.print_checks(done)
    return FAILURE if any(check.status == "failed" for check in done) else SUCCESS
