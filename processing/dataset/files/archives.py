"""Archives of reviews: tar files, plain or compressed, read once, front to back.

Reviews to train on have the layout of the Large Movie Review Dataset (`dataset.reviews`); all other
members (``train/unsup``, ``.feat`` files, URL lists, the README) are ignored, as in the article. Of
reviews to score, every text file is one.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from processing.dataset.files.file_content import TAR, file_format
from processing.dataset.files.file_formats import is_text
from processing.dataset.files.tar_stream import members
from processing.dataset.given_splits import UNLABELED, split_of_value
from processing.errors import DataError

_LABELLED = re.compile(
    r"(?:.*/)?(?:train|test|validation|valid|val|dev)/(?:pos|neg)/[^/.][^/]*\.txt"
)


def is_labelled(path: str) -> bool:
    """Return whether a file of an archive is a review to train on."""
    return _LABELLED.fullmatch(path) is not None


class ArchivedReview(NamedTuple):
    """A file of an archive; ``label`` and ``split`` are "" for reviews to score."""

    name: str
    text: bytes
    label: str = ""
    split: str = ""


class ReviewArchive:
    """An archive.

    sha256: the hash of its bytes in hexadecimal. unlabeled: the number of texts in folders of
    unlabeled ones. Both are complete once the archive has been read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sha256 = ""
        self.unlabeled = 0

    def labelled(self) -> Iterator[ArchivedReview]:
        """Yield the reviews of all splits, in the archive's order, under ``train/pos/0_9.txt``.

        Raise DataError for all that `processing.dataset.files.tar_stream.members` refuses.
        """
        for path, text in self._files(self._is_wanted):
            name = "/".join(path.split("/")[-3:])
            split, label, _ = name.split("/")
            yield ArchivedReview(name, text, label, split_of_value(split))

    def _is_wanted(self, path: str) -> bool:
        if _LABELLED.fullmatch(path):
            return True
        if path.endswith(".txt"):
            self.unlabeled += UNLABELED in map(split_of_value, path.split("/")[:-1])
        return False

    def texts(self) -> Iterator[ArchivedReview]:
        """Yield all text files, in the archive's order, under their whole paths."""
        for path, text in self._files(lambda path: is_text(PurePosixPath(path))):
            yield ArchivedReview(path, text)

    def _files(self, wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes]]:
        try:
            if file_format(self.path).kind != TAR:
                raise DataError(
                    f"{self.path.name}: a zip archive, which only Download unpacks here; unpack it"
                )
            with self.path.open("rb", buffering=0) as file:
                source = _HashingReader(file)
                yield from members(source, self.path.name, wanted=wanted)
                self.sha256 = source.hexdigest()
        except OSError as error:
            raise DataError(f"{self.path.name}: can't be read ({error.strerror})") from error


class _HashingReader(io.RawIOBase):
    """Hashes the bytes that are read, so that the archive is read only once."""

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
