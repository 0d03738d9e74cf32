"""What is known of reviews beside their features, shared out to files as their features are."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice, pairwise
from pathlib import Path

from processing.features.writer import first_rows, part_name
from processing.part_files import write_rows


def write_row_files(
    rows: Iterable[tuple[str, int, int]], count: int, folder: Path, *, parts: int
) -> None:
    """Writes ``count`` rows of (id, words, known) in ``parts`` files.

    words: how many words a review has, without those that the recipe drops, or
    `processing.part_files.UNUSABLE`; known: how many of them the vocabulary has.
    """
    coming = iter(rows)
    starts = [*first_rows(count, parts), count]
    for number, (start, end) in enumerate(pairwise(starts)):
        write_rows(folder / f"{part_name(number)}.csv", islice(coming, end - start))
