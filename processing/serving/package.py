"""The files of a model package: a model, its preprocessing, and the code that serves both.

xgboost-model, vocabulary.json, ngram-scores.npy   as Train and Preprocess wrote them
code/processing.pyz                                the code asset of the jobs
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from processing.errors import DataError
from processing.names import MODEL_FILE, MODEL_VERSION_VARIABLE
from processing.serving.handler import Handler
from processing.serving.scorer import Scorer


def load(folder: Path, environment: Mapping[str, str]) -> Handler:
    """Return the handler for the package in a folder. Raise DataError for a damaged one."""
    try:
        model = (folder / MODEL_FILE).read_bytes()
    except OSError as error:
        raise DataError(f"{folder / MODEL_FILE}: can't be read ({error.strerror})") from None
    digest = hashlib.sha256(model).hexdigest()
    version = environment.get(MODEL_VERSION_VARIABLE) or f"sha256:{digest[:12]}"
    return Handler(Scorer.of(folder, model), version)
