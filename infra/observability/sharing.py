"""What the environments of an account share, and only one of them may set."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from infra.settings_errors import SettingsError

if TYPE_CHECKING:
    from infra.settings import Settings


def validate_sharing(found: Sequence[Settings]) -> None:
    """Raise SettingsError if two environments set the same thing of an account.

    An environment without account may be in any.
    """
    _validate_log_owners(found)
    _validate_channels(found)


def _validate_log_owners(found: Sequence[Settings]) -> None:
    """Refuse two owners of the same log groups."""
    for first, second in _pairs(found, "log_retention_days"):
        if first.region == second.region:
            raise SettingsError(
                f"cdk.json: environments {first.name!r} and {second.name!r}: log_retention_days is "
                "set by both, and environments of an account and region share the log groups; set "
                f"it in one of them{_or_accounts(first, second)}"
            )


def _validate_channels(found: Sequence[Settings]) -> None:
    """Refuse two configurations of the same chat channel."""
    for name in ("alert_slack", "alert_teams"):
        for first, second in _pairs(found, name):
            if getattr(first, name) == getattr(second, name):
                raise SettingsError(
                    f"cdk.json: environments {first.name!r} and {second.name!r}: {name} is the "
                    "same channel, which AWS Chatbot configures once in an account; choose another"
                    f"{_or_accounts(first, second)}"
                )


def _pairs(found: Sequence[Settings], name: str) -> Iterator[tuple[Settings, Settings]]:
    """Yield the pairs of environments with the setting that may be in the same account."""
    for first, second in itertools.combinations((item for item in found if getattr(item, name)), 2):
        accounts = {first.account, second.account}
        if None in accounts or len(accounts) == 1:
            yield first, second


def _or_accounts(first: Settings, second: Settings) -> str:
    """Return the other remedy if the accounts may differ, but aren't known."""
    accounts = {first.account, second.account}
    return ", or name the account of both" if None in accounts and len(accounts) > 1 else ""
