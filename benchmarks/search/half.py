"""An archive in which nothing of the test half is left.

Preprocess wants a test half. Two reviews of the training half, one of each class, stand in for it,
and nobody reads what becomes of them.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks.archive import Review, reviews


def training_half(source: Path, target: Path) -> int:
    """Writes the archive's training half with its stand-ins; returns how many reviews it has."""
    with tarfile.open(target, "w") as archive:
        written = 0
        for name, text in members(reviews(source)):
            member, data = tarfile.TarInfo(name), text.encode()
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
            written += name.startswith("train/")
    return written


def members(every: Iterable[Review]) -> Iterator[tuple[str, str]]:
    """(name, text) of the training half's reviews, and of the two that stand in for a test half."""
    standing_in: dict[int, Review] = {}
    for review in every:
        if review.half == "train":
            assert review.name.startswith("train/"), review.name
            standing_in.setdefault(review.label, review)
            yield review.name, review.text
    for review in standing_in.values():
        yield review.name.replace("train/", "test/", 1), review.text
