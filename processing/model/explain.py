"""Explanation of a score by the words of the text, from the contribution of each feature.

A term's contribution is divided among the words of the text that have this term, by their counts.
The contribution of the n-gram scores of each size, and of all sizes, is divided among those
n-grams, in proportion to their weights in the linear model. An n-gram never gets a share with the
opposite sign of its weight; the remainder isn't assigned to any.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from processing.features.ngram_scores import SCORE_NAMES, WeightedNgram, weighted_ngrams
from processing.features.ngram_weights import NgramWeights
from processing.features.ngrams import SIZES
from processing.features.preprocessing import Preprocessing
from processing.names import LIBSVM
from processing.text.normalize import split_words, words_outside_ascii

STOP_WORD = "stop word"
UNKNOWN = "not in the vocabulary"
UNUSED = "without effect on this score"
NOT_ASCII = "without a letter a-z or a digit"
"""Reasons why a word has no contribution."""

_MAX_FACTOR = 3.0

Share = tuple[str, float]


def word_contributions(
    words: Sequence[str],
    preprocessing: Preprocessing,
    weights: NgramWeights | None,
    contributions: Sequence[float],
) -> list[Share]:
    """Return words and n-grams of a text with their shares of the log-odds, the largest first.

    words: all words of the text. weights: of n-grams, if the feature set has their scores.
    contributions: that of each feature of the model.
    """
    begin = 1 if preprocessing.feature_format == LIBSVM else 0  # after the first constant
    end = begin + len(preprocessing.terms)
    shares: defaultdict[str, float] = defaultdict(float)
    for word, share in _of_terms(words, preprocessing, contributions[begin:end]):
        shares[word] += share
    if weights is not None:
        ngrams = weighted_ngrams(words, weights)
        for text, share in _of_ngrams(ngrams, contributions[end : end + len(SCORE_NAMES)]):
            shares[text] += share
    return sorted(shares.items(), key=lambda share: (-abs(share[1]), share[0]))


def ignored_words(
    text: str, preprocessing: Preprocessing, effective: Iterable[str]
) -> list[tuple[str, str]]:
    """Return the distinct words of a text without a contribution, each with the reason.

    effective: words and n-grams with a contribution. They are in reading order, after those that
    have no ASCII letter or digit.
    """
    known, term = {*preprocessing.terms}, preprocessing.feature_set.term
    with_effect = {word for ngram in effective for word in ngram.split()}
    ignored = dict.fromkeys(words_outside_ascii(text), NOT_ASCII)
    for word in split_words(text):
        if word not in with_effect:
            of_word = term(word)
            unknown = UNUSED if of_word in known else UNKNOWN
            ignored[word] = STOP_WORD if of_word is None else unknown
    return [*ignored.items()]


def _of_terms(
    words: Sequence[str], preprocessing: Preprocessing, contributions: Sequence[float]
) -> Iterator[Share]:
    contribution_of = dict(zip(preprocessing.terms, contributions))
    words_of: defaultdict[str | None, Counter[str]] = defaultdict(Counter)
    for word, count in Counter(words).items():
        words_of[preprocessing.feature_set.term(word)][word] = count
    for term, counts in words_of.items():
        if term is not None and term in contribution_of:
            for word, count in counts.items():
                yield word, contribution_of[term] * count / counts.total()


def _of_ngrams(ngrams: Sequence[WeightedNgram], contributions: Sequence[float]) -> Iterator[Share]:
    """Yield the shares of n-grams in the contributions of the scores, which may repeat an n-gram.

    contributions: of the scores of each size, and of all sizes; for both kinds of weights.
    """
    groups = [[ngram for ngram in ngrams if ngram.size == size] for size in SIZES]
    groups.append([*ngrams])
    for number, group in enumerate(groups):
        contribution = sum(contributions[number :: len(groups)])
        factor = _factor(contribution, [ngram.weight for ngram in group])
        for ngram in group:
            yield ngram.text, factor * ngram.weight


def _factor(contribution: float, weights: Sequence[float]) -> float:
    """Return the factor that makes weights add up to a contribution, within limits.

    Weights that nearly cancel out would need a huge factor. The absolute values of the products add
    up to at most three times the contribution.

    >>> _factor(1.0, [3.0, -1.0]), _factor(-1.0, [3.0, -1.0]), _factor(1.0, [3.0, -3.0])
    (0.5, 0.0, 0.0)
    >>> _factor(1.0, [3.0, -2.9]) * 5.9
    3.0
    """
    total = sum(weights)
    if contribution * total <= 0:
        return 0.0
    return min(contribution / total, _MAX_FACTOR * abs(contribution) / sum(map(abs, weights)))
