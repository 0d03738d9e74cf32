"""Presets: named sets of parameter values, from ``pipeline_steps/presets.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local_runner.definition.expressions import as_text
from operations.errors import UsageError

_PRESETS = Path(__file__).resolve().parents[1] / "pipeline_steps" / "presets.json"


def preset_names() -> list[str]:
    """Return the names of the presets."""
    return sorted(_presets())


def with_preset(name: str | None, parameters: Mapping[str, str]) -> dict[str, str]:
    """Return the preset's values, overridden by ``parameters``. Raise UsageError."""
    if name is None:
        return dict(parameters)
    presets = _presets()
    if name not in presets:
        raise UsageError(f"unknown preset {name!r}; available presets: {', '.join(preset_names())}")
    return {key: as_text(value) for key, value in presets[name].items()} | dict(parameters)


def _presets() -> dict[str, dict[str, Any]]:
    presets: dict[str, dict[str, Any]] = json.loads(_PRESETS.read_text(encoding="utf-8"))
    return presets
