"""The repository that may deploy: cdk.json's context `delivery`, absent or complete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import Field, model_validator

from infra.delivery.promotions import Promotions, promotion_sources
from infra.settings import Settings
from infra.settings_errors import SettingsError, parse
from pipeline_steps.regions import partition
from pipeline_steps.settings import FrozenSettings, Region, text, used_with

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
# No character that is a wildcard in IAM, nor a colon, which separates the parts of a subject.
Project = Annotated[
    str,
    text(
        "[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*){1,20}",
        "group/project, with all subgroups",
    ),
]
# IAM accepts no port and no slash at the end.
Url = Annotated[
    str,
    text(
        r"https://[a-z0-9-]+(\.[a-z0-9-]+)+(/[A-Za-z0-9_.-]+)*",
        "an https:// URL without a port and without a slash at its end",
    ),
]


class DeliverySettings(FrozenSettings):
    """What AWS trusts, a repository on GitHub or a project on GitLab; the identity provider."""

    repository: Repository | None = Field(
        default=None,
        description="the repository on GitHub, spelled as in the subject of its tokens; this or "
        "gitlab_project is required",
    )
    previous_repository: Annotated[Repository | None, used_with("repository")] = Field(
        default=None,
        description="another spelling of the same repository that is trusted, too, while it is "
        "renamed, transferred or opted in to ids; remove it afterwards",
    )
    gitlab_project: Project | None = Field(
        default=None, description="the project on GitLab; this or repository is required"
    )
    gitlab_url: Annotated[Url, used_with("gitlab_project")] = Field(
        default="https://gitlab.com",
        description="the GitLab instance, whose keys AWS must be able to read; used with "
        "gitlab_project only",
    )
    region: Region = Field(
        description="the AWS region of the stack; its resources are global to the account"
    )
    create_provider: bool = Field(
        default=True,
        description="create the identity provider; an account can have only one for an address, "
        "so set false if it exists",
    )
    promotions: Promotions = Field(
        default=(),
        description="environments whose approved model versions a job may promote, after the "
        "other environment's reviewers approve",
    )

    @property
    def repositories(self) -> tuple[str, ...]:
        """The spellings that are trusted."""
        return tuple(filter(None, (self.repository, self.previous_repository)))

    @model_validator(mode="after")
    def _validate_one_service(self) -> DeliverySettings:
        if bool(self.repository) == bool(self.gitlab_project):
            raise ValueError("set either repository (GitHub) or gitlab_project (GitLab)")
        return self

    @model_validator(mode="after")
    def _validate_previous(self) -> DeliverySettings:
        if self.repository and self.previous_repository == self.repository:
            raise ValueError(
                "previous_repository is the same as repository; remove it, or set another spelling"
            )
        return self


@dataclass(frozen=True)
class Delivery:
    """One stack: the environments that share an account (None: that of the credentials).

    sources: the environment whose versions may be promoted to an environment, by its name.
    """

    settings: DeliverySettings
    account: str | None
    environments: tuple[Settings, ...]
    sources: Mapping[str, Settings] = field(default_factory=dict)

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
                f"{_WHERE}: only regions of partition 'aws' are supported, and {region} is in "
                f"{partition(region)!r}; remove delivery or choose another region"
            )
    accounts = sorted({item.account for item in found}, key=str)
    if None in accounts and len(accounts) > 1:
        # If both are the same account, the second stack would recreate the roles of the first.
        raise SettingsError(f"{_WHERE}: set account for every environment, or for none")
    sources = promotion_sources(settings.promotions, found, _WHERE)
    return [
        Delivery(
            settings, account, tuple(item for item in found if item.account == account), sources
        )
        for account in accounts
    ]
