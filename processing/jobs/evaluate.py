"""Evaluate: measures predictions of the test set against its labels.

    predictions, labels, rows, decision threshold of the package -> evaluation.json
    the same, model, vocabulary, samples of train and validation, manifest
        -> report.html, model-card.json

All are written to the output ``evaluation``, and none contains review text.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import processing
from processing import names
from processing.arguments import ArgumentParser, margin
from processing.dataset.uri import public_uri
from processing.evaluation.accuracy_difference import correctness_bits
from processing.evaluation.calibration import calibration_report
from processing.evaluation.champion_comparison import compare_with_champion, metric_value
from processing.evaluation.drift import Profile
from processing.evaluation.metrics import model_quality
from processing.evaluation.predictions import Predictions, read_predictions
from processing.features.manifest import dataset_identity
from processing.json_files import read_json, write_json
from processing.names import DecisionThreshold
from processing.report.inputs import EvaluationInputs, add_input_arguments, read_inputs


def parser() -> argparse.ArgumentParser:
    """Return the command line of the Evaluate job."""
    parser = ArgumentParser(prog="evaluate", description=__doc__, allow_abbrev=False)
    add_input_arguments(parser)
    parser.add_argument("--output", type=Path, required=True, help="folder of the outputs")
    parser.add_argument("--pipeline", default="", help="name of the pipeline, for the log")
    parser.add_argument(
        "--gate-metric",
        choices=names.GATE_METRICS,
        default=names.ACCURACY,
        help="metric of the gate",
    )
    parser.add_argument(
        "--gate-threshold", type=margin, default=0.0, help="least value of that metric"
    )
    parser.add_argument(
        "--dataset", default="", help="URI of the dataset; stored without credentials"
    )
    parser.add_argument(
        "--provenance",
        type=_named,
        nargs="*",
        default=[],
        metavar="NAME=VALUE",
        help="parameters and versions that produced the model, for the report",
    )
    parser.add_argument("--champion", type=Path, help="folder of champion.json")
    parser.add_argument(
        "--champion-margin",
        type=margin,
        default=0.0,
        help="accepted loss of that metric",
    )
    return parser


def run(options: argparse.Namespace) -> None:
    """Run the job. Raise DataError if its inputs don't match, row by row."""
    from processing.report.context import ReportContext
    from processing.report.model_card import write_model_card
    from processing.report.page import write_report

    inputs = read_inputs(options)
    threshold = read_json(options.package / names.THRESHOLD_FILE)
    predictions = read_predictions(inputs.test_set, threshold[DecisionThreshold.VALUE])
    evaluation = _evaluation(inputs, predictions, threshold, options)
    folder = options.output / names.EVALUATION
    context = ReportContext.of(evaluation, predictions, inputs)
    write_report(folder / names.REPORT_FILE, context)
    write_model_card(folder / names.MODEL_CARD_FILE, context, pipeline=options.pipeline)
    write_json(folder / names.EVALUATION_FILE, evaluation)
    # CloudWatch turns a line that is a JSON object into a metric.
    log = {
        names.ACCURACY: metric_value(evaluation, names.ACCURACY),
        names.LOG_PIPELINE: options.pipeline,
        "reviews": len(predictions.labels),
    }
    print(json.dumps(log, sort_keys=True), flush=True)


def _evaluation(
    inputs: EvaluationInputs,
    predictions: Predictions,
    threshold: Mapping[str, Any],
    options: argparse.Namespace,
) -> dict[str, Any]:
    """Return the content of ``evaluation.json``."""
    profile = Profile(predictions.threshold)
    profile.add(words=predictions.words, known=predictions.known, scores=predictions.scores)
    evaluation = {
        **model_quality(predictions),
        names.REFERENCE_PROFILE: profile.as_json(),
        names.CALIBRATION: calibration_report(predictions.labels, predictions.scores),
        names.CODE_SHA256: _code_sha256(),
        **correctness_bits(predictions),
        names.INPUTS_SHA256: inputs.sha256(),
        names.DECISION_THRESHOLD: threshold,
        names.DATA: dataset_identity(inputs.manifest),
        names.LABELS: inputs.manifest[names.LABELS],
        names.PROVENANCE: _provenance(options),
        names.TEST_SET: predictions.test_set,
    }
    metric = options.gate_metric
    measured, required = metric_value(evaluation, metric), [options.gate_threshold]
    if options.champion:
        champion = read_json(options.champion / names.CHAMPION_FILE)
        evaluation[names.CHAMPION] = compare_with_champion(
            evaluation, champion, metric=metric, margin=options.champion_margin
        )
        required.append(evaluation[names.CHAMPION]["required"])
    evaluation[names.GATE] = {
        names.GATE_MEASURED: measured,
        names.GATE_METRIC: metric,
        # The comparison of the step QualityGate.
        names.GATE_PASSED: all(measured >= value for value in required),
        names.GATE_THRESHOLD: options.gate_threshold,
    }
    return evaluation


def _code_sha256() -> str | None:
    """Return the SHA-256 of the code asset; None if the code runs from a folder."""
    asset = Path(processing.__file__).parents[1]
    return hashlib.sha256(asset.read_bytes()).hexdigest() if asset.is_file() else None


def _provenance(options: argparse.Namespace) -> dict[str, str]:
    dataset = public_uri(options.dataset)
    return {**dict(options.provenance), **({names.DATASET: dataset} if dataset else {})}


def _named(text: str) -> tuple[str, str]:
    """Split a name from its value.

    >>> _named("eval_metric=error,logloss")
    ('eval_metric', 'error,logloss')
    """
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise argparse.ArgumentTypeError(f"must be NAME=VALUE, got {text!r}")
    return name, value
