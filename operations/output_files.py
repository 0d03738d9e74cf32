"""Files that a command saves for the user: complete, or as they were before."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from local_runner.platform.atomic import atomic_path
from operations.errors import CliError, UsageError

STDOUT = Path("-")
_DEVICES = (Path("/dev"), Path("/proc"))


@dataclass(frozen=True)
class SavedTable:
    """A table of an execution that was saved to ``path``. uri: its S3 URI or path before."""

    execution_id: str
    uri: str
    path: Path
    rows: int


@dataclass(frozen=True)
class StoredPage:
    """An HTML page of an execution. uri: its S3 URI or path."""

    execution_id: str
    uri: str
    content: bytes


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
    if not path.resolve().parent.is_dir():
        raise UsageError(f"{option} {path}: no such folder: {path.parent}")


@contextmanager
def output_file(option: str, path: Path) -> Iterator[BinaryIO]:
    """Yield a file that replaces the one that an option names if all goes well.

    A link's target is replaced; devices and pipes, such as /dev/stdout, are written to. Raise
    UsageError if the folder doesn't exist, CliError if a file can't be read or written.
    """
    require_folder(option, path)
    target = path.resolve()
    try:
        if _is_device(path):
            with _opened_device(path) as file:
                yield file
            return
        with atomic_path(target) as staging, staging.open("wb") as file:
            yield file
    except OSError as error:
        name = Path(error.filename or path).name
        is_own = name == path.name or name.startswith(f".{target.name}.")
        place = f"{option} {path}" if is_own else error.filename
        raise CliError(f"{place}: {error.strerror}") from None


def save(option: str, path: Path, content: bytes) -> None:
    """Replace the file that an option names. Raise UsageError or CliError."""
    with output_file(option, path) as file:
        file.write(content)


@contextmanager
def csv_output(path: Path) -> Iterator[CsvWriter]:
    """Yield a writer to ``path``, as `output_file` does, or to stdout for ``-``."""
    if path == STDOUT:
        yield CsvWriter(sys.stdout.buffer)
        sys.stdout.buffer.flush()
        return
    with output_file("--output", path) as file:
        yield CsvWriter(file)


def _is_device(path: Path) -> bool:
    """Return whether a path can only be written to, not replaced.

    /dev/stdout links to a file if it is redirected.
    """
    folder = path.absolute().parent.resolve()
    return any(folder.is_relative_to(root) for root in _DEVICES) or (
        path.exists() and not path.is_file()
    )


def _opened_device(path: Path) -> BinaryIO:
    """Open a device; stdout and stderr continue at their positions if they are files."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    for descriptor in (1, 2):
        if path.exists() and os.path.samestat(path.stat(), os.fstat(descriptor)):
            return os.fdopen(os.dup(descriptor), "wb")
    return path.open("wb")
