"""``scores``: tables with the results of executions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from operations.command_line.target import AwsTarget, LocalTarget, TargetOptions, target_options
from operations.options import execution_argument


@click.command()
@execution_argument
@click.option(
    "--output",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    help="Save the table (CSV) to this path, replacing a file there; - for stdout.",
)
@click.option(
    "--dataset",
    help="Use the newest AWS execution that scored this dataset, given by its URI or the end of "
    "it, such as incoming/2026-11-29.csv.",
)
@click.option(
    "--drift",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Save the HTML page about the drift of the scored reviews to this path.",
)
@click.option(
    "--predictions",
    is_flag=True,
    help="Save the predictions of the test set of a training execution instead.",
)
@target_options
def scores(
    execution: str | None,
    output: Path | None,
    drift: Path | None,
    dataset: str | None,
    predictions: bool,
    where: TargetOptions,
    as_json: bool,
) -> None:
    """Save the scores of an execution, or the page about their drift.

    EXECUTION is an ID or ARN; default: the newest with scores.
    """
    from operations.errors import UsageError
    from operations.output_files import STDOUT, require_folder, save
    from operations.views.saved_table import print_saved_page, print_saved_table

    if (output is None) == (drift is None):
        raise UsageError("give either --output or --drift")
    if as_json and output == STDOUT:
        raise UsageError("--json can't be used with --output -")
    if dataset is not None and (execution is not None or predictions):
        raise UsageError("--dataset can't be used with EXECUTION or --predictions")
    if drift:
        if predictions:
            raise UsageError("--drift can't be used with --predictions")
        require_folder("--drift", drift)
    match where.target(execution):
        case LocalTarget(workdir=workdir):
            from operations.local import downloads as local_downloads

            if dataset is not None:
                raise UsageError("--dataset is for executions on AWS; add --environment")

            if drift:
                page = local_downloads.drift_page(workdir, execution)
            elif output:
                save_local = (
                    local_downloads.save_predictions if predictions else local_downloads.save_scores
                )
                saved = save_local(workdir, execution, output)
        case AwsTarget() as target:
            from operations.aws import downloads

            with replace(target, scoring=not predictions).connected() as deployment:
                if drift:
                    page = downloads.drift_page(deployment, execution, dataset)
                elif output and predictions:
                    saved = downloads.save_predictions(deployment, execution, output, quiet=as_json)
                elif output:
                    saved = downloads.save_scores(
                        deployment, execution, output, dataset=dataset, quiet=as_json
                    )
    if drift:
        save("--drift", drift, page.content)
        print_saved_page(page, drift, as_json=as_json)
    else:
        print_saved_table(saved, as_json=as_json)
