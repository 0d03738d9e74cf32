"""``report``, ``approve`` and ``reject``: what was measured, and which version may be used."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from operations.options import aws_options, execution_argument, workdir_option

if TYPE_CHECKING:
    from operations.aws.model_versions import Decision

_comment_option = click.option("--comment", help="Kept with the version, up to 1024 letters.")


@click.command()
@execution_argument
@click.option(
    "--output",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Save evaluation.json here, too.",
)
@click.option(
    "--html",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Save the page for people here. [default: on AWS nowhere; here in the work folder]",
)
@click.option("--local", is_flag=True, help="An execution on this machine; so are all local-*.")
@click.option("--no-reviews", is_flag=True, help="Of a local page: leave the reviews' texts out.")
@workdir_option
@aws_options
def report(
    execution: str | None,
    output: Path | None,
    html: Path | None,
    local: bool,
    no_reviews: bool,
    workdir: Path,
    environment: str,
    region: str | None,
    as_json: bool,
) -> None:
    """Show what an execution (id or ARN; default: the newest) measured."""
    if local or (execution or "").startswith("local-"):
        from operations.local import report

        request = report.ReportRequest(execution, workdir, not no_reviews, html, output)
        report.report(request, as_json=as_json)
        return
    from operations.aws import evaluation, executions, pipelines
    from operations.aws.client import connected
    from operations.errors import CliError
    from operations.views import model as view

    with connected(environment, region) as deployment:
        found = executions.find(deployment, pipelines.deployed(deployment), execution)
        begun = executions.steps(deployment.client("sagemaker"), found.arn)
        fetched = evaluation.of_execution(deployment, found, begun)
        files = {output: fetched.content} if output else {}
        if html:
            files[html] = evaluation.page_beside(deployment, fetched)
    for path, content in files.items():
        try:
            path.write_bytes(content)
        except OSError as error:
            raise CliError(f"{path}: {error.strerror}") from None
    view.print_report(fetched, as_json)


@click.command()
@click.argument("version")
@_comment_option
@aws_options
def approve(
    version: str, comment: str | None, environment: str, region: str | None, as_json: bool
) -> None:
    """Approve a version (its number or ARN) of the model package group."""
    _decide("Approved", version, comment, environment, region, as_json)


@click.command()
@click.argument("version")
@_comment_option
@aws_options
def reject(
    version: str, comment: str | None, environment: str, region: str | None, as_json: bool
) -> None:
    """Reject a version (its number or ARN) of the model package group."""
    _decide("Rejected", version, comment, environment, region, as_json)


def _decide(
    decision: Decision,
    version: str,
    comment: str | None,
    environment: str,
    region: str | None,
    as_json: bool,
) -> None:
    from operations.aws import model_versions, pipelines
    from operations.aws.client import connected
    from operations.views import model as view

    with connected(environment, region) as deployment:
        found = model_versions.find(deployment, pipelines.deployed(deployment), version)
        measured = model_versions.measured(
            deployment, found, insist=decision == model_versions.APPROVED
        )
        model_versions.decide(deployment, found, decision, comment)
        view.print_decided(found, decision, measured, as_json)
