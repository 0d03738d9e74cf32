"""Package: a model that answers requests with text, as one archive.

    model, validation, decision threshold or its goal -> decision-threshold.json
    the same, vocabulary, the code of the jobs        -> model.tar.gz

The same inputs give the same bytes. No other job chooses the threshold.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from pathlib import Path
from typing import Any

import processing
from processing import names, packaging
from processing.arguments import ArgumentParser, decision_threshold
from processing.evaluation.decision_threshold import chosen_threshold, fixed_threshold
from processing.features.preprocessing import read_preprocessing
from processing.json_files import write_json
from processing.model.archive import read_model
from processing.names import DecisionThreshold
from processing.serving.package import write_package


def parser() -> argparse.ArgumentParser:
    """Return the command line of the Package job."""
    parser = ArgumentParser(prog="package", description=__doc__, allow_abbrev=False)
    parser.add_argument("--model", type=Path, required=True, help="folder of Train's archive")
    parser.add_argument(
        "--vocabulary", type=Path, required=True, help="folder of vocabulary.json, of the training"
    )
    parser.add_argument(
        "--validation", type=Path, required=True, help="folder of the validation rows"
    )
    parser.add_argument(
        "--decision-threshold",
        type=decision_threshold,
        default=str(DecisionThreshold.DEFAULT),
        help="score above which a review is positive, or a goal for which it is chosen",
    )
    parser.add_argument("--output", type=Path, required=True, help="folder of the outputs")
    return parser


def run(options: argparse.Namespace) -> None:
    """Run the job.

    Raise DataError if this code can't preprocess text for the model, or if the goal can't be met.
    """
    archive = options.output / names.PACKAGE / names.MODEL_ARCHIVE
    model = read_model(options.model / names.MODEL_ARCHIVE)
    threshold = _threshold(options, model)
    write_package(archive, model, options.vocabulary, threshold, _code())
    write_json(archive.with_name(names.THRESHOLD_FILE), threshold)
    print(f"decision threshold: {threshold[DecisionThreshold.VALUE]}", flush=True)
    print(f"wrote {names.MODEL_ARCHIVE} of {archive.stat().st_size:,} bytes", flush=True)


def _threshold(options: argparse.Namespace, model: bytes) -> dict[str, Any]:
    """Return the decision threshold, chosen on the validation set if it is given as a goal."""
    given = options.decision_threshold
    if re.fullmatch(DecisionThreshold.NUMBER, given):
        return fixed_threshold(float(given))
    # XGBoost takes longer to import than everything else.
    from processing.model.labeled_rows import score_labeled_rows

    feature_format = read_preprocessing(options.vocabulary).feature_format
    return chosen_threshold(given, *score_labeled_rows(model, options.validation, feature_format))


def _code() -> bytes:
    """Return the code asset that this job runs from, or build it if it runs from a folder."""
    asset = Path(processing.__file__).parents[1]
    if asset.is_file():
        return asset.read_bytes()
    with tempfile.TemporaryDirectory() as scratch:
        return packaging.build(Path(scratch) / names.CODE_FILE).read_bytes()
