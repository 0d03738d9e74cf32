"""One door to AWS: clients that retry, and its errors as one line with the remedy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore import exceptions
from botocore.config import Config

from operations.errors import CliError, UsageError

_ATTEMPTS = 8
_CONNECT_SECONDS = 10
# S3 answers HeadObject and HeadBucket with a number, as there is no body to say more in.
_DENIED = ("403", "AccessDenied", "AccessDeniedException", "UnauthorizedOperation")
_EXPIRED = ("ExpiredToken", "ExpiredTokenException", "RequestExpired", "InvalidClientTokenId")
_THROTTLED = (
    "RequestLimitExceeded",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
)
_UNKNOWN = (
    "ParameterNotFound",
    "RepositoryNotFoundException",
    "ResourceNotFound",
    "ResourceNotFoundException",
    "ValidationException",
)
_NO_LOGIN = (
    exceptions.CredentialRetrievalError,
    exceptions.LoginError,
    exceptions.NoCredentialsError,
    exceptions.PartialCredentialsError,
    exceptions.SSOError,
    exceptions.TokenRetrievalError,
)


@dataclass(frozen=True)
class Deployment:
    """One deployed environment: where AWS is asked, and what its stack is called.

    scoring: whether its second pipeline is meant, which scores, and not the one that trains.
    """

    environment: str
    session: boto3.Session = field(repr=False)
    scoring: bool = False

    @classmethod
    def of(cls, environment: str, region: str | None, *, scoring: bool = False) -> Deployment:
        """The environment in a region; by default the region of the AWS configuration.

        Raises UsageError if there is no region, or no profile of the name that is configured.
        """
        try:
            session = boto3.Session(region_name=region)
        except exceptions.ProfileNotFound as error:
            raise UsageError(f"{error}; set AWS_PROFILE to one that exists") from None
        if not session.region_name:
            raise UsageError("no AWS region is configured; give --region or set AWS_REGION")
        return cls(environment, session, scoring)

    @property
    def name(self) -> str:
        """The name of the stack, of the pipeline that trains, and of the model package group."""
        return f"sentiment-{self.environment}"

    @property
    def pipeline(self) -> str:
        """The name of the pipeline that is meant."""
        return f"{self.name}-score" if self.scoring else self.name

    @property
    def region(self) -> str:
        """The region that is asked."""
        return str(self.session.region_name)

    def hint(self, *words: str) -> str:
        """A command of ours that somebody may type next, such as ``sentiment watch ...``."""
        which = " --scoring" if self.scoring else ""
        return f"`sentiment {' '.join(words)} -e {self.environment} --region {self.region}{which}`"

    def client(self, service: str, *, region: str | None = None, attempts: int = _ATTEMPTS) -> Any:
        """A client of the service; throttled and broken calls are tried again.

        region: where, if it isn't the deployment's. attempts: how often in all.
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
    """The deployment that a command is about; errors of AWS inside are raised as CliError."""
    deployment = Deployment.of(environment, region, scoring=scoring)
    with errors_of_aws(deployment):
        yield deployment


def is_unknown(error: exceptions.ClientError) -> bool:
    """Whether AWS says that there is no such thing.

    SageMaker says ValidationException to that for what it has known since its first years.
    """
    return error.response["Error"].get("Code") in _UNKNOWN


def is_passing(error: Exception) -> bool:
    """Whether the same call may go well later: throttled, a fault of AWS's, no connection."""
    if isinstance(error, exceptions.ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return error.response["Error"].get("Code") in _THROTTLED or status >= 500
    is_broken = isinstance(error, (exceptions.ConnectionError, exceptions.HTTPClientError))
    return is_broken and not isinstance(error, exceptions.SSLError)


def in_a_line(error: Exception) -> str:
    """What the error says, on one line."""
    return " ".join(str(error).split())


@contextmanager
def errors_of_aws(deployment: Deployment) -> Iterator[None]:
    """Inside, an error of AWS or of the way to it is a CliError whose message says what to do."""
    try:
        yield
    except _NO_LOGIN as error:
        raise CliError(
            f"there are no AWS credentials ({in_a_line(error)}); set AWS_PROFILE, or log in with "
            "`aws sso login`"
        ) from None
    except exceptions.EndpointConnectionError as error:
        raise CliError(
            f"{error.kwargs['endpoint_url']} can't be reached; check the network and the region "
            f"{deployment.region}"
        ) from None
    except exceptions.ClientError as error:
        raise CliError(_told(error, deployment)) from None
    except exceptions.BotoCoreError as error:
        raise CliError(f"AWS can't be asked: {in_a_line(error)}") from None


def _told(error: exceptions.ClientError, deployment: Deployment) -> str:
    code = error.response["Error"].get("Code", "Unknown")
    message = " ".join(error.response["Error"].get("Message", "").split())
    if code in _DENIED:
        return (
            f"AWS refuses {error.operation_name}: {message}; docs/operations.md lists what an "
            "operator must be allowed"
        )
    if code in _EXPIRED:
        return f"the AWS credentials are expired or unknown ({code}); log in again"
    if code in _THROTTLED:
        return f"AWS throttles {error.operation_name} ({code}); try again in a minute"
    return f"{error.operation_name} in {deployment.region} failed: {message} ({code})"
