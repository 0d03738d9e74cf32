"""A dataset's folder as batches of reviews.

It may hold archives and tables side by side, which are read in the order of their paths.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from processing.dataset.archives import ArchivedReview, ReviewArchive
from processing.dataset.file_formats import (
    DATA_SUFFIXES,
    data_files,
    files_below,
    is_hidden,
    is_table,
)
from processing.dataset.hashing import file_digest
from processing.dataset.reviews import Batch, StoredText
from processing.dataset.tables import ReadOptions, read_table
from processing.errors import DataError
from processing.names import TRAIN

_BATCH_SIZE = 1_000_000  # bytes, or characters, of text
_ROW_SIZE = 50  # added for each review, so that many short ones are several batches


@dataclass(frozen=True)
class InputFile:
    """A file that was read: its path below the dataset's folder, its SHA-256 in hexadecimal."""

    name: str
    sha256: str


class DatasetReader:
    """Reads the reviews below a folder. ``files`` is complete after `batches` has ended."""

    def __init__(self, folder: Path, options: ReadOptions) -> None:
        self._folder = folder
        self._options = options
        self.files: list[InputFile] = []

    def batches(self) -> Iterator[Batch]:
        """Yield the reviews, about a megabyte at a time. Raise DataError for invalid files."""
        batch, size = Batch([], [], [], []), 0
        for name, text, label, in_training_set in self._reviews():
            batch.names.append(name)
            batch.texts.append(text)
            batch.labels.append(label)
            batch.in_training_set.append(in_training_set)
            size += len(text or "") + _ROW_SIZE
            if size >= _BATCH_SIZE:
                yield batch
                batch, size = Batch([], [], [], []), 0
        if batch.names:
            yield batch

    def _reviews(self) -> Iterator[tuple[str, StoredText, str, bool]]:
        paths = dataset_files(self._folder)
        for path in paths:
            name = path.relative_to(self._folder).as_posix()
            if is_table(path):
                prefix = f"{name}:" if len(paths) > 1 else ""
                for row in read_table(path, self._options, prefix):
                    yield row.name, row.text, row.label, row.in_training_set
                digest = file_digest(path)
            else:
                archive = ReviewArchive(path)
                for review in self._archived(archive):
                    yield review.name, review.text, review.label, review.split == TRAIN
                digest = archive.sha256
            self.files.append(InputFile(name, digest))

    def _archived(self, archive: ReviewArchive) -> Iterator[ArchivedReview]:
        is_labelled = self._options.columns.label is not None
        return archive.labelled() if is_labelled else archive.texts()


def dataset_files(folder: Path) -> list[Path]:
    """Return the files of a dataset's folder that are data. Raise DataError if there are none.

    A single file is data under any name: the dataset's URI may be that of one object.
    """
    files = data_files(folder)
    if not files:
        visible = [path for path in files_below(folder) if not is_hidden(path.relative_to(folder))]
        files = visible if len(visible) == 1 else []
    if not files:
        raise DataError(f"{folder}: no tables or archives ({', '.join(DATA_SUFFIXES)})")
    return files
