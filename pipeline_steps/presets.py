"""Presets: named sets of values of pipeline parameters, defined in ``presets.json``.

An environment's preset sets the defaults of its parameters. An execution may use another preset
(``sentiment run --preset``) and override any value. docs/model.md explains how they were chosen.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

ARTICLE = "article"
"""The preset without values: the parameters' own defaults are the article's."""

PRESETS: Mapping[str, Mapping[str, str | int | float]] = json.loads(
    Path(__file__).with_name("presets.json").read_text(encoding="utf-8")
)
