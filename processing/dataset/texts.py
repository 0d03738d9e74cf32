"""Texts of some reviews, read from the raw data by their ids."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from processing.dataset.columns import ColumnNames
from processing.dataset.head import folder_of
from processing.dataset.read import DatasetReader
from processing.dataset.reviews import StoredText
from processing.dataset.tables import ReadOptions


def read_texts(
    raw: Path, columns: ColumnNames, ids: Collection[str]
) -> Iterator[tuple[str, StoredText]]:
    """Yield (id, text) of the reviews with these ids, in the order of the data.

    raw: a folder, or a file of any name. The ids are those of the part files of rows. Raise
    DataError for raw data that can't be read.
    """
    wanted = set(ids)
    with folder_of(raw) as folder:
        for batch in DatasetReader(folder, ReadOptions(columns)).batches():
            for name, stored in zip(batch.names, batch.texts):
                # A name may hold bytes that aren't UTF-8.
                identity = name.encode("utf-8", "backslashreplace").decode("utf-8")
                if identity in wanted:
                    yield identity, stored
