"""``python -m infra.environments NAME`` exits with 2 if cdk.json has no stack ``sentiment-NAME``.

A name is that of an environment or of a delivery's stack. ``NAME region`` prints an environment's
region and the bootstrap's qualifier as outputs of a workflow step; ``NAME bootstrap`` prints the
stack's account and region as ``cdk bootstrap`` takes them, with an empty name those of all stacks.
Reads the cdk.json of the working folder, as the CDK does, and imports no part of the CDK.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from infra.delivery.settings import deliveries
from infra.settings import Settings, environments
from infra.settings_errors import SettingsError, exit_with_settings_error

QUALIFIER = "@aws-cdk/core:bootstrapQualifier"
"""The CDK's own key of the context: the qualifier in the names of the bootstrap's resources."""

_DEFAULT_QUALIFIER = "hnb659fds"
_CDK_JSON = Path("cdk.json")


def environment_named(name: str) -> Settings:
    """Return the settings of an environment in cdk.json. Raise SettingsError."""
    by_name = {item.name: item for item in environments(context().get("environments"))}
    _require_known(name, by_name)
    return by_name[name]


def main(words: Sequence[str]) -> None:
    """Look up the stack that ``words`` names. Raise SettingsError."""
    if list(words[1:]) == ["region"]:
        region = environment_named(words[0]).region
        print(f"region={region}\nqualifier={bootstrap_qualifier(context())}")
        return
    known = context()
    found = environments(known.get("environments"))
    places = {item.name: (item.account, item.region) for item in found}
    for delivery in deliveries(known.get("delivery"), found):
        places[delivery.name] = (delivery.account, delivery.settings.region)
    name, *action = words or [""]
    if action not in ([], ["bootstrap"]) or not (name or action):
        raise SettingsError(f"set ENVIRONMENT to one of: {', '.join(places)}")
    if name:
        _require_known(name, places)
    if action:
        chosen = [places[name]] if name else places.values()
        for account, region in dict.fromkeys(chosen):
            # The CDK replaces an unknown account by that of the credentials.
            print(f"aws://{account or 'unknown-account'}/{region}")


def bootstrap_qualifier(found: Mapping[str, Any]) -> str:
    """Return the qualifier in a context, by default the CDK's own. Raise SettingsError."""
    qualifier = found.get(QUALIFIER)
    if qualifier is None:
        return _DEFAULT_QUALIFIER
    if not isinstance(qualifier, str) or not re.fullmatch("[a-z0-9-]{1,10}", qualifier):
        raise SettingsError(
            f"cdk.json: {QUALIFIER} must be up to 10 lowercase letters, digits and hyphens, got "
            f"{json.dumps(qualifier)}"
        )
    return qualifier


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
    with exit_with_settings_error():
        main(sys.argv[1:])
