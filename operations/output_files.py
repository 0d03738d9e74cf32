"""Files that a command saves for the user: complete, or as they were before."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from local_runner.platform.atomic import atomic_path
from operations.errors import CliError, UsageError

STDOUT = Path("-")


@dataclass(frozen=True)
class SavedTable:
    """A table of an execution that was saved to ``path``. uri: its S3 URI or path before."""

    execution_id: str
    uri: str
    path: Path
    rows: int


class CsvWriter:
    """Writes CSV with a header to a file, and counts the rows."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._lines = 0
        self._is_quoted = False

    def write(self, content: bytes) -> int:
        """Write the next bytes."""
        for number, text in enumerate(content.split(b'"')):
            if number:
                self._is_quoted = not self._is_quoted
            if not self._is_quoted:
                self._lines += text.count(b"\n")
        return self._file.write(content)

    @property
    def rows(self) -> int:
        """The number of rows so far, without the header."""
        return max(self._lines - 1, 0)


def require_folder(option: str, path: Path) -> None:
    """Raise UsageError unless the folder of the file exists."""
    if not path.absolute().parent.is_dir():
        raise UsageError(f"{option} {path}: no such folder: {path.parent}")


def save(option: str, path: Path, content: bytes) -> None:
    """Replace the file that an option names. Raise UsageError or CliError."""
    require_folder(option, path)
    try:
        with atomic_path(path.absolute()) as staging:
            staging.write_bytes(content)
    except OSError as error:
        raise CliError(f"{option} {path}: {error.strerror}") from None


@contextmanager
def csv_output(path: Path) -> Iterator[CsvWriter]:
    """Yield a writer to ``path``, which is replaced if all goes well, or to stdout for ``-``.

    Raise UsageError if the folder doesn't exist, CliError if the file can't be written.
    """
    if path == STDOUT:
        yield CsvWriter(sys.stdout.buffer)
        sys.stdout.buffer.flush()
        return
    require_folder("--output", path)
    try:
        with atomic_path(path.absolute()) as staging, staging.open("wb") as file:
            yield CsvWriter(file)
    except OSError as error:
        staging_name = f".{path.name}."
        is_other = error.filename and not Path(error.filename).name.startswith(staging_name)
        raise CliError(f"{error.filename if is_other else path}: {error.strerror}") from None
