"""What a registered version needs to score new text: a folder of files that FindModel fills.

    version.json      which version it is
    vocabulary.json   terms, names of the classes, feature format, preprocessing version
    evidence.npy      weights of n-grams, if the preprocessing has any
    manifest.json, evaluation.json

Training wrote all but the first, and they lie beside the model.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from processing import names
from processing.errors import DataError
from processing.feature_sets import Recipe, recipe_of
from processing.features import ngram_scores
from processing.features.writer import CONSTANTS, FORMATS


@dataclass(frozen=True)
class Preprocessing:
    """How text became the features that a model was trained on.

    terms: of the vocabulary, in column order. feature_format: `names.LIBSVM` or `names.CSV`.
    labels: the names of the negative and of the positive class.
    """

    recipe: Recipe
    terms: list[str]
    feature_format: str
    labels: tuple[str, str]

    @property
    def width(self) -> int:
        """How many columns a model was trained on: terms, evidence, and the layout's constants."""
        of_evidence = ngram_scores.WIDTH if self.recipe.evidence else 0
        of_layout = CONSTANTS if self.feature_format == names.LIBSVM else 0
        return len(self.terms) + of_evidence + of_layout


def preprocessing_of(content: bytes | str, where: str) -> Preprocessing:
    """What a ``vocabulary.json`` says, found at ``where``.

    Raises DataError if it's none, and if this code doesn't have its preprocessing version.
    """
    try:
        told: dict[str, Any] = json.loads(content)
        version = told["preprocessing_version"]
    except (ValueError, KeyError, TypeError):
        raise _no_vocabulary(where) from None
    recipe = _recipe_of(str(version), where)
    try:
        negative, positive = told["labels"]
        terms, feature_format = told["terms"], told["feature_format"]
    except (ValueError, KeyError, TypeError):
        raise _no_vocabulary(where) from None
    if not isinstance(terms, list) or feature_format not in FORMATS:
        raise _no_vocabulary(where)
    return Preprocessing(recipe, terms, feature_format, (str(negative), str(positive)))


def read_preprocessing(folder: Path) -> Preprocessing:
    """What the ``vocabulary.json`` in a folder says; raises as `preprocessing_of` does."""
    path = folder / names.VOCABULARY_FILE
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: can't be read ({error.strerror})") from None
    return preprocessing_of(content, path.name)


def read_weights(folder: Path, recipe: Recipe) -> ngram_scores.Weights | None:
    """The weights of n-grams in a folder; None if the recipe has none."""
    return ngram_scores.read(folder / names.EVIDENCE_FILE) if recipe.evidence else None


def _recipe_of(version: str, where: str) -> Recipe:
    try:
        return recipe_of(version)
    except DataError as error:
        raise DataError(f"{where}: {error}") from None


def _no_vocabulary(where: str) -> DataError:
    return DataError(
        f"{where}: no vocabulary that new text can be scored with; train and register a model anew"
    )
