"""Which environments' model versions a delivery job may promote, and to which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from infra.settings import Settings
from infra.settings_errors import SettingsError


def _pairs(given: Any) -> tuple[tuple[str, str], ...]:
    """Return (target, source) for each target. Raise ValueError."""
    pairs = dict(given) if isinstance(given, tuple) else given
    if not isinstance(pairs, Mapping) or not all(isinstance(name, str) for name in pairs.values()):
        raise ValueError
    return tuple(sorted(pairs.items()))


# cdk.json writes an object; pairs keep the settings hashable.
Promotions = Annotated[
    tuple[tuple[str, str], ...],
    BeforeValidator(_pairs),
    Field(
        json_schema_extra={
            "expected": "an object that maps each target environment to its source, such as "
            '{"prod": "dev"}'
        }
    ),
]


def promotion_sources(
    promotions: Promotions, found: Sequence[Settings], where: str
) -> dict[str, Settings]:
    """Return the source environment of each target environment. Raise SettingsError."""
    by_name = {item.name: item for item in found}
    sources = {}
    for names in promotions:
        for name in names:
            if name not in by_name:
                raise SettingsError(
                    f"{where}: promotions has {name!r}, which isn't an environment; use "
                    f"{', '.join(by_name)}"
                )
        target, source = (by_name[name] for name in names)
        _validate(target, source, where)
        sources[target.name] = source
    return sources


def _validate(target: Settings, source: Settings, where: str) -> None:
    if target == source:
        raise SettingsError(f"{where}: promotions from {source.name} to itself; name two")
    if target.region != source.region:
        raise SettingsError(
            f"{where}: promotions from {source.name} in {source.region} to {target.name} in "
            f"{target.region}; images belong to a region, so both must be in the same"
        )
    if target.account != source.account and target.account not in source.model_readers:
        raise SettingsError(
            f"{where}: promotions from {source.name} to {target.name} need account "
            f"{target.account} in model_readers of {source.name}"
        )
