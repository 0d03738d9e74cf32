"""Atomic writes: readers see a file's old content or its new content, never a part of it."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def atomic_path(target: Path, *, overwrite: bool = True) -> Iterator[Path]:
    """Yield the path of a staging file beside ``target``, which replaces it if all goes well.

    Its folder is created. An exception removes the staging file and leaves ``target`` as it was.

    overwrite: whether to replace a file that exists; otherwise raise FileExistsError.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    staging = target.with_name(f".{target.name}.{os.getpid()}-{threading.get_ident()}")
    try:
        yield staging
        if overwrite:
            staging.replace(target)
        else:
            os.link(staging, target)
    finally:
        staging.unlink(missing_ok=True)
