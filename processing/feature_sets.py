"""Feature sets: the values of the parameter Features, and how each turns a review into numbers."""

from __future__ import annotations

from dataclasses import dataclass

from processing.errors import DataError
from processing.names import NGRAMS, STEMS
from processing.text.normalize import TermFunction, stem_unless_stop_word, unchanged


@dataclass(frozen=True)
class FeatureSet:
    """The conversion of reviews to numbers.

    name: the value of the parameter Features.
    version: names the whole path from text to numbers. A model is only ever used with the version
        that it was trained with. Raise it when any number of any review may change.
    term: the function of `processing.text` that makes terms of words.
    binary: whether a feature is 1 for each term that occurs, instead of its number of occurrences.
    ngram_scores: whether the scores of n-grams follow the terms (`processing.features`).
    """

    name: str
    version: str
    term: TermFunction
    binary: bool
    ngram_scores: bool


_STEMS = FeatureSet(STEMS, "1", term=stem_unless_stop_word, binary=False, ngram_scores=False)
_NGRAMS = FeatureSet(NGRAMS, "ngrams-2", term=unchanged, binary=True, ngram_scores=True)

FEATURE_SETS = {each.name: each for each in (_STEMS, _NGRAMS)}
"""The feature sets by name."""


def feature_set_of_version(version: str) -> FeatureSet:
    """Return the feature set with this preprocessing version. Raise DataError if there is none.

    >>> feature_set_of_version("1").name, feature_set_of_version("ngrams-2").name
    ('stems', 'ngrams')
    """
    known = {each.version: each for each in FEATURE_SETS.values()}
    if version not in known:
        raise DataError(
            f"preprocessing version {version!r} isn't one of this code's ({', '.join(known)}); "
            "use the code that the model was trained with"
        )
    return known[version]
