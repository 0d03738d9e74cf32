"""The command git in tests."""

from __future__ import annotations

import subprocess
from pathlib import Path


def git(folder: Path, *command: str) -> str:
    """Run git with a fixed author and return its output."""
    who = ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
    ended = subprocess.run(
        ["git", *who, *command], cwd=folder, check=True, capture_output=True, text=True
    )
    return ended.stdout.strip()
