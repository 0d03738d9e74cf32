"""``report``, ``approve`` and ``reject``: evaluation and approval of models."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from operations.options import aws_options, execution_argument, workdir_option

if TYPE_CHECKING:
    from operations.aws.model_versions import Decision

_comment_option = click.option(
    "--comment", help="Comment to store with the version, up to 1024 characters."
)


@click.command()
@execution_argument
@click.option(
    "--output",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Also save evaluation.json to this path.",
)
@click.option(
    "--html",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Save the HTML report to this path.  [default: the work folder for local executions; not "
    "saved for AWS executions]",
)
@click.option(
    "--local", is_flag=True, help="Use a local execution. Implied by an ID that starts with local-."
)
@click.option(
    "--no-reviews", is_flag=True, help="Omit reviews from the HTML report of a local execution."
)
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
    """Show the evaluation of an execution, on AWS or local.

    EXECUTION is an ID or ARN; default: the newest.
    """
    from operations.views.model import print_report

    if local or (execution or "").startswith("local-"):
        from operations.local.report import ReportRequest, render_report

        request = ReportRequest(execution, workdir, not no_reviews, html)
        evaluation, page = render_report(request)
        _save({output: evaluation.content})
        print_report(evaluation, as_json=as_json, html=str(page.absolute()))
        return
    from operations.aws import executions, pipelines, results
    from operations.aws.client import connected

    with connected(environment, region) as deployment:
        found = executions.find_execution(
            deployment, pipelines.find_pipeline(deployment), execution
        )
        steps = executions.steps(deployment.client("sagemaker"), found.arn)
        evaluation = results.evaluation_report(deployment, found, steps)
        page_content = results.html_report(deployment, evaluation) if html else b""
    _save({output: evaluation.content, html: page_content})
    print_report(evaluation, as_json=as_json)


def _save(files: Mapping[Path | None, bytes]) -> None:
    """Write each file whose path isn't None."""
    from operations.errors import CliError

    for path, content in files.items():
        try:
            if path:
                path.write_bytes(content)
        except OSError as error:
            raise CliError(f"{path}: {error.strerror}") from None


@click.command()
@click.argument("version")
@_comment_option
@aws_options
def approve(
    version: str, comment: str | None, environment: str, region: str | None, as_json: bool
) -> None:
    """Approve a model version on AWS.

    VERSION is a number, an ARN, or the execution that registered it.
    """
    _decide("Approved", version, comment, environment, region, as_json)


@click.command()
@click.argument("version")
@_comment_option
@aws_options
def reject(
    version: str, comment: str | None, environment: str, region: str | None, as_json: bool
) -> None:
    """Reject a model version on AWS.

    VERSION is a number, an ARN, or the execution that registered it.
    """
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
    from operations.model_version import APPROVED
    from operations.views.model import print_decision

    with connected(environment, region) as deployment:
        found = model_versions.find_version(
            deployment, pipelines.find_pipeline(deployment), version
        )
        report = model_versions.evaluation_of(deployment, found, required=decision == APPROVED)
        model_versions.decide(deployment, found, decision, comment)
        print_decision(found, decision, report, as_json=as_json)
