"""The GitHub repository that may deploy: cdk.json's context `delivery`, absent or complete."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, model_validator

from infra.settings import Settings
from infra.settings_errors import SettingsError, parse
from pipeline_steps.regions import partition
from pipeline_steps.settings import FrozenSettings, Region, text

_WHERE = "cdk.json: delivery"

# No character that is a wildcard in IAM. Both IDs or none, as in GitHub's tokens.
Repository = Annotated[
    str,
    text(
        "[A-Za-z0-9][A-Za-z0-9_-]{0,38}"
        "(/[A-Za-z0-9_.-]{1,100}|@[0-9]{1,20}/[A-Za-z0-9_.-]{1,100}@[0-9]{1,20})",
        "owner@id/name@id, or owner/name as long as GitHub's tokens have no ids",
    ),
]


class DeliverySettings(FrozenSettings):
    """The repository that AWS trusts, and the identity provider."""

    repository: Repository = Field(
        description="the repository, spelled as in the subject of GitHub's tokens"
    )
    previous_repository: Repository | None = Field(
        default=None,
        description="another spelling of the same repository that is trusted, too, while it is "
        "renamed, transferred or opted in to ids; remove it afterwards",
    )
    region: Region = Field(
        description="the AWS region of the stack; its resources are global to the account"
    )
    create_provider: bool = Field(
        default=True,
        description="create the identity provider; an account can have only one for GitHub, so "
        "set false if it exists",
    )

    @property
    def repositories(self) -> tuple[str, ...]:
        """The spellings that are trusted."""
        previous = self.previous_repository
        return (self.repository, previous) if previous else (self.repository,)

    @model_validator(mode="after")
    def _validate_previous(self) -> DeliverySettings:
        if self.previous_repository == self.repository:
            raise ValueError(
                "previous_repository is the same as repository; remove it, or set another spelling"
            )
        return self


@dataclass(frozen=True)
class Delivery:
    """One stack: the environments that share an account (None: that of the credentials)."""

    settings: DeliverySettings
    account: str | None
    environments: tuple[Settings, ...]

    @property
    def name(self) -> str:
        """The name in commands; differs from all environments, whose names have no hyphen."""
        return f"delivery-roles-{self.account}" if self.account else "delivery-roles"


def deliveries(context: Any, found: Sequence[Settings]) -> list[Delivery]:
    """Return one delivery for each account of the environments, or none without the context.

    Raise SettingsError.
    """
    if context is None:
        return []
    settings = parse(DeliverySettings, context, _WHERE)
    for region in (settings.region, *(item.region for item in found)):
        if partition(region) != "aws":
            raise SettingsError(
                f"{_WHERE}: GitHub can deliver to regions of partition 'aws' only, and {region} is "
                f"in {partition(region)!r}; remove delivery or choose another region"
            )
    accounts = sorted({item.account for item in found}, key=str)
    if None in accounts and len(accounts) > 1:
        # If both are the same account, the second stack would recreate the roles of the first.
        raise SettingsError(f"{_WHERE}: set account for every environment, or for none")
    return [
        Delivery(settings, account, tuple(item for item in found if item.account == account))
        for account in accounts
    ]
