"""Report: the page of an evaluation, made anew, with the text of the worst mistakes if asked for.

Evaluate makes the same page without any text. This job reads what Evaluate read and what it wrote,
and draws; it measures nothing, so its numbers are those of ``evaluation.json``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from processing import names
from processing.arguments import ArgumentParser
from processing.dataset.tables import add_column_options, columns_of_options
from processing.errors import DataError
from processing.evaluation.results import observe
from processing.json_files import read_json
from processing.report.inputs import add_arguments, inputs_of
from processing.report.page import write_page
from processing.report.snippets import snippets


def parser() -> argparse.ArgumentParser:
    """The command line of the Report job."""
    parser = ArgumentParser(prog="report", description=__doc__, allow_abbrev=False)
    parser.add_argument(
        "--evaluation", type=Path, required=True, help=f"folder of {names.EVALUATION_FILE}"
    )
    add_arguments(parser)
    parser.add_argument("--output", type=Path, required=True, help="folder for the page")
    parser.add_argument("--raw", type=Path, help="folder of the raw reviews, to show some")
    add_column_options(parser, labelled=True)
    return parser


def run(options: argparse.Namespace) -> None:
    """Does the job. Raises DataError where the inputs aren't those of the evaluation."""
    inputs = inputs_of(options)
    evaluation = read_json(options.evaluation / names.EVALUATION_FILE)
    observed = observe(inputs.scored)
    if observed.test_set != evaluation[names.TEST_SET]:
        raise DataError(
            f"{options.evaluation}: the evaluation is of other reviews; give all folders of one run"
        )
    texts = None
    if options.raw:
        ids = [mistake.id for mistake in observed.mistakes]
        texts = snippets(options.raw, columns_of_options(options), ids)
    path = options.output / names.REPORT_FILE
    write_page(path, evaluation, observed, inputs, texts)
    print(f"wrote {path}", flush=True)
