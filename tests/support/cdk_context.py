"""The tests' own cdk.json. The committed one is the user's, and no test depends on it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ENVIRONMENTS: Mapping[str, dict[str, Any]] = {
    "dev": {"region": "us-east-1", "keep_data": False},
    "prod": {"region": "us-east-1", "keep_data": True},
}
CONTEXT: Mapping[str, Any] = {"environments": ENVIRONMENTS}


def write_cdk_json(
    folder: Path, context: Mapping[str, Any] = CONTEXT, app: str = "python app.py"
) -> Path:
    """Write a cdk.json and return its path."""
    path = folder / "cdk.json"
    content = {"app": app, "context": context, "versionReporting": False, "pathMetadata": True}
    path.write_text(json.dumps(content, indent=2), encoding="utf-8")
    return path
