"""The labelled reviews of an archive laid out as the Large Movie Review Dataset is.

    <any folder>/{train,test}/{pos,neg}/<id>_<rating>.txt

Everything else in the archive (``train/unsup``, ``.feat`` files, URL lists, the README) is ignored,
as in the article.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from processing.errors import DataError, printable
from processing.tar_stream import Member, members

LAYOUT = "<any folder>/{train,test}/{pos,neg}/<name>.txt"

_REVIEW = re.compile(r"(?:.*/)?(?:train|test)/(?:pos|neg)/[^/.][^/]*\.txt")


_BATCH = 1_000_000  # bytes of text


@dataclass(frozen=True)
class Batch:
    """Some reviews as stored: names such as ``train/pos/0_9.txt``, and the files' bytes."""

    names: list[str]
    texts: list[bytes]


@dataclass(frozen=True)
class Review:
    """A labelled review: ``name`` as ``train/pos/0_9.txt``, ``label`` 1 for pos and 0 for neg."""

    name: str
    half: str
    label: int
    text: str


@dataclass(frozen=True)
class Skipped:
    """A review that could not be used, its name as it can be printed, and why."""

    name: str
    reason: str


class ReviewArchive:
    """An archive of reviews, read once, front to back.

    After the reading, ``sha256`` is the archive's hash as stored, in hexadecimal.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sha256 = ""

    def read(self) -> Iterator[Batch]:
        """Yields the labelled reviews in the archive's order, some megabytes at a time.

        Raises DataError for whatever `processing.tar_stream.members` refuses.
        """
        try:
            with self.path.open("rb", buffering=0) as file:
                source = _HashingReader(file)
                yield from _batches(members(source, self.path.name, wanted=_REVIEW.fullmatch))
                self.sha256 = source.hexdigest()
        except OSError as error:
            raise DataError(f"{self.path.name}: cannot be read ({error.strerror})") from error


def the_archive(folder: Path) -> ReviewArchive:
    """The one archive that ``folder`` holds. Raises DataError if there is none, or several."""
    files = sorted(path for path in folder.glob("*") if path.is_file())
    if len(files) != 1:
        names = ", ".join(path.name for path in files) or "nothing"
        raise DataError(f"{folder}: expected one archive of reviews, found {names}")
    return ReviewArchive(files[0])


def review(name: str, data: bytes) -> Review | Skipped:
    r"""The review in a file called ``name``, or why there is none.

    >>> review("train/pos/0_9.txt", b"Fine.")
    Review(name='train/pos/0_9.txt', half='train', label=1, text='Fine.')
    >>> review("test/neg/1_2.txt", b"caf\xe9")
    Skipped(name='test/neg/1_2.txt', reason='not UTF-8 at byte 3')
    """
    half, folder, _ = name.split("/")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return Skipped(printable(name), f"not UTF-8 at byte {error.start}")
    if not text.strip():
        return Skipped(printable(name), "empty")
    return Review(name=name, half=half, label=int(folder == "pos"), text=text)


def _batches(stored: Iterable[Member]) -> Iterator[Batch]:
    batch, size = Batch([], []), 0
    for path, data in stored:
        batch.names.append("/".join(path.split("/")[-3:]))
        batch.texts.append(data)
        size += len(data)
        if size >= _BATCH:
            yield batch
            batch, size = Batch([], []), 0
    if batch.names:
        yield batch


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
