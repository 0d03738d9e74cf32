"""Transfer of one file, in several attempts: each continues where the one before ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from processing.errors import DataError
from processing.progress import Progress

CHUNK_BYTES = 1 << 20
_ATTEMPTS = 4


class Interrupted(Exception):
    """The transfer failed in a way that another attempt may not.

    restart: whether what was received is of no use.
    """

    def __init__(self, reason: str, *, restart: bool = False) -> None:
        super().__init__(reason)
        self.restart = restart


@dataclass(frozen=True)
class Response:
    """The rest of a file, or all of it.

    chunks: raises Interrupted. start: the position of the first byte in the file. size: that of the
    whole file; 0 if it's unknown. version: identifies the file's content to the server; "" if an
    interrupted transfer must start again.
    """

    chunks: Iterator[bytes]
    start: int
    size: int
    version: str


Open = Callable[[int, str], AbstractContextManager[Response]]
"""Opens a file from a position, if it still has a version. Raises Interrupted or DataError."""


def transfer(source: str, target: Path, open_from: Open) -> None:
    """Store a file in ``target`` and log the progress.

    source: what messages call it. Raise DataError if no attempt succeeds.
    """
    position, version = 0, ""
    with target.open("wb") as file:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                with open_from(position, version) as response:
                    version = response.version
                    if file.tell() != response.start:
                        file.seek(response.start)
                        file.truncate()
                    _copy(response, file)
                return
            except Interrupted as error:
                if attempt == _ATTEMPTS:
                    raise DataError(
                        f"{source}: {error}, {_ATTEMPTS} times; try again later"
                    ) from None
                if error.restart:
                    version = ""
                position = file.tell() if version else 0
                print(f"{error}; attempt {attempt + 1} of {_ATTEMPTS}", flush=True)
                time.sleep(2.0**attempt)


def _copy(response: Response, file: BinaryIO) -> None:
    """Copy the chunks. Raise Interrupted if there are fewer or more bytes than expected."""
    size = response.size
    of = f" of {size / 1e6:.0f}" if size else ""
    progress = Progress(
        lambda done, rate: f"received {done / 1e6:.0f}{of} MB ({rate / 1e6:.1f} MB per second)",
        file.tell(),
    )
    for chunk in response.chunks:
        file.write(chunk)
        progress.update(file.tell())
    if size and file.tell() != size:
        raise Interrupted(f"received {file.tell():,} of {size:,} bytes", restart=file.tell() > size)
