"""Access to AWS: clients that retry, for one deployed environment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ProfileNotFound

from operations.aws.errors import translated_errors
from operations.errors import UsageError

_ATTEMPTS = 8
_CONNECT_SECONDS = 10


@dataclass(frozen=True)
class Deployment:
    """A deployed environment. scoring: use its scoring pipeline, not its training pipeline."""

    environment: str
    session: boto3.Session = field(repr=False)
    scoring: bool = False

    @classmethod
    def of(cls, environment: str, region: str | None, *, scoring: bool = False) -> Deployment:
        """Return the environment in a region, by default that of the AWS configuration.

        Raise UsageError without a region, or if the configured profile doesn't exist.
        """
        try:
            session = boto3.Session(region_name=region)
        except ProfileNotFound as error:
            raise UsageError(f"{error}; set AWS_PROFILE to an existing profile") from None
        if not session.region_name:
            raise UsageError("no AWS region is configured; use --region or set AWS_REGION")
        return cls(environment, session, scoring)

    @property
    def name(self) -> str:
        """The name of the stack, the training pipeline and the model package group."""
        return f"sentiment-{self.environment}"

    @property
    def pipeline(self) -> str:
        """The name of the selected pipeline."""
        return f"{self.name}-score" if self.scoring else self.name

    @property
    def region(self) -> str:
        """The region of the deployment."""
        return str(self.session.region_name)

    def command(self, *words: str) -> str:
        """Return a command for the user to run next, such as ``sentiment watch ...``."""
        option = " --scoring" if self.scoring else ""
        return f"`sentiment {' '.join(words)} -e {self.environment} --region {self.region}{option}`"

    def translated_errors(self) -> AbstractContextManager[None]:
        """Raise AWS errors inside the block as CliError."""
        return translated_errors(self.region)

    def client(self, service: str, *, region: str | None = None, attempts: int = _ATTEMPTS) -> Any:
        """Return a client of the service that retries throttled and failed calls.

        region: instead of the deployment's. attempts: the maximum, including the first call.
        """
        config = Config(
            retries={"mode": "standard", "total_max_attempts": attempts},
            connect_timeout=_CONNECT_SECONDS,
        )
        return self.session.client(service, region_name=region, config=config)


@contextmanager
def connected(
    environment: str, region: str | None, *, scoring: bool = False
) -> Iterator[Deployment]:
    """Yield the deployment; AWS errors inside are raised as CliError."""
    deployment = Deployment.of(environment, region, scoring=scoring)
    with deployment.translated_errors():
        yield deployment
