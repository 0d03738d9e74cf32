"""Writes the small JSON files, and reads part files in their order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from processing.errors import DataError


def write_json(path: Path, content: Any) -> None:
    """Writes ``content`` with sorted keys, so that equal content is equal bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(content, indent=1, sort_keys=True, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def read_json(path: Path) -> Any:
    """The JSON in a file that another job has written."""
    return json.loads(path.read_text(encoding="utf-8"))


def part_files(folder: Path, what: str) -> list[Path]:
    """The folder's files in name order. Raises DataError if there is none."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    if not files:
        raise DataError(f"{folder}: no {what} found")
    return files
