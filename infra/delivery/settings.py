"""Which repository on GitHub may deploy: cdk.json's context `delivery`, absent or whole."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from infra.settings import Settings, SettingsError, insist_known, insist_region, known
from pipeline_steps.settings import setting

# No character that IAM would take for a wildcard. Ids: both or none, as GitHub writes them.
_REPOSITORY = re.compile(
    r"[A-Za-z0-9][\w-]{0,38}(/[\w.-]{1,100}|@\d{1,20}/[\w.-]{1,100}@\d{1,20})", re.ASCII
)
_WHERE = "cdk.json: delivery"


@dataclass(frozen=True)
class DeliverySettings:
    """Whom AWS is to trust, and how much of it is there already."""

    repository: str = setting(
        "the repository as GitHub's tokens call it: `owner@id/name@id`, or `owner/name` if it is "
        "older than 2026-07-15"
    )
    region: str = setting("where the stack is deployed; what is in it belongs to the whole account")
    create_provider: bool = setting(
        "false where the account knows GitHub as an identity provider already: it can only once",
        default=True,
    )


@dataclass(frozen=True)
class Delivery:
    """One stack: the environments that share an account (None: that of the credentials)."""

    settings: DeliverySettings
    account: str | None
    environments: tuple[Settings, ...]


def deliveries(context: Any, found: Sequence[Settings]) -> list[Delivery]:
    """One delivery for each account of the environments, none without the setting.

    Raises SettingsError.
    """
    if context is None:
        return []
    settings = _settings(context)
    accounts = sorted({item.account for item in found}, key=str)
    if None in accounts and len(accounts) > 1:
        # The same account under two names would get the same roles twice.
        raise SettingsError(f"{_WHERE}: give every environment its account, or none")
    return [
        Delivery(settings, account, tuple(item for item in found if item.account == account))
        for account in accounts
    ]


def _settings(context: Any) -> DeliverySettings:
    if not isinstance(context, Mapping):
        raise SettingsError(f"{_WHERE}: must be an object of settings")
    types = known(DeliverySettings)
    insist_known(context, types, _WHERE)
    if missing := [name for name in ("repository", "region") if name not in context]:
        raise SettingsError(f"{_WHERE}: {missing[0]} is missing")
    settings = DeliverySettings(**context)
    if not _REPOSITORY.fullmatch(settings.repository):
        raise SettingsError(
            f"{_WHERE}: repository {settings.repository!r} must read owner@id/name@id, "
            "or owner/name if it is older than 2026-07-15"
        )
    insist_region(settings.region, _WHERE)
    return settings
