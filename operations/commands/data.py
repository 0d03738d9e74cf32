"""``data``: what is known of a dataset before a pipeline runs."""

from __future__ import annotations

from collections.abc import Mapping

import click

from operations.command_line.completion import complete_files
from operations.command_line.parameters import parameters_options
from operations.options import (
    DEFINITION,
    SCORE_DEFINITION,
    json_option,
    scoring_option,
)


@click.command()
@click.argument("dataset", shell_complete=complete_files)
@scoring_option
@click.option(
    "--rows",
    type=click.IntRange(min=1),
    help="Read at most this many reviews, an equal part of each file.  [default: all]",
)
@parameters_options
@json_option
def data(
    dataset: str, scoring: bool, rows: int | None, parameters: Mapping[str, str], as_json: bool
) -> None:
    """Describe a dataset: columns, classes, splits, lengths, faults.

    DATASET is a table, an archive or a folder. It is read where it is, as Preprocess would read it;
    with --scoring, as reviews to score.
    """
    from operations.local.inspection import inspect
    from operations.local.running.definitions import example_plan
    from operations.views.inspection import print_inspection

    plan = example_plan(SCORE_DEFINITION if scoring else DEFINITION, parameters)
    inspected = inspect(dataset, plan.parameters, is_labelled=not scoring, rows=rows)
    print_inspection(dataset, inspected, as_json=as_json)
