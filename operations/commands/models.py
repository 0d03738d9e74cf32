"""``report``, ``versions``, ``card``, ``approve``, ``reject`` and ``promote``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from operations.command_line.completion import complete_environments, complete_versions
from operations.command_line.target import (
    AwsTarget,
    Command,
    LocalTarget,
    Target,
    TargetOptions,
    target_options,
)
from operations.options import execution_argument, json_option

if TYPE_CHECKING:
    from operations.models.registry import Approval, ModelRegistry

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
    "--no-reviews", is_flag=True, help="Omit reviews from the HTML report of a local execution."
)
@target_options
def report(
    execution: str | None,
    output: Path | None,
    html: Path | None,
    no_reviews: bool,
    where: TargetOptions,
    as_json: bool,
) -> None:
    """Show the evaluation of an execution.

    EXECUTION is an ID or ARN; default: the newest.
    """
    from operations.output_files import require_folder, save
    from operations.views.model import print_report

    for option, path in (("--output", output), ("--html", html)):
        if path:
            require_folder(option, path)
    page = ""
    match where.target(execution):
        case LocalTarget(workdir=workdir):
            from operations.local.report import ReportRequest, render_report

            request = ReportRequest(execution, workdir, not no_reviews, html)
            evaluation, path = render_report(request)
            page = str(path.absolute())
        case AwsTarget() as target:
            from operations.aws import executions, pipelines, results

            with target.connected() as deployment:
                found = executions.find_execution(
                    deployment, pipelines.find_pipeline(deployment), execution
                )
                steps = executions.steps(deployment.client("sagemaker"), found.arn)
                evaluation = results.evaluation_report(deployment, found, steps)
                if html:
                    save("--html", html, results.html_report(deployment, evaluation))
    if output:
        save("--output", output, evaluation.content)
    print_report(evaluation, as_json=as_json, html=page)


@click.command()
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    help="Maximum number of versions.",
)
@target_options
def versions(limit: int, where: TargetOptions, as_json: bool) -> None:
    """List model versions, newest first.

    Shows the metrics, the execution that registered a version, and which version scoring uses.
    """
    from datetime import UTC, datetime

    from operations.models.registry import newest_versions
    from operations.views.model_versions import print_versions

    with _registry(where.target()) as registry:
        found = newest_versions(registry, limit)
        print_versions(found, datetime.now(UTC), registry.command, as_json=as_json)


@click.command()
@click.argument("version", required=False, shell_complete=complete_versions)
@target_options
def card(version: str | None, where: TargetOptions, as_json: bool) -> None:
    """Print the model card of a version, as Markdown.

    VERSION is a number, an ARN, or the execution that registered it; default: the newest. The card
    has the intended use, data, metrics with intervals, limits, and how to reproduce the model.
    """
    from operations.models.card import model_card
    from operations.views.model_card import print_card

    with _registry(where.target(version)) as registry:
        print_card(model_card(registry, version), as_json=as_json)


def _decision_options(command: Command) -> Command:
    """Add the argument and options of ``approve`` and ``reject``."""
    argument = click.argument("version", required=False, shell_complete=complete_versions)
    return argument(_comment_option(target_options(command)))


@click.command()
@_decision_options
def approve(version: str | None, **options: Any) -> None:
    """Approve a model version.

    VERSION is a number, an ARN, or the execution that registered it; default: the newest that waits
    for approval.
    """
    _decide("Approved", version, **options)


@click.command()
@_decision_options
def reject(version: str | None, **options: Any) -> None:
    """Reject a model version.

    VERSION is a number, an ARN, or the execution that registered it; default: the newest that waits
    for approval. Warns if no version is approved any more.
    """
    _decide("Rejected", version, **options)


@click.command()
@click.argument("version", required=False)
@click.option(
    "--from",
    "source",
    required=True,
    shell_complete=complete_environments,
    help="Environment whose version is promoted.",
)
@click.option(
    "--to",
    "target",
    required=True,
    shell_complete=complete_environments,
    help="Environment in which it is registered.",
)
@json_option
def promote(version: str | None, source: str, target: str, as_json: bool) -> None:
    """Promote an approved model version to another environment.

    VERSION is a number or an ARN; default: the newest approved version. Copies the artifacts to the
    other environment's bucket and registers a version that waits for approval there, unless that
    was done before. Works with credentials of the other environment's account.
    """
    from operations.aws.client import Deployment
    from operations.aws.promotion.promote import promote as promoted
    from operations.views.model_versions import print_promotion

    with AwsTarget(target).connected() as deployment:
        promotion = promoted(Deployment.of(source, None), deployment, version)
        print_promotion(promotion, deployment.command, as_json=as_json)


def _decide(
    approval: Approval,
    version: str | None,
    comment: str | None,
    where: TargetOptions,
    as_json: bool,
) -> None:
    from operations.models.registry import decide
    from operations.views.model_versions import print_decision

    with _registry(where.target(version)) as registry:
        print_decision(decide(registry, version, approval, comment), as_json=as_json)


@contextmanager
def _registry(target: Target) -> Iterator[ModelRegistry]:
    """Yield the model package group in the work folder or on AWS."""
    match target:
        case LocalTarget(workdir=workdir):
            from operations.local.model_versions import LocalModelRegistry

            yield LocalModelRegistry(workdir)
        case AwsTarget():
            from operations.aws.model_versions import AwsModelRegistry
            from operations.aws.pipelines import find_pipeline

            with target.connected() as deployment:
                yield AwsModelRegistry(deployment, find_pipeline(deployment))
