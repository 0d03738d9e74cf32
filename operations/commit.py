"""Which commit is checked out, read from git's own files: starting git would take longer."""

from __future__ import annotations

import re
from pathlib import Path

UNKNOWN = "unknown"

_HASH = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def commit(root: Path) -> str:
    """The hash of the commit at HEAD of the checkout in ``root``; ``unknown`` without one.

    What isn't committed yet doesn't show in it.
    """
    try:
        return _read(root / ".git")
    except (OSError, UnicodeDecodeError):
        return UNKNOWN


def _read(git: Path) -> str:
    """Layouts of git: gitrepository-layout(5)."""
    if git.is_file():  # a linked work tree, or a submodule
        git = git.parent / _text(git).removeprefix("gitdir: ")
    head = _text(git / "HEAD")
    name = head.removeprefix("ref: ")
    if name == head:
        return head if _HASH.fullmatch(head) else UNKNOWN
    shared = git / _text(git / "commondir") if (git / "commondir").is_file() else git
    for folder in (git, shared):
        if (folder / name).is_file():
            return _text(folder / name)
    for line in _text(shared / "packed-refs").splitlines():
        found, _, ref = line.partition(" ")
        if ref == name:
            return found
    return UNKNOWN


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip()
