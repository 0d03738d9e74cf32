"""Atomic writes of the generated files of ``pipeline_steps`` and ``infra``."""

from __future__ import annotations

import os
from pathlib import Path


def write_atomically(target: Path, content: bytes) -> None:
    """Write a file so that readers see all of its content or none. Raise OSError."""
    staging = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        staging.write_bytes(content)
        staging.replace(target)
    finally:
        staging.unlink(missing_ok=True)
