"""Values of step attributes as short text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from local_runner.definition.expressions import as_text
from local_runner.definition.model import Json
from pipeline_diff.values import canonical, is_plain, resolved, text

MAX_LENGTH = 100
"""Longer texts are cut."""

_CONTEXT = 20
_HASH_LENGTH = 12
_HASH = re.compile(r"[0-9a-f]{32,}")
_REGISTRY = re.compile(r"^\d{12}\.dkr\.ecr\.[\w.-]+/")


@dataclass(frozen=True)
class FormattedValue:
    """A value as text. resolved: an expression's value with parameter defaults; None if unknown."""

    text: str
    resolved: str | None = None


def format_value(value: Json, defaults: Mapping[str, Json]) -> FormattedValue:
    """Return one value as text."""
    plain = resolved(value, defaults)
    is_known = is_plain(plain) and not is_plain(value)
    return FormattedValue(_shortened(text(value)), _shortened(as_text(plain)) if is_known else None)


def format_pair(
    old: Json, new: Json, old_defaults: Mapping[str, Json], new_defaults: Mapping[str, Json]
) -> tuple[FormattedValue, FormattedValue]:
    """Return two different values as texts that differ."""
    if (registry := _registry(old)) and registry == _registry(new):
        old_name, new_name = old.removeprefix(registry), new.removeprefix(registry)
        if old_name != new_name:
            return FormattedValue(_shortened(old_name)), FormattedValue(_shortened(new_name))
    pair = format_value(old, old_defaults), format_value(new, new_defaults)
    if pair[0] != pair[1]:
        return pair
    texts = text(old), text(new)
    if texts[0] == texts[1]:  # different types, or different expressions of the same text
        texts = canonical(old), canonical(new)
    pairs = enumerate(zip(*texts, strict=False))
    difference = next((at for at, (a, b) in pairs if a != b), min(map(len, texts)))
    start = max(0, difference - _CONTEXT)
    return FormattedValue(_cut(texts[0], start)), FormattedValue(_cut(texts[1], start))


def _registry(value: Json) -> str:
    """The registry at the start of an image URI, which holds account and region."""
    found = _REGISTRY.match(value) if isinstance(value, str) else None
    return found[0] if found else ""


def _shortened(whole: str) -> str:
    """The start of a text, hashes abbreviated."""
    return _cut(_HASH.sub(lambda found: f"{found[0][:_HASH_LENGTH]}…", whole), 0)


def _cut(whole: str, start: int) -> str:
    end = start + MAX_LENGTH
    return f"{'…' if start else ''}{whole[start:end]}{'…' if len(whole) > end else ''}"
