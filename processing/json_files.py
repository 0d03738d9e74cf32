"""JSON files that the jobs write and read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def write_json(path: Path, content: Any) -> None:
    """Write ``content`` with sorted keys, so that equal content gives equal bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(json_bytes(content))


def json_bytes(content: Any) -> bytes:
    """Return the content of such a file."""
    text = json.dumps(content, indent=1, sort_keys=True, allow_nan=False)
    return f"{text}\n".encode()


def read_json(path: Path) -> Any:
    """Return the content of a file that another job has written."""
    return json.loads(path.read_text(encoding="utf-8"))
