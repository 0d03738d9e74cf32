"""Remedies for unknown names."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_SHOWN = 10


def known_names(unknown: str, known: Iterable[str]) -> str:
    """Return the names that were probably meant, else the first names.

    >>> known_names("Etta", ["Eta"]), known_names("Seed", ["Eta", "Gamma"])
    ('did you mean Eta?', 'it has Eta, Gamma')
    >>> known_names("Seed", [])
    'it has none'
    """
    names = {name.lower(): name for name in known}
    if nearest := difflib.get_close_matches(unknown.lower(), names, n=2):
        return f"did you mean {' or '.join(names[name] for name in nearest)}?"
    shown = list(names.values())[:_SHOWN]
    more = [f"and {len(names) - _SHOWN} more"] if len(names) > _SHOWN else []
    return f"it has {', '.join((*shown, *more)) or 'none'}"
