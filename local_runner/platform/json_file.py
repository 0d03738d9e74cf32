"""JSON files that appear whole."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any


def write_json_atomically(path: Path, content: Any) -> None:
    """Writes sorted JSON so that a reader sees the old file or the new one, never half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    arriving = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}")
    text = json.dumps(content, indent=1, sort_keys=True)
    arriving.write_text(text + "\n", encoding="utf-8")
    arriving.replace(path)
