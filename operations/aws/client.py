"""Access to AWS: clients that retry, for one deployed environment."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import boto3
import click
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ProfileNotFound, UnknownRegionError

from operations.aws.errors import translated_errors
from operations.environments import configured_account, configured_regions, pipeline_name
from operations.errors import UsageError
from operations.program import pasteable

_ATTEMPTS = 8
_CONNECT_SECONDS = 10
_REGION_VARIABLES = ("AWS_REGION", "AWS_DEFAULT_REGION")
"""In this order, as for the CDK and other SDKs; boto3 reads only the second one."""


@dataclass(frozen=True)
class Deployment:
    """A deployed environment. scoring: use its scoring pipeline, not its training pipeline.

    region_source: where the region comes from, such as ``AWS_REGION``.
    """

    environment: str
    session: boto3.Session = field(repr=False)
    region_source: str = "--region"
    scoring: bool = False
    _clients: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    _lock: Lock = field(default_factory=Lock, init=False, repr=False, compare=False)

    @classmethod
    def of(
        cls,
        environment: str,
        region: str | None,
        *,
        scoring: bool = False,
        region_source: str = "--region",
    ) -> Deployment:
        """Return the environment in a region, by default its region in cdk.json.

        Without that, it's the region of the AWS configuration. Raise UsageError without a region,
        or if the configuration can't be read or lacks the profile.
        """
        chosen, source = (region, region_source) if region else _default_region(environment)
        try:
            session = boto3.Session(region_name=chosen)
        except ProfileNotFound as error:
            raise UsageError(f"{error}; set AWS_PROFILE to an existing profile") from None
        except BotoCoreError as error:
            raise UsageError(f"the AWS configuration can't be read: {error}") from None
        if not session.region_name:
            raise UsageError(
                f"no region is configured for {environment}: not in cdk.json, AWS_REGION, "
                "AWS_DEFAULT_REGION or the AWS profile; use --region"
            )
        return cls(environment, session, source, scoring)

    @property
    def name(self) -> str:
        """The name of the stack, the training pipeline and the model package group."""
        return pipeline_name(self.environment, scoring=False)

    @property
    def pipeline(self) -> str:
        """The name of the selected pipeline."""
        return pipeline_name(self.environment, scoring=self.scoring)

    @property
    def region(self) -> str:
        """The region of the deployment."""
        return str(self.session.region_name)

    @property
    def partition(self) -> str:
        """The partition of the region; ``aws`` for an unknown region."""
        try:
            return str(self.session.get_partition_for_region(self.region))
        except UnknownRegionError:
            return "aws"

    @property
    def place(self) -> str:
        """The region and where it comes from, for messages."""
        return f"{self.region} ({self.region_source})"

    def command(self, *words: str) -> str:
        """Return a command for the user to run next, such as ``sentiment watch ...``."""
        is_configured = configured_regions().get(self.environment) == self.region
        region = () if is_configured else ("--region", self.region)
        scoring = ("--scoring",) if self.scoring else ()
        return pasteable(*words, "-e", self.environment, *region, *scoring)

    def wrong_account(self, account: str | None = None) -> str | None:
        """Return words for the credentials' account if cdk.json names another; None otherwise.

        account: that of the credentials; by default, AWS is asked.
        """
        wanted = configured_account(self.environment)
        if wanted is None:
            return None
        account = account or self.client("sts").get_caller_identity()["Account"]
        if account == wanted:
            return None
        return (
            f"account {account}, that of the credentials; cdk.json deploys {self.environment} to "
            f"account {wanted}, so use credentials of that account (AWS_PROFILE)"
        )

    def translated_errors(self) -> AbstractContextManager[None]:
        """Raise AWS errors inside the block as CliError."""
        return translated_errors(self.place)

    def client(self, service: str, *, region: str | None = None, attempts: int = _ATTEMPTS) -> Any:
        """Return a client of the service that retries throttled and failed calls.

        region: instead of the deployment's. attempts: the maximum, including the first call.
        Threads share clients; each is created once.
        """
        key = service, region, attempts
        with self._lock:
            if key not in self._clients:
                config = Config(
                    retries={"mode": "standard", "total_max_attempts": attempts},
                    connect_timeout=_CONNECT_SECONDS,
                )
                self._clients[key] = self._new_client(service, region, config)
            return self._clients[key]

    def _new_client(self, service: str, region: str | None, config: Config) -> Any:
        try:
            return self.session.client(service, region_name=region, config=config)
        except BotoCoreError:
            raise
        except ValueError as error:  # of botocore itself
            raise UsageError(f"{error}; check AWS_ENDPOINT_URL") from None


@contextmanager
def connected(
    environment: str,
    region: str | None,
    *,
    scoring: bool = False,
    region_source: str = "--region",
) -> Iterator[Deployment]:
    """Yield the deployment; AWS errors inside are raised as CliError."""
    deployment = Deployment.of(environment, region, scoring=scoring, region_source=region_source)
    with deployment.translated_errors():
        yield deployment


def _default_region(environment: str) -> tuple[str | None, str]:
    """Return the region without --region and its source; None for that of the profile.

    Note on stderr if a variable names another region than cdk.json.
    """
    variables = ((name, os.environ.get(name)) for name in _REGION_VARIABLES)
    source, region = next((item for item in variables if item[1]), ("the AWS profile", None))
    configured = configured_regions().get(environment)
    if configured is None:
        return region, source
    if region and region != configured:
        click.echo(
            f"note: using {configured}, the region of {environment} in cdk.json; {source} is "
            f"{region}, and --region overrides both",
            err=True,
        )
    return configured, f"region of {environment} in cdk.json"
