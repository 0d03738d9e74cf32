"""A folder of text files, read in place as the archive that it is packed into."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path

from processing.dataset.files.archives import ReviewArchive
from processing.dataset.files.file_formats import files_below
from processing.dataset.files.tar_stream import require_review_size
from processing.errors import DataError


class TextFolder(ReviewArchive):
    """A folder with the layout of an archive."""

    def holds(self, wanted: Callable[[Path], bool]) -> bool:
        """Return whether it holds a file that is wanted, by its path below the folder."""
        return any(map(wanted, self._below))

    @cached_property
    def _below(self) -> list[Path]:
        """The paths of all files below the folder."""
        return [path.relative_to(self.path) for path in files_below(self.path)]

    def _files(self, wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes]]:
        for path in self._below:
            name = path.as_posix()
            if wanted(name):
                file = self.path / path
                try:
                    require_review_size(name, file.stat().st_size, self.path.name)
                    yield name, file.read_bytes()
                except OSError as error:
                    raise DataError(f"{name}: can't be read ({error.strerror})") from None
