"""The files below a folder."""

from __future__ import annotations

from pathlib import Path


def contents(folder: Path) -> dict[str, bytes]:
    """Return the content of each file by its path in the folder, sorted by path."""
    files = (path for path in folder.rglob("*") if path.is_file())
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
    return dict(sorted(found.items()))


def texts(folder: Path) -> dict[str, str]:
    """Return the text of each file by its path in the folder, sorted by path."""
    return {name: content.decode() for name, content in contents(folder).items()}
