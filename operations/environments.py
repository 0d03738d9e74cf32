"""Regions of the environments in the checkout's cdk.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

CDK_JSON = Path(__file__).resolve().parents[1] / "cdk.json"


def configured_regions() -> Mapping[str, str]:
    """Return the region of each environment by name; empty without a readable cdk.json."""
    try:
        environments = json.loads(CDK_JSON.read_text(encoding="utf-8"))["context"]["environments"]
        regions = {name: settings.get("region") for name, settings in environments.items()}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {}
    return {name: region for name, region in regions.items() if region and isinstance(region, str)}
