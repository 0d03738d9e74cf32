"""Hashes of review names, which decide their splits and order, and hashes of files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

_CHUNK_BYTES = 1 << 20
_SAMPLE_BYTES = 1 << 19


def sort_key(name: str, seed: int) -> bytes:
    """Return the key by which the reviews of a split are sorted.

    >>> sort_key("train/pos/0_9.txt", seed=0).hex()[:8]
    '5418b097'
    """
    return hashlib.sha256(f"{seed}:{name}".encode("utf-8", "surrogatepass")).digest()


def is_for_testing(name: str, seed: int, fraction: float) -> bool:
    """Return whether a review belongs to the ``fraction`` of reviews that form the test set.

    It depends only on the name and the seed, so a dataset that grows keeps its test set, and any
    number of machines agree.

    >>> sum(is_for_testing(f"{number}", 0, 0.2) for number in range(1_000))
    180
    """
    key = hashlib.sha256(f"test:{seed}:{name}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(key[:8], "big") < fraction * 2.0**64


def text_digest(text: str) -> int:
    """Return 64 bits of a hash of a text, as an unsigned integer."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def sampling_limit(files: Iterable[Path]) -> int:
    """Return the limit of `text_digest` below which about 0.5 MB of the files' texts are."""
    size = sum(path.stat().st_size for path in files)
    return (1 << 64) * _SAMPLE_BYTES // max(size, _SAMPLE_BYTES)


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
