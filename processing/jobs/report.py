"""Report: the HTML report of an earlier evaluation, optionally with the text of the largest errors.

Evaluate writes the same report without any text. This job reads the inputs and the output of
Evaluate and doesn't evaluate again, so its numbers are those of ``evaluation.json``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from processing import names
from processing.arguments import ArgumentParser
from processing.dataset.columns import add_column_options, columns_from_options
from processing.errors import DataError
from processing.evaluation.predictions import read_predictions
from processing.json_files import read_json
from processing.report.context import ReportContext
from processing.report.inputs import add_input_arguments, read_inputs
from processing.report.page import write_report
from processing.report.snippets import read_snippets


def parser() -> argparse.ArgumentParser:
    """Return the command line of the Report job."""
    parser = ArgumentParser(prog="report", description=__doc__, allow_abbrev=False)
    parser.add_argument(
        "--evaluation", type=Path, required=True, help=f"folder with {names.EVALUATION_FILE}"
    )
    add_input_arguments(parser)
    parser.add_argument("--output", type=Path, required=True, help="folder for the report")
    parser.add_argument(
        "--raw", type=Path, help="folder or file of the raw reviews, to include text"
    )
    add_column_options(parser, labelled=True)
    return parser


def run(options: argparse.Namespace) -> None:
    """Run the job. Raise DataError if the inputs aren't those of the evaluation."""
    inputs = read_inputs(options)
    evaluation = read_json(options.evaluation / names.EVALUATION_FILE)
    predictions = read_predictions(inputs.test_set, names.decision_threshold(evaluation))
    if predictions.test_set != evaluation[names.TEST_SET]:
        raise DataError(
            f"{options.evaluation}: the evaluation is of a different test set; "
            "use the folders of one execution"
        )
    snippets = None
    if options.raw:
        ids = [review.id for review in predictions.largest_errors]
        snippets = read_snippets(options.raw, columns_from_options(options), ids)
    path = options.output / names.REPORT_FILE
    write_report(path, ReportContext.of(evaluation, predictions, inputs, snippets))
    print(f"wrote {path}", flush=True)
