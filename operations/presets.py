"""Presets: named sets of parameter values, from ``pipeline_steps/presets.json``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local_runner.definition.expressions import as_text
from local_runner.platform.json_file import write_json_atomically
from operations.errors import UsageError

ARTICLE = "article"
"""The preset without values: the defaults."""

_NAME = re.compile(r"[a-z][a-z0-9-]{0,62}")
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


def require_writable(name: str, *, overwrite: bool) -> None:
    """Raise UsageError if no preset of this name can be written.

    overwrite: whether it may replace one; never the article's, to which others are compared.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(f"--write-preset: {name!r} must be lower-case letters, digits and hyphens")
    if name in _presets() and not (overwrite and name != ARTICLE):
        remedy = "choose another name" if name == ARTICLE else "choose another name, or add --force"
        raise UsageError(f"--write-preset: there is a preset {name!r}; {remedy}")


def write_preset(name: str, values: Mapping[str, Any]) -> None:
    """Add a preset to the file, or replace it."""
    write_json_atomically(_PRESETS, {**_presets(), name: dict(values)})


def _presets() -> dict[str, dict[str, Any]]:
    presets: dict[str, dict[str, Any]] = json.loads(_PRESETS.read_text(encoding="utf-8"))
    return presets
