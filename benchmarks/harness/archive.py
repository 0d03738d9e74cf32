"""Read the reviews of an archive with the standard library, independently of the measured code."""

from __future__ import annotations

import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_REVIEW = re.compile(r"(?:.*/)?((train|test)/(pos|neg)/[^/]+\.txt)")


@dataclass(frozen=True)
class Review:
    """A review. name: like ``train/pos/0_9.txt``. split: train or test. label: 1 or 0."""

    name: str
    split: str
    label: int
    text: str


def reviews(archive: Path) -> Iterator[Review]:
    """Yield the labelled reviews in the order of the archive."""
    with tarfile.open(archive) as members:
        for member in members:
            if (match := _REVIEW.fullmatch(member.name)) and (file := members.extractfile(member)):
                text = file.read().decode()
                yield Review(match[1], match[2], int(match[3] == "pos"), text)
