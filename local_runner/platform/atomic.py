"""Files that appear whole: readers see the old content or the new one, never a part of it."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def atomic_path(target: Path, *, overwrite: bool = True) -> Iterator[Path]:
    """A staging path beside ``target``; what is written to it becomes ``target`` in one step.

    If the block raises, ``target`` stays as it was and nothing remains of the staging file.
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
