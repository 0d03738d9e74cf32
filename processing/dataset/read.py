"""A dataset's folder as batches of reviews.

It may hold archives and tables side by side, which are read in the order of their paths.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from processing.dataset.columns import Columns
from processing.dataset.file_summary import DatasetSummary, FileSummary
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
    split_of_path,
    splits_of_paths,
)
from processing.dataset.hashing import file_digest
from processing.dataset.path_columns import path_columns
from processing.dataset.reviews import Batch, StoredText
from processing.dataset.rows.table import Table
from processing.dataset.table_files import open_table
from processing.dataset.tables import ReadOptions, TableReview, reviews_of
from processing.errors import DataError
from processing.names import TEST

_BATCH_SIZE = 1_000_000  # bytes, or characters, of text
_ROW_SIZE = 50  # added for each review, so that many short ones are several batches

Review = tuple[str, StoredText, str, str]
"""Name, text, label and split."""


class DatasetReader:
    """Reads the reviews below a folder.

    summary: of the files that were read; complete after `batches` has ended.
    """

    def __init__(self, folder: Path, options: ReadOptions) -> None:
        self._folder = folder
        self._options = options
        self.summary = DatasetSummary()

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
        with unpacked_dataset(self._folder) as folder:
            for file in files_to_read(folder, self._options):
                yield from self._rows(file) if is_table(file.path) else self._archive(file)

    def _rows(self, file: DatasetFile) -> Iterator[Review]:
        columns, rows = read_rows(file, self._options)
        summary = FileSummary(file.name, columns)
        self.summary.add(summary)
        yield from labeled_rows(rows, summary, self.summary.require_all_given)
        summary.sha256 = file_digest(file.path)
        summary.print_unlabeled()

    def _archive(self, file: DatasetFile) -> Iterator[Review]:
        return self._archived(ReviewArchive(file.path), FileSummary(file.name))

    def _archived(self, archive: ReviewArchive, summary: FileSummary) -> Iterator[Review]:
        self.summary.add(summary)
        yield from archived_reviews(archive, self._options, summary)
        summary.print_unlabeled()


def labeled_rows(
    rows: Iterator[TableReview], summary: FileSummary, begun: Callable[[], None] = lambda: None
) -> Iterator[Review]:
    """Yield the reviews of a table that aren't unlabeled, and complete its summary but the hash.

    begun: is called when the first row has been read.
    """
    for row in rows:
        if not summary.source:
            summary.source = row.source
            begun()
        if row.split == UNLABELED:
            summary.unlabeled += 1
            continue
        summary.found_splits.add((row.split, row.source))
        yield row.name, row.text, row.label, row.split


def archived_reviews(
    archive: ReviewArchive, options: ReadOptions, summary: FileSummary
) -> Iterator[Review]:
    """Yield the reviews of an archive, and complete its summary."""
    if options.columns.label is None:
        for text in archive.texts():
            yield text.name, text.text, "", TEST
    else:
        for review in archive.labelled():
            split = options.split(review.split, BY_PATH, review.name)
            summary.found_splits.add((split, BY_PATH))
            yield review.name, review.text, review.label, split
        summary.unlabeled = archive.unlabeled
    summary.sha256 = archive.sha256


@contextmanager
def unpacked_dataset(folder: Path, scratch: Path | None = None) -> Iterator[Path]:
    """Yield the folder with a dataset's files, in which archives of tables are unpacked.

    scratch: where to unpack them; a temporary folder by default. Raise DataError if there are no
    files.
    """
    print_ignored_objects(folder)
    with unpacked(folder, dataset_files(folder), scratch) as found:
        yield found


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


def read_rows(
    file: DatasetFile, options: ReadOptions, table: Table | None = None
) -> tuple[Columns, Iterator[TableReview]]:
    """Return the columns of a table, and its reviews. Raise DataError, with file and row.

    table: the content of the file, if something else has opened it.
    """
    columns = replace(options.columns, of_path=path_columns(file.name))
    options = replace(options, columns=columns)
    table = table or open_table(file.path, columns, source=file.name)
    return table.columns, reviews_of(
        table, options, source=file.name, prefix=file.prefix, split=file.split
    )


def table_has_rows(file: DatasetFile, options: ReadOptions) -> bool:
    """Return whether a table has rows. Raise DataError."""
    return next(read_rows(file, options)[1], None) is not None


def files_to_read(
    folder: Path, options: ReadOptions, has_rows: Callable[[DatasetFile], bool] | None = None
) -> list[DatasetFile]:
    """Return the files of a dataset's folder, sorted by path, without those that are unlabeled.

    has_rows: `table_has_rows` by default. Raise DataError if there are none, if two hold the same
    data, or if the names of tables give splits without train.
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
    has_rows = has_rows or partial(table_has_rows, options=options)
    by_name = {file.name: file for file in files}
    for first, second in files_with_equal_content(paths):
        file = by_name[first]  # parts of an export without rows are equal
        if not is_table(file.path) or has_rows(file):
            raise DataError(f"{first} and {second} have the same content; remove one")
    return files


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
