"""``cost``, ``clean`` and ``preflight``: what it takes to keep an environment."""

from __future__ import annotations

import click

from operations.options import (
    DEFINITION,
    DONE,
    FAILED,
    SCORE_DEFINITION,
    aws_options,
    execution_argument,
    pipeline_options,
)


@click.command()
@execution_argument
@pipeline_options
def cost(
    execution: str | None, environment: str, region: str | None, scoring: bool, as_json: bool
) -> None:
    """Show what the jobs of an execution (id or ARN; default: the newest) have cost."""
    from datetime import UTC, datetime

    from operations.aws import costs, executions, pipelines
    from operations.aws.client import connected
    from operations.aws.jobs import kind_of
    from operations.views import maintenance as view

    with connected(environment, region, scoring=scoring) as deployment:
        found = executions.find(deployment, pipelines.deployed(deployment), execution)
        steps = executions.steps(deployment.client("sagemaker"), found.arn)
        cached = [step for step in steps if step.cached and kind_of(step)]
        jobs = list(costs.of_steps(deployment, steps, datetime.now(UTC)))
        view.print_costs(found, cached, jobs, deployment.region, as_json)


@click.command()
@click.option(
    "--all-versions",
    is_flag=True,
    help="Remove approved versions and the newest, too: before the stack is deleted.",
)
@click.option("--logs", is_flag=True, help="Remove the jobs' log streams, too.")
@click.option("--yes", is_flag=True, help="Remove it; without this, only show what would go.")
@aws_options
def clean(
    all_versions: bool,
    logs: bool,
    yes: bool,
    environment: str,
    region: str | None,
    as_json: bool,
) -> int:
    """Remove what executions have left behind: models, and versions that nobody uses.

    Versions that are approved are kept, and the newest; log streams are kept unless --logs. Objects
    in the bucket expire by themselves. Works after the stack has been deleted, too.
    """
    from operations.aws import cleanup
    from operations.aws.client import connected
    from operations.progress import Progress
    from operations.views import maintenance as view

    with connected(environment, region) as deployment:
        found = cleanup.remains(deployment, all_versions=all_versions, logs=logs)
        removed = None
        if yes:
            with Progress(quiet=as_json) as progress:
                removed = cleanup.remove(deployment, found, progress.now)
    view.print_remains(found, removed, as_json)
    return FAILED if removed and removed.failures else DONE


@click.command()
@pipeline_options
def preflight(environment: str, region: str | None, scoring: bool, as_json: bool) -> int:
    """Look for what would fail before it does: credentials, quotas, images and more.

    Exit code 1 if a check failed; a warning is none.
    """
    from operations.aws import preflight as aws_preflight
    from operations.aws.client import connected
    from operations.views import maintenance as view

    committed = SCORE_DEFINITION if scoring else DEFINITION
    done = []
    with connected(environment, region, scoring=scoring) as deployment:
        for check in aws_preflight.checks(deployment, committed.read_text(encoding="utf-8")):
            done.append(check)
            if not as_json:
                view.print_check(check)
    if as_json:
        view.print_checks(done)
    return FAILED if any(check.status == "failed" for check in done) else DONE
