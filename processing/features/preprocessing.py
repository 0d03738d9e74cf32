"""The preprocessing of a registered version, read from the folder that FindModel writes.

    version.json       the version's number, ARN and approval status
    vocabulary.json    terms, names of the classes, feature format, preprocessing version
    ngram-scores.npy   weights of n-grams, if the feature set has their scores
    manifest.json, evaluation.json

Training wrote all but the first, and they are stored beside the model.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from processing import names
from processing.errors import DataError
from processing.feature_sets import FeatureSet, feature_set_of_version
from processing.features.ngram_scores import SCORE_NAMES
from processing.features.ngram_weights import NgramWeights, read_weights
from processing.features.writer import CONSTANTS, FORMATS


@dataclass(frozen=True)
class Preprocessing:
    """The conversion of text to the features that a model was trained with.

    terms: of the vocabulary, in column order. feature_format: `names.LIBSVM` or `names.CSV`.
    labels: the names of the negative and of the positive class.
    """

    feature_set: FeatureSet
    terms: list[str]
    feature_format: str
    labels: tuple[str, str]

    @property
    def width(self) -> int:
        """The number of columns: terms, n-gram scores, and the constants of the layout."""
        scores = len(SCORE_NAMES) if self.feature_set.ngram_scores else 0
        constants = CONSTANTS if self.feature_format == names.LIBSVM else 0
        return len(self.terms) + scores + constants


def preprocessing_of(content: bytes | str, where: str) -> Preprocessing:
    """Parse the content of a ``vocabulary.json``, which messages call ``where``.

    Raise DataError for anything else, and if this code doesn't have its preprocessing version.
    """
    try:
        vocabulary: dict[str, Any] = json.loads(content)
        version = vocabulary["preprocessing_version"]
    except (ValueError, KeyError, TypeError):
        raise _no_vocabulary(where) from None
    feature_set = _feature_set(str(version), where)
    try:
        negative, positive = vocabulary[names.LABELS]
        terms, feature_format = vocabulary["terms"], vocabulary["feature_format"]
    except (ValueError, KeyError, TypeError):
        raise _no_vocabulary(where) from None
    if not isinstance(terms, list) or feature_format not in FORMATS:
        raise _no_vocabulary(where)
    return Preprocessing(feature_set, terms, feature_format, (str(negative), str(positive)))


def read_preprocessing(folder: Path) -> Preprocessing:
    """Read the ``vocabulary.json`` in a folder; raises as `preprocessing_of` does."""
    path = folder / names.VOCABULARY_FILE
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: can't be read ({error.strerror})") from None
    return preprocessing_of(content, path.name)


def ngram_weights_in(folder: Path, feature_set: FeatureSet) -> NgramWeights | None:
    """Return the weights of n-grams in a folder; None if the feature set has no n-gram scores."""
    if not feature_set.ngram_scores:
        return None
    return read_weights(folder / names.NGRAM_SCORES_FILE)


def _feature_set(version: str, where: str) -> FeatureSet:
    try:
        return feature_set_of_version(version)
    except DataError as error:
        raise DataError(f"{where}: {error}") from None


def _no_vocabulary(where: str) -> DataError:
    return DataError(
        f"{where}: not a vocabulary for scoring new text; train and register a model again"
    )
