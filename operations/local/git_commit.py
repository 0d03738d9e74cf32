"""The commit of a checkout."""

from __future__ import annotations

import subprocess
from pathlib import Path

from processing.names import UNKNOWN_COMMIT


def checked_out_commit(root: Path) -> str:
    """Return the hash of HEAD in the checkout ``root``; "unknown" without git or a repository.

    Uncommitted changes don't affect it. A folder inside another repository isn't a checkout: so
    an installed package doesn't take the commit of the project that it is installed in.
    """
    if not (root / ".git").exists():
        return UNKNOWN_COMMIT
    command = ["git", "-C", str(root), "rev-parse", "--verify", "--quiet", "HEAD"]
    try:
        ended = subprocess.run(command, capture_output=True, check=False)
    except OSError:
        return UNKNOWN_COMMIT
    return ended.stdout.decode().strip() if ended.returncode == 0 else UNKNOWN_COMMIT
