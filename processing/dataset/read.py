"""The raw reviews of a job: whatever lies in a folder, as batches.

Archives and tables may lie beside each other; they are read in the order of their names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from processing.dataset.archives import ArchivedReview, ReviewArchive
from processing.dataset.file_formats import is_data, is_table
from processing.dataset.hashing import file_digest
from processing.dataset.reviews import Batch, Stored
from processing.dataset.tables import Rules, read_table
from processing.errors import DataError

_BATCH = 1_000_000  # bytes, or letters, of text
_OF_A_ROW = 50  # what a row counts besides its text, so that many short ones are many batches


@dataclass(frozen=True)
class InputFile:
    """A file that reviews came from: its name, and its SHA-256 in hexadecimal."""

    name: str
    sha256: str


class RawReviews:
    """The reviews below a folder, read once; `files` is known when they have been."""

    def __init__(self, folder: Path, rules: Rules) -> None:
        self._folder = folder
        self._rules = rules
        self.files: list[InputFile] = []

    def read(self) -> Iterator[Batch]:
        """Yields the reviews, some megabytes at a time. Raises DataError for what can't be read."""
        batch, size = Batch([], [], [], []), 0
        for name, text, label, in_train in self._reviews():
            batch.names.append(name)
            batch.texts.append(text)
            batch.labels.append(label)
            batch.in_train.append(in_train)
            size += len(text or "") + _OF_A_ROW
            if size >= _BATCH:
                yield batch
                batch, size = Batch([], [], [], []), 0
        if batch.names:
            yield batch

    def _reviews(self) -> Iterator[tuple[str, Stored, str, bool]]:
        paths = raw_files(self._folder)
        for path in paths:
            name = path.relative_to(self._folder).as_posix()
            if is_table(path):
                prefix = f"{name}:" if len(paths) > 1 else ""
                for row in read_table(path, self._rules, prefix):
                    yield row.name, row.text, row.label, row.in_train
                digest = file_digest(path)
            else:
                archive = ReviewArchive(path)
                for review in self._of_archive(archive):
                    yield review.name, review.text, review.label, review.half == "train"
                digest = archive.sha256
            self.files.append(InputFile(name, digest))

    def _of_archive(self, archive: ReviewArchive) -> Iterator[ArchivedReview]:
        is_labelled = self._rules.columns.label is not None
        return archive.labelled() if is_labelled else archive.texts()


def raw_files(folder: Path) -> list[Path]:
    """The files below ``folder`` that are data, sorted (`processing.dataset.file_formats.is_data`).

    Raises DataError if there is none.
    """
    names = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    files = [
        folder / name for name in sorted(filter(is_data, names), key=lambda name: name.as_posix())
    ]
    if not files:
        raise DataError(f"{folder}: expected archives or tables of reviews, found nothing")
    return files
