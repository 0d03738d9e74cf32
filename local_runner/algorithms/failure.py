"""Failures of the images' programs."""

from __future__ import annotations

import sys
from pathlib import Path


def fail(message: str, opt_ml: Path) -> int:
    """Print the reason and write it to ``output/failure``; return the exit code."""
    print(f"error: {message}", file=sys.stderr, flush=True)
    folder = opt_ml / "output"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "failure").write_text(message, encoding="utf-8")
    return 1
