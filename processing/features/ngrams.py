"""N-grams as numbers: one, two or three adjacent words of a review are one of 2^22 buckets.

A bucket is the beginning of a hash of the hashes of the words. So it depends on nothing but the
letters, and tables by bucket have the same size whatever the text. N-grams of one size that share
a bucket count as one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from processing.corpus.token_ids import Lengths, Offsets

SIZES = (1, 2, 3)
"""The numbers of words in an n-gram."""

BUCKET_BITS = 22
BUCKETS = 1 << BUCKET_BITS

NGRAMS = len(SIZES) * BUCKETS
"""Numbers of n-grams are below it: the bucket + 0, 1 or 2 times `BUCKETS`, by size."""

Hashes = npt.NDArray[np.uint64]

# Odd, about half of the bits set; the second is one of SplitMix64's.
_CHAIN, _MIX = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)
_BITS, _OTHER_BITS = np.uint64(BUCKET_BITS), np.uint64(64 - BUCKET_BITS)


def hashes_of(words: Iterable[str]) -> Hashes:
    """Return 64 bits for each word, which depend on its letters only.

    >>> [hex(word) for word in hashes_of(["good", "film"]).tolist()]
    ['0x30b55b74d88f8707', '0x5b2cbeded4014340']
    """
    digests = (hashlib.blake2b(word.encode(), digest_size=8).digest() for word in words)
    return np.frombuffer(b"".join(digests), "<u8").astype(np.uint64)


def ngrams(hashes: Hashes, lengths: Lengths) -> Iterator[tuple[Offsets, Hashes]]:
    """Yield, for each of `SIZES`, the n-grams within each review.

    hashes: of the words of r reviews, one review after the other. lengths: of shape (r,).
    Yields the position of each n-gram's first word, ascending, and the n-gram's bucket.

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


def distinct_ngrams(hashes: Hashes, lengths: Lengths) -> tuple[Offsets, npt.NDArray[np.uint32]]:
    """Return the distinct n-grams of each review: the numbers of their reviews, and their own.

    hashes, lengths: as for `ngrams`. They are ascending by size, review and number.

    >>> hashes = hashes_of("a rose is a rose".split())
    >>> rows, numbers = distinct_ngrams(hashes, np.array([3, 2], np.int32))
    >>> rows.tolist(), (numbers >> BUCKET_BITS).tolist()
    ([0, 0, 0, 1, 1, 0, 0, 1, 0], [0, 0, 0, 0, 0, 1, 1, 1, 2])
    """
    review = np.repeat(np.arange(len(lengths), dtype=np.uint64) << _BITS, lengths)
    rows, numbers = [], []
    for size, (first, buckets) in enumerate(ngrams(hashes, lengths)):
        # From NumPy 2.3 on, np.unique does this with a hash table, which takes 30 times as long.
        found = np.sort(review[first] | buckets)
        found = found[np.append(True, found[1:] != found[:-1])[: len(found)]]
        rows.append((found >> _BITS).astype(np.int64))
        numbers.append(
            (found & np.uint64(BUCKETS - 1)).astype(np.uint32) | np.uint32(size << BUCKET_BITS)
        )
    return np.concatenate(rows), np.concatenate(numbers)


def _mixed(hashes: Hashes) -> Hashes:
    """Mix the bits of each hash, so that all affect the first ones; uint64 wraps silently."""
    hashes = (hashes ^ (hashes >> np.uint64(31))) * _MIX
    return hashes ^ (hashes >> np.uint64(29))
