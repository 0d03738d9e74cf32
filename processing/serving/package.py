"""The model package: a model, its preprocessing, and the code that serves both.

xgboost-model, vocabulary.json, ngram-scores.npy   as Train and Preprocess wrote them
decision-threshold.json                            the score above which a review is positive
code/processing.pyz                                the code asset of the jobs
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from processing.errors import DataError
from processing.features.preprocessing import ngram_weights_in, read_preprocessing
from processing.json_files import json_bytes, read_json
from processing.model.archive import write_archive
from processing.names import (
    MODEL_FILE,
    MODEL_VERSION_VARIABLE,
    NGRAM_SCORES_FILE,
    THRESHOLD_FILE,
    VOCABULARY_FILE,
    DecisionThreshold,
    Serving,
)
from processing.serving.handler import Handler
from processing.serving.scorer import Scorer


def write_package(
    path: Path, model: bytes, vocabulary: Path, threshold: Mapping[str, Any], code: bytes
) -> None:
    """Write the archive of a package.

    vocabulary: the folder that Preprocess wrote. threshold: the decision threshold as JSON.

    Raise DataError if this code can't preprocess text for the model.
    """
    preprocessing = read_preprocessing(vocabulary)
    weights = ngram_weights_in(vocabulary, preprocessing.feature_set)
    names = [VOCABULARY_FILE] if weights is None else [VOCABULARY_FILE, NGRAM_SCORES_FILE]
    copied = {name: (vocabulary / name).read_bytes() for name in names}
    copied[THRESHOLD_FILE] = json_bytes(threshold)
    write_archive(path, {MODEL_FILE: model, Serving.CODE: code, **copied})


def load(folder: Path, environment: Mapping[str, str]) -> Handler:
    """Return the handler for the package in a folder, after a first prediction.

    Raise DataError for a damaged package.
    """
    try:
        model = (folder / MODEL_FILE).read_bytes()
    except OSError as error:
        raise DataError(f"{folder / MODEL_FILE}: can't be read ({error.strerror})") from None
    digest = hashlib.sha256(model).hexdigest()
    version = environment.get(MODEL_VERSION_VARIABLE) or f"sha256:{digest[:12]}"
    threshold = read_json(folder / THRESHOLD_FILE)[DecisionThreshold.VALUE]
    scorer = Scorer.of(folder, model, threshold)
    scorer.probabilities([""])  # loads the libraries that the first request would wait for
    return Handler(scorer, version)
