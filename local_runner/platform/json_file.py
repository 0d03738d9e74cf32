"""JSON files that are written atomically."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from local_runner.platform.atomic import atomic_path


def write_json_atomically(path: Path, content: Any, *, overwrite: bool = True) -> None:
    """Write JSON with sorted keys.

    overwrite: whether to replace a file that exists; otherwise raise FileExistsError.
    """
    text = json.dumps(content, indent=1, sort_keys=True)
    with atomic_path(path, overwrite=overwrite) as staging:
        staging.write_text(text + "\n", encoding="utf-8")
