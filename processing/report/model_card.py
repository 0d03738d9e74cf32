"""The model card: what approvers need to know, in the schema of SageMaker's model registry.

The content is one line of JSON of at most 100,000 characters, by the schema for cards of model
packages. Each text is cut to the schema's limit, which also keeps the card within its limit. It
contains no time and no review text; the same evaluation produces the same card.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from processing import names
from processing.evaluation.significance import Z95
from processing.json_files import write_json
from processing.report.context import ReportContext
from processing.report.format import count, count_of, percent, quoted
from processing.report.reference_models import accuracy_interval, reference_models
from processing.report.sections.data import class_balance
from processing.report.sections.summary import requirements
from processing.report.sections.threshold import threshold_sentences

# Limits of the schema, in characters.
_TEXT, _NOTE, _NAME, _VALUE = 2_048, 1_024, 255, 255
_OBSERVATION = 2_096
_FILES = 5
_DETAIL = 4_096
"""Not of the schema, which has no limit for details: above the length of a command."""

_ABOUT_EXECUTION = {names.EXECUTION, names.STARTED, names.COMMIT, names.DATASET, "code", "image"}
"""The names in the provenance that aren't about the training."""


def write_model_card(path: Path, context: ReportContext, *, pipeline: str) -> None:
    """Write a JSON file with the card's content as a string. pipeline: its name."""
    content = json.dumps(
        model_card(context, pipeline=pipeline),
        allow_nan=False,
        ensure_ascii=False,
        separators=(",", ":"),
        sort_keys=True,
    )
    write_json(path, {names.MODEL_CARD_CONTENT: content})


def model_card(context: ReportContext, *, pipeline: str) -> dict[str, Any]:
    """Return the content of the card."""
    dataset = _provenance(context).get(names.DATASET)
    datasets = [_fit(dataset, _NOTE)] if dataset else []
    return {
        "additional_information": {
            "caveats_and_recommendations": _fit(" ".join(_limits(context)), _TEXT),
            "custom_details": {
                name: _fit(value, _DETAIL) for name, value in _details(context) if value
            },
            "ethical_considerations": (
                "The dataset doesn't name authors or groups of them, so it isn't known whether "
                "errors are distributed equally. Reviews may contain personal data; this card and "
                "the HTML report contain no review text."
            ),
        },
        "evaluation_details": [_evaluation(context, datasets)],
        "intended_uses": _intended_uses(context),
        "model_overview": {"model_creator": _creator(context, pipeline)},
        "training_details": _training(context, datasets),
    }


def _creator(context: ReportContext, pipeline: str) -> str:
    execution = _provenance(context).get(names.EXECUTION)
    parts = [("pipeline", pipeline), ("execution", execution)]
    return _fit(", ".join(f"{noun} {name}" for noun, name in parts if name), _NOTE)


def _intended_uses(context: ReportContext) -> dict[str, str]:
    negative, positive = (quoted(label, _NAME) for label in context.labels)
    unknown = context.evaluation[names.REFERENCE_PROFILE]["unknown_words"]
    return {
        "explanations_for_risk_rating": (
            "The pipeline measures errors, not their consequences. Rate the risk of each use."
        ),
        "factors_affecting_model_efficiency": (
            "Texts of other kinds, lengths or languages than those of the dataset, and words that "
            f"are not in the vocabulary: {percent(unknown)} of the words of the test set."
        ),
        "intended_uses": (
            "Scoring texts of the same kind and language as the dataset's reviews, with the "
            "vocabulary and the text path of this version. Not intended for decisions about "
            "individuals without human review."
        ),
        "purpose_of_model": (
            f"Classifies the sentiment of reviews as {negative} or {positive}. The score is the "
            f"probability of {positive}; reviews with a score above {context.threshold} are "
            f"predicted {positive}."
        ),
        "risk_rating": "Unknown",
    }


def _training(context: ReportContext, datasets: list[str]) -> dict[str, Any]:
    manifest, known = context.inputs.manifest, _provenance(context)
    train, validation = (manifest["splits"][name] for name in (names.TRAIN, names.VALIDATION))
    observations = (
        f"Trained on {count_of(train['rows'], 'review')}, {percent(train['positive_share'])} of "
        "the positive class. Early stopping uses a metric on the validation set of "
        f"{count_of(validation['rows'], 'review')}. Sources: {train[names.SOURCE]} (train), "
        f"{validation[names.SOURCE]} (validation). Features: {manifest['features']}, "
        f"vocabulary of {count(manifest['vocabulary_size'])} terms."
    )
    image = known.get("image")
    hyperparameters = sorted(known.keys() - _ABOUT_EXECUTION)
    return {
        "training_job_details": {
            "training_datasets": datasets,
            **({"training_environment": {"container_image": [image]}} if image else {}),
            "user_provided_hyper_parameters": [
                {"name": _fit(name, _NAME), "value": _fit(known[name], _VALUE)}
                for name in hyperparameters
            ],
        },
        "training_observations": _fit(observations, _NOTE),
    }


def _evaluation(context: ReportContext, datasets: list[str]) -> dict[str, Any]:
    gate = context.evaluation[names.GATE]
    test = context.inputs.manifest["splits"][names.TEST]
    observation = [
        f"{count_of(context.reviews, 'review')} that the model wasn't trained with "
        f"(source: {test[names.SOURCE]}).",
        f"Quality gate: {'passed' if gate[names.GATE_PASSED] else 'rejected'}.",
        *requirements(context),
        "Accuracy compared with baselines:",
        *(reference.sentence() for reference in reference_models(context)),
    ]
    calibration = context.evaluation[names.CALIBRATION]
    return {
        "datasets": datasets,
        "evaluation_observation": _fit(" ".join(observation), _OBSERVATION),
        "metric_groups": [
            {"metric_data": [*_metrics(context)], "name": "Classification"},
            {
                "metric_data": [
                    _number(name, calibration[name], "lower is better")
                    for name in ("brier", "expected_calibration_error", "log_loss")
                ],
                "name": "Calibration",
            },
            {"metric_data": [_confusion_matrix(context)], "name": "Errors"},
        ],
        "name": "Test set",
    }


