"""Compare: what differs between executions, and what that does to the model.

    {"executions": [{"name": ..., "parameters": ..., "evaluation": FOLDER, ...}, ...]}
    -> comparison.json, comparison.html

The first execution is the baseline. Evaluations of the same test set are compared review by review
if the predictions are given.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from processing import names
from processing.arguments import ArgumentParser
from processing.dataset.columns import add_column_options, columns_from_options
from processing.errors import DataError
from processing.evaluation.compared_execution import ComparedExecution
from processing.evaluation.comparison import compare
from processing.evaluation.predictions import PredictionFolders, read_predictions
from processing.json_files import read_json, write_json
from processing.names import Compared
from processing.report.snippets import read_snippets

_FOLDERS = (names.PREDICTIONS, names.LABELS, names.ROWS)
_PATHS = (names.EVALUATION, *_FOLDERS)
"""Keys of an execution whose values are folders; the others describe it."""


def parser() -> argparse.ArgumentParser:
    """Return the command line of the Compare job."""
    parser = ArgumentParser(prog="compare", description=__doc__, allow_abbrev=False)
    parser.add_argument(
        "--executions", type=Path, required=True, help="JSON file with the executions"
    )
    parser.add_argument(
        "--output", type=Path, required=True, help=f"folder of {names.COMPARISON_FILE}"
    )
    parser.add_argument("--page", action="store_true", help=f"also write {names.COMPARISON_PAGE}")
    parser.add_argument(
        "--raw", type=Path, help="folder or file of the raw reviews, to include text"
    )
    add_column_options(parser, labelled=True)
    return parser


def run(options: argparse.Namespace) -> None:
    """Run the job. Raise DataError for an evaluation that doesn't match its predictions."""
    executions = [_execution(it) for it in read_json(options.executions)[Compared.EXECUTIONS]]
    comparison = compare(executions)
    if options.raw:
        _add_texts(comparison, options)
    write_json(options.output / names.COMPARISON_FILE, comparison)
    if options.page:
        from processing.report.comparison.page import render

        page = options.output / names.COMPARISON_PAGE
        page.write_text(render(comparison), encoding="utf-8")


def _execution(given: Mapping[str, Any]) -> ComparedExecution:
    """Read the evaluation and the predictions of an execution, if it has them."""
    paths = {name: Path(given[name]) for name in _PATHS if name in given}
    execution = ComparedExecution(**{key: given[key] for key in given if key not in _PATHS})
    if names.EVALUATION in paths:
        evaluation = _evaluation(paths[names.EVALUATION] / names.EVALUATION_FILE, execution.name)
        execution = replace(execution, evaluation=evaluation)
    if not (execution.is_classifier and all(name in paths for name in _FOLDERS)):
        return execution
    folders = PredictionFolders(*(paths[name] for name in _FOLDERS))
    predictions = read_predictions(folders, names.decision_threshold(execution.own))
    if predictions.test_set != execution.own[names.TEST_SET]:
        raise DataError(f"{execution.name}: the predictions aren't those of the evaluation")
    return replace(execution, predictions=predictions, folders=folders)


def _evaluation(path: Path, name: str) -> dict[str, Any]:
    try:
        found = read_json(path)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise DataError(f"{name}: {path} isn't a JSON object")
    return found


def _add_texts(comparison: Mapping[str, Any], options: argparse.Namespace) -> None:
    """Add the beginnings of the reviews to the examples."""
    examples = [
        example
        for compared in comparison[Compared.COMPARISONS]
        for side in (compared[Compared.CHANGED] or {}).values()
        for example in side[Compared.EXAMPLES]
    ]
    ids = {example[Compared.ID] for example in examples}
    snippets = read_snippets(options.raw, columns_from_options(options), ids) if ids else {}
    for example in examples:
        if example[Compared.ID] in snippets:
            example[Compared.TEXT] = snippets[example[Compared.ID]]
