"""Atomic writes: a file gets its name when it is complete, or never."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

STAGING_FILES = ".*.partial"
"""Glob pattern of the files that a killed process may have left."""


@contextlib.contextmanager
def atomic_path(target: Path) -> Iterator[Path]:
    """Yield the path of a staging file beside ``target``, which replaces it if all goes well.

    Its folder is created. An exception removes the staging file and leaves ``target`` as it was.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    staging = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        yield staging
        staging.replace(target)
    finally:
        staging.unlink(missing_ok=True)
