"""A dataset's folder as batches of reviews.

It may hold archives and tables side by side, which are read in the order of their paths.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from processing.dataset.archives import ReviewArchive
from processing.dataset.file_formats import (
    LISTED_SUFFIXES,
    data_files,
    files_below,
    is_table,
)
from processing.dataset.given_splits import (
    BY_PATH,
    UNLABELED,
    require_all_given,
    split_of_path,
    splits_of_paths,
)
from processing.dataset.hashing import file_digest
from processing.dataset.input_object import input_object, print_ignored_objects
from processing.dataset.reviews import Batch, StoredText
from processing.dataset.tables import ReadOptions, read_table
from processing.dataset.unpacking import unpacked
from processing.errors import DataError
from processing.names import TEST

_BATCH_SIZE = 1_000_000  # bytes, or characters, of text
_ROW_SIZE = 50  # added for each review, so that many short ones are several batches

Review = tuple[str, StoredText, str, str]
"""Name, text, label and split."""


@dataclass(frozen=True)
class InputFile:
    """A file that was read: its path below the dataset's folder, its SHA-256 in hexadecimal."""

    name: str
    sha256: str


class DatasetReader:
    """Reads the reviews below a folder.

    files: that were read. found_splits: all pairs of a split and a source of some of its reviews
    (`processing.dataset.given_splits`). Both are complete after `batches` has ended.
    """

    def __init__(self, folder: Path, options: ReadOptions) -> None:
        self._folder = folder
        self._options = options
        self.files: list[InputFile] = []
        self._of_tables: dict[str, str] = {}
        self.found_splits: set[tuple[str, str]] = set()

    def batches(self) -> Iterator[Batch]:
        """Yield the reviews, about a megabyte at a time. Raise DataError for invalid files."""
        batch, size = Batch([], [], [], []), 0
        for name, text, label, split in self._reviews():
            batch.names.append(name)
            batch.texts.append(text)
            batch.labels.append(label)
            batch.splits.append(split)
            size += len(text or "") + _ROW_SIZE
            if size >= _BATCH_SIZE:
                yield batch
                batch, size = Batch([], [], [], []), 0
        if batch.names:
            yield batch

    def _reviews(self) -> Iterator[Review]:
        with unpacked(self._folder, dataset_files(self._folder)) as folder:
            for file in files_to_read(folder, self._options):
                if is_table(file.path):
                    yield from self._rows(file)
                    digest = file_digest(file.path)
                else:
                    archive = ReviewArchive(file.path)
                    yield from self._archived(archive)
                    digest = archive.sha256
                self.files.append(InputFile(file.name, digest))

    def _rows(self, file: DatasetFile) -> Iterator[Review]:
        unlabeled = 0
        for row in read_table(file.path, self._options, file.prefix, file.split):
            if file.name not in self._of_tables:
                self._of_tables[file.name] = row.source
                require_all_given(self._of_tables)
            if row.split == UNLABELED:
                unlabeled += 1
                continue
            self.found_splits.add((row.split, row.source))
            yield row.name, row.text, row.label, row.split
        if unlabeled:
            print(f"{file.name}: skipped {unlabeled:,} unlabeled rows", flush=True)

    def _archived(self, archive: ReviewArchive) -> Iterator[Review]:
        if self._options.columns.label is None:
            for text in archive.texts():
                yield text.name, text.text, "", TEST
            return
        for review in archive.labelled():
            split = self._options.split(review.split, BY_PATH, review.name)
            self.found_splits.add((split, BY_PATH))
            yield review.name, review.text, review.label, split


@dataclass(frozen=True)
class DatasetFile:
    """A file to read.

    number: its position among the files. name: its path below the dataset's folder. prefix:
    precedes the row number in the name of a review without an id. split: that the path of a table
    names.
    """

    number: int
    path: Path
    name: str
    prefix: str
    split: str


def files_to_read(folder: Path, options: ReadOptions) -> list[DatasetFile]:
    """Return the files of a dataset's folder, sorted by path, without those that are unlabeled.

    Raise DataError if there are none, or if the names of tables give splits without train.
    """
    print_ignored_objects(folder)
    paths = {path.relative_to(folder).as_posix(): path for path in dataset_files(folder)}
    splits: dict[str, str] = {}
    if options.columns.label is not None:
        splits = splits_of_paths(name for name, path in paths.items() if is_table(path))
        for name, split in splits.items():
            if split == UNLABELED:
                print(f"{name}: skipped, because its name says that it is unlabeled", flush=True)
                del paths[name]
            elif not split and (ignored := split_of_path(name)):
                print(f"{name}: all files are named {ignored}, so they are divided", flush=True)
    return [
        DatasetFile(number, path, name, f"{name}:" if len(paths) > 1 else "", splits.get(name, ""))
        for number, (name, path) in enumerate(paths.items())
    ]


def dataset_files(folder: Path) -> list[Path]:
    """Return the files of a dataset's folder that are data. Raise DataError if there are none.

    A single file is data under any name: the dataset's URI may be that of one object
    (`processing.dataset.input_object`).
    """
    if only := input_object(folder):
        return [only]
    files = data_files(folder)
    if not files:
        everything = files_below(folder)
        files = everything if len(everything) == 1 else []
    if not files:
        raise DataError(f"{folder}: no tables or archives ({LISTED_SUFFIXES})")
    return files
