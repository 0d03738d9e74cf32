"""``deploy``, ``endpoint``, ``invoke`` and ``undeploy``: the endpoint of an environment."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from operations.command_line.completion import complete_files
from operations.command_line.target import TargetOptions, aws_options
from operations.errors import FAILURE, SUCCESS
from operations.options import interval_option, wait_option
from processing.names import Serving


@click.command()
@click.argument("version")
@wait_option
@interval_option
@aws_options
def deploy(version: str, wait: bool, interval: float, where: TargetOptions, as_json: bool) -> int:
    """Deploy an approved model version to the endpoint.

    VERSION is a number, an ARN, or the execution that registered it. The version before answers
    until this one does, and again if the deployment fails.
    """
    from operations.aws.hosting import deployments
    from operations.aws.model_versions import AwsModelRegistry
    from operations.aws.pipelines import find_pipeline
    from operations.aws.watching.polling import Polling
    from operations.models.registry import version_to_use
    from operations.views.maintenance.endpoint import print_deployment

    with where.aws_target(version).connected() as deployment:
        registry = AwsModelRegistry(deployment, find_pipeline(deployment))
        machine = deployments.state_machine(deployment)
        found = deployments.start(deployment, machine, version_to_use(registry, version))
        if wait:
            found = deployments.wait(deployment, found, Polling(interval), quiet=as_json)
        print_deployment(deployment, found, as_json=as_json)
    return SUCCESS if found.succeeded or found.is_running else FAILURE


@click.command()
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=5,
    show_default=True,
    help="Maximum number of deployments.",
)
@aws_options
def endpoint(limit: int, where: TargetOptions, as_json: bool) -> None:
    """Show the endpoint and its last deployments, newest first.

    Shows its state, the version that it serves, its URL, and why a deployment failed.
    """
    from datetime import UTC, datetime

    from operations.aws.hosting import deployments
    from operations.aws.hosting.endpoint import find_endpoint_or_none
    from operations.views.maintenance.endpoint import print_endpoint

    with where.aws_target().connected() as deployment:
        found = find_endpoint_or_none(deployment)
        if found is None:
            machine: str | None = deployments.state_machine(deployment)
        else:
            machine = deployments.state_machine_or_none(deployment)
        listed = deployments.newest(deployment, machine, limit) if machine else []
        print_endpoint(deployment, found, listed, datetime.now(UTC), as_json=as_json)


@click.command()
@click.argument("text", shell_complete=complete_files)
@click.option("--explain", is_flag=True, help="Also request the words with their contributions.")
@click.option(
    "--content-type",
    type=click.Choice(Serving.REQUEST_TYPES),
    help="Content type of a file.  [default: by its name: .json, .jsonl, .csv, .txt]",
)
@aws_options
def invoke(
    text: str, explain: bool, content_type: str | None, where: TargetOptions, as_json: bool
) -> None:
    """Send a review, or a file with several, to the endpoint.

    TEXT is the review, - to read it from stdin, or the path of a file, which is sent as it is. The
    answer to a file is printed as the endpoint returns it, with --json as one object. `serve` and
    `predict` do the same on this machine.
    """
    from operations.aws.hosting import invocation
    from operations.models.invocation import document
    from operations.views.prediction import print_answer, print_prediction
    from operations.views.printing import print_json

    path = Path(text)
    is_file = text != "-" and _is_file(path)
    if content_type and not is_file:
        raise click.UsageError("--content-type is for files: a text is sent as JSON")
    with where.aws_target().connected() as deployment:
        if is_file:
            request = invocation.of_file(path, content_type, explain=explain, as_json=as_json)
            answer = invocation.invoke(deployment, request)
            if as_json:
                print_json(document(answer, f"endpoint {deployment.name}"))
            else:
                sys.stdout.buffer.write(answer)
            return
        given = sys.stdin.buffer.read() if text == "-" else os.fsencode(text)
        show = print_prediction if explain else print_answer
        show(invocation.predict(deployment, given, explain=explain), as_json=as_json)


@click.command()
@click.option(
    "--yes", is_flag=True, help="Delete the resources. Without this option, they are only listed."
)
@aws_options
def undeploy(yes: bool, where: TargetOptions, as_json: bool) -> int:
    """Delete the endpoint with its configurations and models.

    Versions, and what deploys the next approved one, remain; so do other environments.
    """
    from operations.aws.hosting import resources
    from operations.aws.maintenance.cleanup import delete_each
    from operations.progress import Progress
    from operations.views.maintenance.endpoint import print_removal

    with where.aws_target().connected() as deployment:
        resources.require_no_deployment(deployment)
        found = resources.find_all(deployment)
        deleted = None
        if yes and found:
            with Progress(quiet=as_json) as progress:
                resources.end_scaling(deployment)
                calls = resources.deletions(deployment, found)
                deleted = delete_each(calls, progress.set_status)
        print_removal(deployment, found, deleted, as_json=as_json)
    return FAILURE if deleted and deleted.failures else SUCCESS


def _is_file(path: Path) -> bool:
    """Whether a text is the path of a file; a review may be too long to be a path."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
