"""``python -m infra.environments NAME`` exits with 2 if cdk.json has no stack ``sentiment-NAME``.

A name is that of an environment or of a delivery's stack. ``NAME region`` prints an environment's
region. Reads the cdk.json of the working folder, as the CDK does, and imports no part of the CDK.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from infra.delivery.settings import deliveries
from infra.settings import Settings, environments
from infra.settings_errors import SettingsError

_CDK_JSON = Path("cdk.json")


def environment_named(name: str) -> Settings:
    """Return the settings of an environment in cdk.json. Raise SettingsError."""
    by_name = {item.name: item for item in environments(context().get("environments"))}
    _require_known(name, by_name)
    return by_name[name]


def main(words: Sequence[str]) -> None:
    """Look up the stack that ``words`` names. Raise SettingsError."""
    if list(words[1:]) == ["region"]:
        print(environment_named(words[0]).region)
        return
    known = context()
    found = environments(known.get("environments"))
    names = [item.name for item in found]
    names += [delivery.name for delivery in deliveries(known.get("delivery"), found)]
    if len(words) != 1 or not words[0]:
        raise SettingsError(f"set ENVIRONMENT to one of: {', '.join(names)}")
    _require_known(words[0], names)


def context() -> Mapping[str, Any]:
    """Return the context in cdk.json. Raise SettingsError."""
    try:
        cdk_json = json.loads(_CDK_JSON.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"cdk.json can't be read: {error}") from None
    found: Mapping[str, Any] = cdk_json.get("context", {})
    return found


def _require_known(name: str, known: Iterable[str]) -> None:
    if name not in known:
        raise SettingsError(f"cdk.json has no environment {name!r}; use {', '.join(known)}")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except SettingsError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
