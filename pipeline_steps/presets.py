"""Presets: values of pipeline parameters under a name, in ``presets.json`` and nowhere else.

An environment's preset decides the defaults of its parameters; an execution may choose another
one's values (``sentiment run --preset``), and overrule any of them. docs/model.md tells how they
were chosen.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

ARTICLE = "article"
"""The preset without any value: the parameters' own defaults are the article's."""

PRESETS: Mapping[str, Mapping[str, str | int | float]] = json.loads(
    Path(__file__).with_name("presets.json").read_text(encoding="utf-8")
)
