"""``python -m infra.environments NAME`` exits with 2 if cdk.json has no environment of this name.

Reads the cdk.json of the working folder, as the CDK does, and imports no part of the CDK.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from infra.settings import Settings, environments
from infra.settings_errors import SettingsError

_CDK_JSON = Path("cdk.json")


def environment_named(name: str) -> Settings:
    """Return the settings of an environment in cdk.json. Raise SettingsError."""
    try:
        cdk_json = json.loads(_CDK_JSON.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"cdk.json can't be read: {error}") from None
    context = cdk_json.get("context", {})
    by_name = {item.name: item for item in environments(context.get("environments"))}
    if name not in by_name:
        raise SettingsError(f"cdk.json has no environment {name!r}; use {', '.join(by_name)}")
    return by_name[name]


def main(words: Sequence[str]) -> None:
    """Look up the environment that ``words`` names. Raise SettingsError."""
    if len(words) != 1:
        raise SettingsError("give the name of one environment in cdk.json")
    environment_named(words[0])


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except SettingsError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
