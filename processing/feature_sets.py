"""What `Features` may be: the recipes by which a review becomes numbers, as plain data."""

from __future__ import annotations

from dataclasses import dataclass

from processing.errors import DataError
from processing.names import EVIDENCE, STEMS
from processing.text.normalize import PREPROCESSING_VERSION
from processing.text.stop_words import ENGLISH


@dataclass(frozen=True)
class Recipe:
    """How a review becomes numbers.

    features: the recipe's name.
    version: the name of the whole way; a model is only ever scored with the version it was trained
        on. Raise it when any number of any review may change.
    dropped: the words that are left out at once.
    stemmed: whether a term is a word's stem, or the word itself.
    binary: whether the bag tells that a term occurs, or how often.
    evidence: whether the evidence of n-grams stands behind the bag (`features.ngram_scores`).
    """

    features: str
    version: str
    dropped: frozenset[str]
    stemmed: bool
    binary: bool
    evidence: bool


_ARTICLES = Recipe(
    features=STEMS,
    version=PREPROCESSING_VERSION,
    dropped=ENGLISH,
    stemmed=True,
    binary=False,
    evidence=False,
)
_ACCURATE = Recipe(
    features=EVIDENCE,
    version="evidence-1",
    dropped=frozenset(),
    stemmed=False,
    binary=True,
    evidence=True,
)

RECIPES = {recipe.features: recipe for recipe in (_ARTICLES, _ACCURATE)}
"""The recipes by name."""


def recipe_of(version: str) -> Recipe:
    """The recipe with this preprocessing version. Raises DataError if this code has none.

    >>> recipe_of("1").features, recipe_of("evidence-1").features
    ('stems', 'evidence')
    """
    known = {recipe.version: recipe for recipe in RECIPES.values()}
    if version not in known:
        raise DataError(
            f"preprocessing version {version!r} isn't among those of this code "
            f"({', '.join(known)}); use the code that the model was trained with"
        )
    return known[version]
