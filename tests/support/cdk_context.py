"""The context in cdk.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.support.clean_room import ROOT

CONTEXT: Mapping[str, Any] = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
