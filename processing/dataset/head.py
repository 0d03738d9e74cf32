"""The head of a dataset: some reviews of each of its files, read where they are stored."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from processing.dataset.file_summary import FileSummary
from processing.dataset.files.archives import is_labelled
from processing.dataset.files.file_content import FileFormat, file_format
from processing.dataset.files.file_formats import data_files, is_text
from processing.dataset.files.text_folder import TextFolder
from processing.dataset.read import (
    DatasetReader,
    Review,
    files_to_read,
    unpacked_dataset,
)
from processing.dataset.tables import ReadOptions


@contextlib.contextmanager
def folder_of(dataset: Path) -> Iterator[Path]:
    """Yield a folder, or one that holds a link to a file, which messages call by its own name."""
    if dataset.is_dir():
        yield dataset
        return
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / dataset.name).symlink_to(dataset.absolute())
        yield Path(folder)


@dataclass
class ReadFile:
    """A table, an archive or a folder of texts, and the number of reviews that were read of it.

    name: in the dataset. size: in bytes. Of a folder, format and size are None.
    """

    name: str
    format: FileFormat | None = None
    size: int | None = None
    rows: int = 0
    is_complete: bool = False


class HeadReader(DatasetReader):
    """Reads ``max_rows`` reviews at most, an equal part of each file; all of them if None.

    is_file: whether the dataset is a file, which isn't a text, also if it is named like one.
    read: the files that were read so far.
    """

    def __init__(
        self,
        folder: Path,
        options: ReadOptions,
        max_rows: int | None = None,
        *,
        is_file: bool = False,
    ) -> None:
        super().__init__(folder, options)
        self._max_rows = max_rows
        self._is_file = is_file
        self.read: list[ReadFile] = []

    def _reviews(self) -> Iterator[Review]:
        if (texts := self._texts()) is not None:
            read = ReadFile("")
            yield from self._head(
                self._archived(texts, FileSummary(texts.path.name)), read, self._max_rows
            )
            return
        with unpacked_dataset(self._folder) as folder:
            files = files_to_read(folder, self._options)
            limit = self._max_rows and max(1, self._max_rows // max(1, len(files)))
            for file in files:
                found = file_format(file.path)
                read = ReadFile(file.name, found, file.path.stat().st_size)
                reviews_of = self._rows if found.is_table else self._archive
                yield from self._head(reviews_of(file), read, limit)

    def _texts(self) -> TextFolder | None:
        """The folder as one of text files, if it is: files in folders of classes are reviews."""
        if self._is_file:
            return None
        texts = TextFolder(self._folder)
        is_one = not data_files(self._folder) and texts.holds(is_text)
        if self._options.columns.label is not None:
            is_one = is_one or texts.holds(lambda path: is_labelled(path.as_posix()))
        return texts if is_one else None

    def _head(
        self, reviews: Iterator[Review], read: ReadFile, limit: int | None
    ) -> Iterator[Review]:
        self.read.append(read)
        for review in islice(reviews, limit):
            read.rows += 1
            yield review
        read.is_complete = limit is None or next(reviews, None) is None
