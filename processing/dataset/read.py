"""A dataset's folder as batches of reviews.

It may hold archives and tables side by side, which are read in the order of their paths.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from processing.dataset.columns import Columns
from processing.dataset.files.archives import ReviewArchive
from processing.dataset.files.duplicate_files import (
    files_with_equal_content,
    require_different_names,
)
from processing.dataset.files.file_formats import (
    LISTED_SUFFIXES,
    data_files,
    files_below,
    is_table,
)
from processing.dataset.files.input_object import input_object, print_ignored_objects
from processing.dataset.files.unpacking import unpacked
from processing.dataset.given_splits import (
    BY_PATH,
    UNLABELED,
    require_all_given,
    split_of_path,
    splits_of_paths,
)
from processing.dataset.hashing import file_digest
from processing.dataset.path_columns import path_columns
from processing.dataset.reviews import Batch, StoredText
from processing.dataset.table_files import open_table
from processing.dataset.tables import ReadOptions, TableReview, reviews_of
from processing.errors import DataError
from processing.names import TEST

_BATCH_SIZE = 1_000_000  # bytes, or characters, of text
_ROW_SIZE = 50  # added for each review, so that many short ones are several batches

Review = tuple[str, StoredText, str, str]
"""Name, text, label and split."""


@dataclass(frozen=True)
class InputFile:
    """A file that was read.

    name: its path below the dataset's folder. sha256: in hexadecimal. columns: of a table, the
    names of those that were read, by role.
    """

    name: str
    sha256: str
    columns: Mapping[str, str] | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the file as in the manifest: an archive without columns."""
        return {key: value for key, value in asdict(self).items() if value is not None}


class DatasetReader:
    """Reads the reviews below a folder.

    files: that were read. found_splits: all pairs of a split and a source of some of its reviews
    (`processing.dataset.given_splits`). columns: of each table, by name. All are complete after
    `batches` has ended.
    """

    def __init__(self, folder: Path, options: ReadOptions) -> None:
        self._folder = folder
        self._options = options
        self.files: list[InputFile] = []
        self._of_tables: dict[str, str] = {}
        self.columns: dict[str, Columns] = {}
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
        print_ignored_objects(self._folder)
        with unpacked(self._folder, dataset_files(self._folder)) as folder:
            for file in files_to_read(folder, self._options):
                if is_table(file.path):
                    yield from self._rows(file)
                    columns = self.columns[file.name].by_role()
                    read = InputFile(file.name, file_digest(file.path), columns)
                else:
                    archive = ReviewArchive(file.path)
                    yield from self._archived(archive)
                    read = InputFile(file.name, archive.sha256)
                self.files.append(read)

    def _rows(self, file: DatasetFile) -> Iterator[Review]:
        columns, rows = read_rows(file, self._options)
        self._log_columns(file.name, columns)
        self.columns[file.name] = columns
        unlabeled = 0
        for row in rows:
            if file.name not in self._of_tables:
                self._of_tables[file.name] = row.source
                require_all_given(self._of_tables)
            if row.split == UNLABELED:
                unlabeled += 1
                continue
            self.found_splits.add((row.split, row.source))
            yield row.name, row.text, row.label, row.split
        if unlabeled:
            print(f"{file.name}: skipped the unlabeled rows: {unlabeled:,}", flush=True)

    def _log_columns(self, name: str, columns: Columns) -> None:
        """Log the columns of a table, unless those of the table before are the same."""
        before = next(reversed(self.columns.values()), None)
        for message in columns.messages() if columns != before else ():
            print(f"{name}: {message}", flush=True)

    def _archived(self, archive: ReviewArchive) -> Iterator[Review]:
        if self._options.columns.label is None:
            for text in archive.texts():
                yield text.name, text.text, "", TEST
            return
        for review in archive.labelled():
            split = self._options.split(review.split, BY_PATH, review.name)
            self.found_splits.add((split, BY_PATH))
            yield review.name, review.text, review.label, split
        if archive.unlabeled:
            name = archive.path.name
            print(f"{name}: skipped the unlabeled reviews: {archive.unlabeled:,}", flush=True)


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


def read_rows(file: DatasetFile, options: ReadOptions) -> tuple[Columns, Iterator[TableReview]]:
    """Return the columns of a table, and its reviews. Raise DataError, with file and row."""
    columns = replace(options.columns, of_path=path_columns(file.name))
    options = replace(options, columns=columns)
    table = open_table(file.path, columns, source=file.name)
    return table.columns, reviews_of(
        table, options, source=file.name, prefix=file.prefix, split=file.split
    )


def files_to_read(folder: Path, options: ReadOptions) -> list[DatasetFile]:
    """Return the files of a dataset's folder, sorted by path, without those that are unlabeled.

    Raise DataError if there are none, if two hold the same data, or if the names of tables give
    splits without train.
    """
    paths = {path.relative_to(folder).as_posix(): path for path in dataset_files(folder)}
    require_different_names(paths)
    splits: dict[str, str] = {}
    if options.columns.label is not None:
        splits = splits_of_paths(name for name, path in paths.items() if is_table(path))
        for name, split in splits.items():
            if split == UNLABELED:
                print(f"{name}: skipped, because its name says that it is unlabeled", flush=True)
                del paths[name]
            elif not split and (ignored := split_of_path(name)):
                print(
                    f"{name}: its name says {ignored}, which is ignored without train", flush=True
                )
    files = [
        DatasetFile(number, path, name, f"{name}:" if len(paths) > 1 else "", splits.get(name, ""))
        for number, (name, path) in enumerate(paths.items())
    ]
    by_name = {file.name: file for file in files}
    for first, second in files_with_equal_content(paths):
        if _has_reviews(by_name[first], options):  # parts of an export without rows are equal
            raise DataError(f"{first} and {second} have the same content; remove one")
    return files


def _has_reviews(file: DatasetFile, options: ReadOptions) -> bool:
    return not is_table(file.path) or next(read_rows(file, options)[1], None) is not None


def dataset_files(folder: Path) -> list[Path]:
    """Return the files of a dataset's folder that are data. Raise DataError if there are none.

    A single file is data under any name: the dataset's URI may be that of one object
    (`processing.dataset.files.input_object`).
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
