"""Settings of the checks of pull requests: cdk.json's context `pull_request`, which is optional.

``python -m infra.delivery.pull_request`` prints the options of ``sentiment compare``.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from infra.environments import context
from infra.settings_errors import exit_with_settings_error, parse
from pipeline_steps.settings import FrozenSettings


class PullRequestSettings(FrozenSettings):
    """The limit of what a pull request may do to the model."""

    allowed_accuracy_loss: float = Field(
        default=0,
        ge=0,
        le=1,
        description="share of accuracy that a change may cost on the demo reviews; the check of a "
        "pull request fails if the whole 95% confidence interval of its loss is above",
    )


def pull_request_settings(given: Any) -> PullRequestSettings:
    """Return the settings in the context; the defaults without it. Raise SettingsError."""
    return parse(PullRequestSettings, {} if given is None else given, "cdk.json: pull_request")


def options(settings: PullRequestSettings) -> list[str]:
    """Return the options of ``sentiment compare``."""
    return ["--allowed-loss", str(settings.allowed_accuracy_loss)]


if __name__ == "__main__":
    with exit_with_settings_error():
        print(*options(pull_request_settings(context().get("pull_request"))))
