"""N-grams as numbers: every run of one, two or three words of a review gets one of 2^20 buckets.

A bucket is the beginning of a hash that is made of the words' own hashes, so it depends on nothing
but the words' letters, and tables by bucket have one size whatever the text. Where two n-grams
share a bucket they count as one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from processing.corpus.token_ids import Lengths, Places

SIZES = (1, 2, 3)
"""How many words an n-gram has."""

BUCKET_BITS = 20
BUCKETS = 1 << BUCKET_BITS

Hashes = npt.NDArray[np.uint64]

# Odd, with about half of the bits set; the second is one of SplitMix64's.
_CHAIN, _MIX = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)
_BITS, _OTHER_BITS = np.uint64(BUCKET_BITS), np.uint64(64 - BUCKET_BITS)


def hashes_of(words: Iterable[str]) -> Hashes:
    """64 bits for each word, which depend on its letters only.

    >>> [hex(word) for word in hashes_of(["good", "film"]).tolist()]
    ['0x30b55b74d88f8707', '0x5b2cbeded4014340']
    """
    digests = (hashlib.blake2b(word.encode(), digest_size=8).digest() for word in words)
    return np.frombuffer(b"".join(digests), "<u8").astype(np.uint64)


def ngrams(hashes: Hashes, lengths: Lengths) -> Iterator[tuple[Places, Hashes]]:
    """For each of `SIZES`, the n-grams that lie within one review.

    hashes: of the words of r reviews, one review after the other. lengths: of shape (r,).
    Yields the place of each n-gram's first word, ascending, and the n-gram's bucket.

    >>> hashes = hashes_of("a rose is a rose".split())
    >>> [first.tolist() for first, _ in ngrams(hashes, np.array([3, 2], np.int32))]
    [[0, 1, 2, 3, 4], [0, 1, 3], [0]]
    """
    review = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
    chained = hashes
    for size in SIZES:
        if size > 1:
            chained = _mixed(chained[:-1] * _CHAIN + hashes[size - 1 :])
        first = np.flatnonzero(review[: len(chained)] == review[size - 1 :])
        yield first, chained[first] >> _OTHER_BITS


def distinct(hashes: Hashes, lengths: Lengths) -> Iterator[tuple[Places, Hashes]]:
    """For each of `SIZES`, the buckets that occur in each review, ascending within a review.

    hashes, lengths: as for `ngrams`. Yields the number of each one's review, and the bucket.

    >>> hashes = hashes_of("a rose is a rose".split())
    >>> [rows.tolist() for rows, _ in distinct(hashes, np.array([5], np.int32))]
    [[0, 0, 0], [0, 0, 0], [0, 0, 0]]
    """
    review = np.repeat(np.arange(len(lengths), dtype=np.uint64) << _BITS, lengths)
    for first, buckets in ngrams(hashes, lengths):
        # np.unique does the same, by a hash table from NumPy 2.3 on, in 30 times the time.
        found = np.sort(review[first] | buckets)
        found = found[np.append(True, found[1:] != found[:-1])[: len(found)]]
        yield (found >> _BITS).astype(np.int64), found & np.uint64(BUCKETS - 1)


def _mixed(hashes: Hashes) -> Hashes:
    """Lets every bit of a hash have its say in the first ones; uint64 arrays wrap silently."""
    hashes = (hashes ^ (hashes >> np.uint64(31))) * _MIX
    return hashes ^ (hashes >> np.uint64(29))