def _metrics(context: ReportContext) -> Iterator[dict[str, Any]]:
    """Yield the metrics that are one number, with their 95% confidence intervals."""
    for name, metric in context.evaluation[names.METRICS].items():
        if names.VALUE not in metric:
            continue
        value, margin = metric[names.VALUE], Z95 * metric[names.STANDARD_DEVIATION]
        low, high = value - margin, value + margin
        method = "normal"
        if name == names.ACCURACY:
            (low, high), method = accuracy_interval(context), "Wilson"
        yield _number(name, value, f"95% confidence interval ({method}): {low:.5f} to {high:.5f}")


def _number(name: str, value: float, note: str) -> dict[str, Any]:
    return {"name": name, "notes": note, "type": "number", "value": value}


def _confusion_matrix(context: ReportContext) -> dict[str, Any]:
    matrix = context.confusion_matrix
    labels = [_fit(label, _NAME) for label in context.labels]
    return {
        "name": names.CONFUSION_MATRIX,
        "notes": "Number of reviews by actual and predicted class",
        "type": "matrix",
        "value": [[matrix[row][column] for column in "01"] for row in "01"],
        "x_axis_name": [f"predicted {label}" for label in labels],
        "y_axis_name": [f"actual {label}" for label in labels],
    }


def _limits(context: ReportContext) -> Iterator[str]:
    manifest = context.inputs.manifest
    yield (
        "The confidence intervals are about the choice of test reviews only, not about other kinds "
        "of reviews or another seed of the training."
    )
    yield from class_balance(context)
    if context.evaluation[names.LABELS].get(names.SOURCE) == names.BY_ALPHABET:
        yield "Which class is the positive one follows from alphabetical order only."
    if shared := manifest["duplicates"]["test_texts_in_train"]:
        yield f"{count_of(shared, 'text')} of the test set are also in the training set."
    if skipped := len(manifest["skipped"]):
        yield f"{count_of(skipped, 'review')} of the dataset were skipped."
    yield (
        "Compare new reviews with the test set before you trust their scores: the scoring pipeline "
        "measures this drift and fails above DriftThreshold."
    )


def _details(context: ReportContext) -> Iterator[tuple[str, str]]:
    evaluation, known = context.evaluation, _provenance(context)
    manifest = context.inputs.manifest
    yield "execution", known.get(names.EXECUTION, "")
    yield "commit", known.get(names.COMMIT, "")
    yield "code SHA-256", evaluation[names.CODE_SHA256] or ""
    yield "dataset", known.get(names.DATASET, "")
    yield "dataset SHA-256", evaluation[names.DATA]["sha256"]
    yield "test texts hash", evaluation[names.DATA][names.TEST_TEXTS_HASH] or ""
    for file in manifest["files"][:_FILES]:
        yield f"{_fit(file['name'], _NAME)} SHA-256", file["sha256"]
    for name, digest in sorted(evaluation[names.INPUTS_SHA256].items()):
        yield f"{name} SHA-256", digest
    yield "preprocessing version", str(manifest["preprocessing_version"])
    yield "decision threshold", " ".join(threshold_sentences(context))
    yield "positive class", names.positive_class(evaluation[names.LABELS])
    yield "how to reproduce", _command(known)


def _command(known: Mapping[str, str]) -> str:
    """Return shell commands that train the same model from the same dataset.

    >>> _command({"commit": "28634772", "dataset": "reviews.csv", "eta": "0.2", "image": "x"})
    'git checkout 28634772 && sentiment run --dataset reviews.csv --parameter Eta=0.2'
    >>> _command({"dataset": "s3://bucket/raw/reviews/"})
    'aws s3 cp s3://bucket/raw/reviews/ reviews --recursive && sentiment run --dataset reviews'
    >>> _command({"dataset": names.DEMO_FILE})
    'sentiment run'
    """
    commands, run = [], ["sentiment", "run"]
    commit, dataset = known.get(names.COMMIT, names.UNKNOWN_COMMIT), known.get(names.DATASET)
    if commit != names.UNKNOWN_COMMIT:
        commands.append(["git", "checkout", commit])
    if dataset and PurePosixPath(dataset).name == names.DEMO_FILE:
        dataset = None
    if dataset and dataset.startswith("s3://"):
        is_folder, uri = dataset.endswith("/"), dataset
        dataset = PurePosixPath(uri).name
        commands.append(["aws", "s3", "cp", uri, dataset, *(["--recursive"] if is_folder else [])])
    if dataset:
        run += ["--dataset", dataset]
    for name in sorted(known.keys() - _ABOUT_EXECUTION - {"objective"}):
        run += ["--parameter", f"{names.parameter_name(name)}={known[name]}"]
    return " && ".join(map(shlex.join, [*commands, run]))


def _provenance(context: ReportContext) -> Mapping[str, str]:
    known: Mapping[str, str] = context.evaluation[names.PROVENANCE]
    return known


def _fit(text: str, limit: int) -> str:
    r"""Return a text on one line, cut to the limit.

    >>> _fit("one\ttwo\x00 three", 9)
    'one two…'
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"
