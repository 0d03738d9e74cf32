"""The words of a text that decided, from what each feature added to the log-odds.

A term's share is dealt out to the words of the text that it stands for, by how often each occurs.
The share of the evidence of n-grams is dealt out to them in proportion to their weights, size by
size. An n-gram never gets a share against its own weight; what then can't be dealt out, isn't.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from processing.features.ngram_scores import (
    WIDTH,
    Weighed,
    Weights,
    weighed,
)
from processing.features.ngrams import SIZES
from processing.features.preprocessing import Preprocessing
from processing.names import LIBSVM
from processing.text.normalize import stem

_MOST = 3.0

Share = tuple[str, float]


def deciding_words(
    words: Sequence[str],
    preprocessing: Preprocessing,
    weights: Weights | None,
    contributions: Sequence[float],
) -> list[Share]:
    """Words and n-grams of a text with what each added to the log-odds, the strongest first.

    words: all of the text's. weights: those of n-grams, if the recipe has any.
    contributions: what each of the model's features added.
    """
    begin = 1 if preprocessing.feature_format == LIBSVM else 0  # a constant at either end
    end = begin + len(preprocessing.terms)
    shares: defaultdict[str, float] = defaultdict(float)
    for word, share in _of_terms(words, preprocessing, contributions[begin:end]):
        shares[word] += share
    if weights is not None:
        for text, share in _of_ngrams(weighed(words, weights), contributions[end : end + WIDTH]):
            shares[text] += share
    return sorted(shares.items(), key=lambda share: (-abs(share[1]), share[0]))


def unknown_words(words: Sequence[str], preprocessing: Preprocessing) -> list[str]:
    """The words whose terms the vocabulary doesn't have, each once, in reading order."""
    known = set(preprocessing.terms)
    counted = dict.fromkeys(word for word in words if word not in preprocessing.recipe.dropped)
    return [word for word in counted if _term(word, preprocessing) not in known]


def _of_terms(
    words: Sequence[str], preprocessing: Preprocessing, contributions: Sequence[float]
) -> Iterator[Share]:
    share_of = dict(zip(preprocessing.terms, contributions))
    forms: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for word in words:
        if word not in preprocessing.recipe.dropped:
            forms[_term(word, preprocessing)][word] += 1
    for term, counts in forms.items():
        if term in share_of:
            for word, count in counts.items():
                yield word, share_of[term] * count / counts.total()


def _of_ngrams(ngrams: Sequence[Weighed], contributions: Sequence[float]) -> Iterator[Share]:
    for number, size in enumerate(SIZES):
        of_size = [ngram for ngram in ngrams if ngram.size == size]
        factor = _factor(
            sum(contributions[2 * number : 2 * number + 2]), [ngram.weight for ngram in of_size]
        )
        for ngram in of_size:
            yield ngram.text, factor * ngram.weight


def _factor(contribution: float, weights: Sequence[float]) -> float:
    """What to multiply weights with, so that they add up to a contribution, within reason.

    Where weights for both classes are about in balance, they would have to be blown up. They are to
    add up to at most three times the contribution, both directions counted.

    >>> _factor(1.0, [3.0, -1.0]), _factor(-1.0, [3.0, -1.0]), _factor(1.0, [3.0, -3.0])
    (0.5, 0.0, 0.0)
    >>> _factor(1.0, [3.0, -2.9]) * 5.9
    3.0
    """
    total = sum(weights)
    if contribution * total <= 0:
        return 0.0
    return min(contribution / total, _MOST * abs(contribution) / sum(map(abs, weights)))


def _term(word: str, preprocessing: Preprocessing) -> str:
    return stem(word) if preprocessing.recipe.stemmed else word
