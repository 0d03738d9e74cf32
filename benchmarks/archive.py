"""The reviews of an archive, read with the standard library alone.

The jobs' own reading is what is measured; nothing that prepares a measurement should change with
it.
"""

from __future__ import annotations

import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_REVIEW = re.compile(r"(?:.*/)?((train|test)/(pos|neg)/[^/]+\.txt)")


@dataclass(frozen=True)
class Review:
    """A labelled review: ``name`` as ``train/pos/0_9.txt``, ``label`` 1 for pos and 0 for neg."""

    name: str
    half: str
    label: int
    text: str


def reviews(archive: Path) -> Iterator[Review]:
    """The labelled reviews in the archive's order."""
    with tarfile.open(archive) as members:
        for member in members:
            if (match := _REVIEW.fullmatch(member.name)) and (file := members.extractfile(member)):
                text = file.read().decode()
                yield Review(match[1], match[2], int(match[3] == "pos"), text)
