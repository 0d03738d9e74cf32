"""The commit of a checkout."""

from __future__ import annotations

import subprocess
from pathlib import Path

UNKNOWN = "unknown"


def checked_out_commit(root: Path) -> str:
    """Return the hash of HEAD in the checkout ``root``; "unknown" without git or a repository.

    Uncommitted changes don't affect it.
    """
    command = ["git", "-C", str(root), "rev-parse", "--verify", "--quiet", "HEAD"]
    try:
        ended = subprocess.run(command, capture_output=True, check=False)
    except OSError:
        return UNKNOWN
    return ended.stdout.decode().strip() if ended.returncode == 0 else UNKNOWN
