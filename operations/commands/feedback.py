"""``feedback``: labels of reviews that were scored."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from operations.command_line.completion import complete_executions, complete_files
from operations.command_line.target import AwsTarget, LocalTarget, TargetOptions, target_options


@click.command()
@click.argument(
    "labels",
    required=False,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    shell_complete=complete_files,
)
@click.option(
    "--execution",
    shell_complete=complete_executions,
    help="Use only the scores of this execution, given by its ID or ARN.  [default: all scores]",
)
@click.option(
    "--html",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Save the HTML page to this path.  [default: the work folder for local executions; not "
    "saved for AWS executions]",
)
@click.option(
    "--export",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Save the labeled reviews with their texts (CSV) to this path, as a dataset for the next "
    "training.",
)
@target_options
def feedback(
    labels: Path | None,
    execution: str | None,
    html: Path | None,
    export: Path | None,
    where: TargetOptions,
    as_json: bool,
) -> None:
    """Show the accuracy and the drift of scored reviews over time.

    LABELS is a table (csv, json, parquet) with the columns id and label. Its labels are joined with
    all earlier scores by id, and stored with them: later labels are added to those. Without LABELS,
    shows what is stored.
    """
    from operations.output_files import require_folder, save
    from operations.views.feedback import print_feedback

    for option, path in (("--html", html), ("--export", export)):
        if path:
            require_folder(option, path)
    match where.target(execution):
        case LocalTarget(workdir=workdir):
            from operations.local.scoring import feedback as local
            from processing.names import FEEDBACK_PAGE

            joined = local.give_feedback(workdir, labels, execution, export=export is not None)
            html = html or workdir / FEEDBACK_PAGE
        case AwsTarget() as target:
            from operations.aws.feedback.labels import give_feedback

            with replace(target, scoring=True).connected() as deployment:
                joined = give_feedback(
                    deployment, labels, execution, export=export is not None, quiet=as_json
                )
    for option, path, content in (
        ("--html", html, joined.page),
        ("--export", export, joined.exported),
    ):
        if path and content is not None:
            save(option, path, content)
    print_feedback(
        joined.document,
        as_json=as_json,
        page=html and html.absolute(),
        export=export and export.absolute(),
    )
