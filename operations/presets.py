"""Presets: values of pipeline parameters under a name, as ``pipeline_steps`` has them as data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from local_runner.definition.expressions import as_text
from operations.errors import UsageError

_PRESETS = Path(__file__).resolve().parents[1] / "pipeline_steps" / "presets.json"


def with_preset(name: str | None, parameters: Mapping[str, str]) -> dict[str, str]:
    """The preset's values under those that were given by name. Raises UsageError."""
    if name is None:
        return dict(parameters)
    presets = json.loads(_PRESETS.read_text(encoding="utf-8"))
    if name not in presets:
        raise UsageError(f"there is no preset {name!r}; there are {', '.join(sorted(presets))}")
    return {key: as_text(value) for key, value in presets[name].items()} | dict(parameters)
