"""``scores``: tables with the results of executions."""

from __future__ import annotations

from pathlib import Path

import click

from operations.options import (
    aws_options,
    execution_argument,
    is_local,
    local_option,
    workdir_option,
)


@click.command()
@execution_argument
@click.option(
    "--output",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    required=True,
    help="Save the table (CSV) to this path, replacing a file there; - for stdout.",
)
@click.option(
    "--predictions",
    is_flag=True,
    help="Save the predictions of the test set of a training execution instead.",
)
@local_option
@workdir_option
@aws_options
def scores(
    execution: str | None,
    output: Path,
    predictions: bool,
    local: bool,
    workdir: Path,
    environment: str,
    region: str | None,
    as_json: bool,
) -> None:
    """Save the scores that an execution wrote, from AWS or local.

    EXECUTION is an ID or ARN; default: the newest with scores.
    """
    from operations.errors import UsageError
    from operations.output_files import STDOUT
    from operations.views.saved_table import print_saved_table

    if as_json and output == STDOUT:
        raise UsageError("--json can't be used with --output -")
    if is_local(local, execution):
        from operations.local import downloads as local_downloads

        save_local = (
            local_downloads.save_predictions if predictions else local_downloads.save_scores
        )
        print_saved_table(save_local(workdir, execution, output), as_json=as_json)
        return
    from operations.aws import downloads
    from operations.aws.client import connected

    save = downloads.save_predictions if predictions else downloads.save_scores
    with connected(environment, region, scoring=not predictions) as deployment:
        saved = save(deployment, execution, output, quiet=as_json)
    print_saved_table(saved, as_json=as_json)
