"""Evaluate: predictions of the test set against its labels become ``evaluation.json``, and a page.

    predictions, labels, rows -> one pass -> evaluation.json
    the same, model, vocabulary, samples of train and validation, manifest -> report.html

Both lie in the output ``evaluation``. The page holds no review's text.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from processing import names
from processing.arguments import ArgumentParser, margin
from processing.evaluation.calibration import calibration
from processing.evaluation.champion_comparison import comparison, value
from processing.evaluation.metrics import model_quality
from processing.evaluation.results import Observed, observe
from processing.json_files import read_json, write_json
from processing.report.inputs import EvaluationInputs, add_input_arguments, read_inputs


def parser() -> argparse.ArgumentParser:
    """The command line of the Evaluate job."""
    parser = ArgumentParser(prog="evaluate", description=__doc__, allow_abbrev=False)
    add_input_arguments(parser)
    parser.add_argument("--output", type=Path, required=True, help="folder of the outputs")
    parser.add_argument("--pipeline", default="", help="whose accuracy it is, for the log")
    parser.add_argument(
        "--gate-metric", choices=names.GATE_METRICS, default="accuracy", help="what the gate reads"
    )
    parser.add_argument(
        "--provenance",
        type=_named,
        nargs="*",
        default=[],
        metavar="NAME=VALUE",
        help="what decided the model besides the data, for the report",
    )
    parser.add_argument("--champion", type=Path, help="folder of champion.json, to compare with")
    parser.add_argument("--champion-margin", type=margin, default=0.0, help="how much may be lost")
    return parser


def run(options: argparse.Namespace) -> None:
    """Does the job. Raises DataError where its inputs don't fit together, line by line."""
    from processing.report.page import write_report

    inputs = read_inputs(options)
    observed = observe(inputs.scored)
    evaluation = _evaluation(inputs, observed, options)
    folder = options.output / names.EVALUATION
    write_report(folder / names.REPORT_FILE, evaluation, observed, inputs)
    write_json(folder / names.EVALUATION_FILE, evaluation)
    # One JSON object on a line of its own: CloudWatch makes a metric of such lines.
    measured = {
        "accuracy": value(evaluation, "accuracy"),
        "pipeline": options.pipeline,
        "reviews": observed.test_set["reviews"],
    }
    print(json.dumps(measured, sort_keys=True), flush=True)


def _evaluation(
    inputs: EvaluationInputs, observed: Observed, options: argparse.Namespace
) -> dict[str, Any]:
    negative, positive = inputs.vocabulary["labels"]
    report = {
        **model_quality(observed.scores),
        names.BASELINE: observed.profile,
        "calibration": calibration(observed.scores),
        "inputs_sha256": inputs.sha256(),
        "labels": {"negative": negative, "positive": positive},
        "provenance": dict(options.provenance),
        names.TEST_SET: observed.test_set,
    }
    if observed.correct is not None:
        report["correct"] = observed.correct
    metric = options.gate_metric
    report[names.GATE] = {"measured": value(report, metric), "metric": metric}
    if options.champion:
        champion = read_json(options.champion / names.CHAMPION_FILE)
        report[names.CHAMPION] = comparison(
            report, champion, metric=metric, margin=options.champion_margin
        )
    return report


def _named(text: str) -> tuple[str, str]:
    """A name and its value.

    >>> _named("eval_metric=error,logloss")
    ('eval_metric', 'error,logloss')
    """
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise argparse.ArgumentTypeError(f"{text!r} is no NAME=VALUE")
    return name, value
