"""Lists: filtered by time, sorted, and split into pages."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from emulator.service import Call, invalid

_DEFAULT = 10  # SageMaker's default


def page(items: Sequence[Any], call: Call, name: str) -> dict[str, Any]:
    """Return the requested page of ``items`` under ``name``, with the token of the next page."""
    start = _start(call.get("NextToken"))
    end = start + int(call.get("MaxResults", _DEFAULT))
    token = base64.b64encode(str(end).encode()).decode() if end < len(items) else None
    return {name: list(items[start:end]), "NextToken": token}


def sorted_items(
    items: Sequence[Mapping[str, Any]], call: Call, key: Callable[[Mapping[str, Any]], Any]
) -> list[Mapping[str, Any]]:
    """Sort the items by ``key``, descending unless the call asks for Ascending."""
    return sorted(items, key=key, reverse=call.get("SortOrder", "Descending") == "Descending")


def between(items: Sequence[Mapping[str, Any]], call: Call, key: str) -> list[Mapping[str, Any]]:
    """Filter the items by CreatedAfter and CreatedBefore, or CreationTimeAfter and -Before."""
    after = call.get("CreatedAfter") or call.get("CreationTimeAfter")
    before = call.get("CreatedBefore") or call.get("CreationTimeBefore")
    return [
        item
        for item in items
        if (after is None or item[key] > after) and (before is None or item[key] < before)
    ]


def _start(token: str | None) -> int:
    if token is None:
        return 0
    try:
        return int(base64.b64decode(token, validate=True))
    except ValueError:
        raise invalid("Invalid pagination token.") from None
