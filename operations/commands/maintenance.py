"""``cost``, ``prices``, ``clean`` and ``preflight``: maintenance of an environment."""

from __future__ import annotations

import click

from operations.command_line.target import (
    AwsTarget,
    LocalTarget,
    TargetOptions,
    aws_options,
    target_options,
)
from operations.errors import FAILURE, SUCCESS
from operations.options import (
    DEFINITION,
    SCORE_DEFINITION,
    aws_execution_argument,
    scoring_option,
)


@click.command()
@aws_execution_argument
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
    from operations.views.maintenance.costs import print_costs

    with where.aws_target(execution).connected() as deployment:
        found = executions.find_execution(
            deployment, pipelines.find_pipeline(deployment), execution
        )
        steps = executions.steps(deployment.client("sagemaker"), found.arn)
        free = [step for step in steps if kind_of(step) and not step.was_performed]
        jobs = list(costs.of_steps(deployment, steps, datetime.now(UTC)))
        print_costs(found, free, jobs, deployment.region, as_json=as_json)


@click.command()
@click.option(
    "--refresh",
    is_flag=True,
    help="Get the prices of all regions from AWS's Price List API first, and store them in "
    "pipeline_diff/prices.json.",
)
@aws_options
def prices(refresh: bool, where: TargetOptions, as_json: bool) -> None:
    """Show the prices of SageMaker instances in the environment's region.

    `start`, `retry`, `cost` and `diff` use them.
    """
    from operations.output_files import save
    from operations.views.maintenance.prices import print_prices
    from pipeline_diff.prices import PATH, price_table

    with where.aws_target().connected() as deployment:
        table = price_table()
        if refresh:
            from operations.aws.pricing.price_list import latest_prices

            table = latest_prices(deployment)
            save("--refresh", PATH, table.text.encode())
            price_table.cache_clear()
        print_prices(table, deployment.region, as_json=as_json)


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
@click.option("--logs", is_flag=True, help="Also delete the jobs' log streams, on AWS.")
@click.option(
    "--yes", is_flag=True, help="Delete the resources. Without this option, they are only listed."
)
@target_options
def clean(
    pending: bool, all_versions: bool, logs: bool, yes: bool, where: TargetOptions, as_json: bool
) -> int:
    """Delete what executions have left and nothing uses any more.

    Keeps approved versions, versions that wait for approval, and the newest version.
    On this machine: also the newest execution of each pipeline and those that registered kept
    versions; deletes other executions with their outputs, and cached results, datasets and code
    that nothing else uses. On AWS: deletes models, versions, endpoints and configurations that no
    deployment needs, and results that `compare` and `feedback` downloaded; never objects in the
    bucket or, without --logs, log streams; also works after the stack was deleted.
    """
    from operations.progress import Progress

    match where.target():
        case LocalTarget(workdir=workdir):
            from operations.errors import UsageError
            from operations.local.maintenance import cleanup as local_cleanup
            from operations.views.maintenance.local_cleanup import print_local_cleanup

            if logs:
                raise UsageError("--logs doesn't apply: local executions are deleted with logs")
            leftovers = local_cleanup.find_leftovers(
                workdir, pending=pending, all_versions=all_versions
            )
            failures = None
            if yes:
                with Progress(quiet=as_json) as progress:
                    failures = local_cleanup.delete(leftovers, progress.set_status)
            print_local_cleanup(leftovers, failures, as_json=as_json)
            return FAILURE if failures else SUCCESS
        case AwsTarget() as target:
            from operations.aws.maintenance import cleanup
            from operations.views.maintenance.cleanup import print_cleanup

            with target.connected() as deployment:
                found = cleanup.find_leftovers(
                    deployment, pending=pending, all_versions=all_versions, logs=logs
                )
                deleted = None
                if yes:
                    with Progress(quiet=as_json) as progress:
                        deleted = cleanup.delete(deployment, found, progress.set_status)
            print_cleanup(found, deleted, as_json=as_json)
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
    from operations.views.maintenance.checks import print_check, print_checks

    committed = SCORE_DEFINITION if where.scoring else DEFINITION
    done = []
    with where.aws_target().connected() as deployment:
        for check in aws_preflight.checks(deployment, committed.read_text(encoding="utf-8")):
            done.append(check)
            if not as_json:
                print_check(check)
    if as_json:
        print_checks(done)
    return FAILURE if any(check.status == "failed" for check in done) else SUCCESS
