"""Counts the files that Python opens for reading."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_recording: list[list[Path]] = []


@contextlib.contextmanager
def counting_reads() -> Iterator[list[Path]]:
    """Yield a list to which the path of each file is added when it is opened for reading."""
    if not _hooked:
        sys.addaudithook(_record)  # it can't be removed
        _hooked.append(True)
    reads: list[Path] = []
    _recording.append(reads)
    try:
        yield reads
    finally:
        _recording.remove(reads)


_hooked: list[bool] = []


def _record(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open" and _recording:
        path, mode, _ = arguments
        if isinstance(path, str) and mode is not None and "r" in mode:
            for reads in _recording:
                reads.append(Path(path))
