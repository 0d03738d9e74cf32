"""Bodies of requests to matrices."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from local_runner.algorithms.script_mode.xgboost_data import (
    csv_to_dmatrix,
    decode,
    libsvm_to_dmatrix,
)

__all__ = ["csv_to_dmatrix", "decode", "json_to_jsonlines", "libsvm_to_dmatrix"]


def json_to_jsonlines(json_data: str | bytes | Mapping[str, Any]) -> bytes:
    """Return the items of an object's only list as JSON lines."""
    found = json_data if isinstance(json_data, Mapping) else json.loads(json_data)
    if len(found) != 1:
        raise ValueError(f"the object must have one key, got {len(found)}")
    [items] = found.values()
    return "".join(f"{json.dumps(item)}\n" for item in items).encode()
