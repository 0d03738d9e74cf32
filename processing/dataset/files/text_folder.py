"""A folder of text files, read in place as the archive that it is packed into."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import PurePath

from processing.dataset.files.archives import ReviewArchive
from processing.dataset.files.file_formats import files_below
from processing.errors import DataError


class TextFolder(ReviewArchive):
    """A folder with the layout of an archive."""

    def holds(self, wanted: Callable[[PurePath], bool]) -> bool:
        """Return whether it holds a file that is wanted, by its path below the folder."""
        return any(wanted(path.relative_to(self.path)) for path in files_below(self.path))

    def _files(self, wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes]]:
        for path in files_below(self.path):
            name = path.relative_to(self.path).as_posix()
            if wanted(name):
                try:
                    yield name, path.read_bytes()
                except OSError as error:
                    raise DataError(f"{name}: can't be read ({error.strerror})") from None
