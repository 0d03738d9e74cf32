"""Archives of reviews: tar files, plain or gzip-compressed, read once, front to back.

For training, only the layout of the Large Movie Review Dataset counts (`dataset.reviews`). All else
in the archive (``train/unsup``, ``.feat`` files, URL lists, the README) is ignored, as in the
article. To be scored, every text file is a review.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from processing.dataset.file_formats import stored_ending
from processing.dataset.tar_stream import members
from processing.errors import DataError

_LABELLED = re.compile(r"(?:.*/)?(?:train|test)/(?:pos|neg)/[^/.][^/]*\.txt")
_TEXT = re.compile(r"(?:.*/)?[^/.][^/]*\.txt")


class ArchivedReview(NamedTuple):
    """A file of an archive: ``train/pos/0_9.txt``, and its half and label where they count."""

    name: str
    text: bytes
    label: str = ""
    half: str = ""


class ReviewArchive:
    """An archive. After it was read, ``sha256`` is its hash as stored, in hexadecimal."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sha256 = ""

    def labelled(self) -> Iterator[ArchivedReview]:
        """The reviews of both halves, in the archive's order.

        Raises DataError for whatever `processing.dataset.tar_stream.members` refuses.
        """
        for path, text in self._files(_LABELLED):
            name = "/".join(path.split("/")[-3:])
            half, label, _ = name.split("/")
            yield ArchivedReview(name, text, label, half)

    def texts(self) -> Iterator[ArchivedReview]:
        """All text files, in the archive's order; their names are whole paths."""
        for path, text in self._files(_TEXT):
            yield ArchivedReview(path, text)

    def _files(self, wanted: re.Pattern[str]) -> Iterator[tuple[str, bytes]]:
        try:
            stored_ending(self.path, "", self.path.name)  # tells of tables, too, if it is no tar
            with self.path.open("rb", buffering=0) as file:
                source = _HashingReader(file)
                yield from members(source, self.path.name, wanted=wanted.fullmatch)
                self.sha256 = source.hexdigest()
        except OSError as error:
            raise DataError(f"{self.path.name}: cannot be read ({error.strerror})") from error


class _HashingReader(io.RawIOBase):
    """Passes bytes on and hashes them on the way, so that the archive is read only once."""

    def __init__(self, file: io.FileIO) -> None:
        self._file = file
        self._hash = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = self._file.readinto(buffer) or 0
        self._hash.update(memoryview(buffer)[:count])
        return count

    def hexdigest(self) -> str:
        return self._hash.hexdigest()
