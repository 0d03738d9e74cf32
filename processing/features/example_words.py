"""Example words: the most frequent word of each stem, for readers of the HTML report.

They are counted in a sample of the reviews, because they aren't features.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable


def example_words(sampled: Iterable[str], terms: Container[str]) -> dict[str, str]:
    """Return the most frequent word of each of the terms, unless it is the term itself.

    sampled: texts in which each word follows its term. Of words that occur equally often, the
    alphabetically first is chosen.

    >>> example_words(["movi movies film film", "movi movie"], {"movi", "film"})
    {'movi': 'movie'}
    """
    counts: Counter[tuple[str, str]] = Counter()
    for text in sampled:
        parts = text.split()
        counts.update(zip(parts[::2], parts[1::2]))
    words: dict[str, str] = {}
    for term, word in sorted(counts, key=lambda pair: (-counts[pair], pair)):
        if term in terms:
            words.setdefault(term, word)
    return {term: word for term, word in words.items() if word != term}
