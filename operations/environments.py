"""The environments in the checkout's cdk.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CDK_JSON = Path(__file__).resolve().parents[1] / "cdk.json"


def environment_names() -> list[str]:
    """Return the names of the environments; empty without a readable cdk.json."""
    return list(_environments())


def configured_regions() -> Mapping[str, str]:
    """Return the region of each environment by name; empty without a readable cdk.json."""
    regions = {
        name: settings.get("region") if isinstance(settings, Mapping) else None
        for name, settings in _environments().items()
    }
    return {name: region for name, region in regions.items() if region and isinstance(region, str)}


def _environments() -> Mapping[str, Any]:
    try:
        environments = json.loads(CDK_JSON.read_text(encoding="utf-8"))["context"]["environments"]
    except (OSError, ValueError, LookupError, TypeError):
        return {}
    return environments if isinstance(environments, Mapping) else {}
