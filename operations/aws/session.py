"""One door to AWS: clients that retry, and its errors as one line with the remedy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore import exceptions
from botocore.config import Config

from operations.errors import Problem, UsageProblem

_RETRIES = Config(retries={"mode": "standard", "max_attempts": 8}, connect_timeout=10)
_DENIED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")
_EXPIRED = ("ExpiredToken", "ExpiredTokenException", "RequestExpired", "InvalidClientTokenId")


@dataclass(frozen=True)
class Deployment:
    """One deployed environment: where AWS is asked, and what its stack is called."""

    environment: str
    session: boto3.Session = field(repr=False)

    @classmethod
    def of(cls, environment: str, region: str | None) -> Deployment:
        """The environment in a region; by default the region of the AWS configuration.

        Raises UsageProblem if there is no region, or no profile of the name that is configured.
        """
        try:
            session = boto3.Session(region_name=region)
        except exceptions.ProfileNotFound as error:
            raise UsageProblem(f"{error}; set AWS_PROFILE to one that exists") from None
        if not session.region_name:
            raise UsageProblem("no AWS region is configured; give --region or set AWS_REGION")
        return cls(environment, session)

    @property
    def name(self) -> str:
        """The name of the stack, the pipeline and the model package group."""
        return f"sentiment-{self.environment}"

    @property
    def region(self) -> str:
        """The region that is asked."""
        return str(self.session.region_name)

    def client(self, service: str) -> Any:
        """A client of the service; throttled and broken calls are tried again."""
        return self.session.client(service, config=_RETRIES)


@contextmanager
def errors_of_aws(deployment: Deployment) -> Iterator[None]:
    """Inside, an error of AWS or of the way to it is a Problem whose message says what to do."""
    try:
        yield
    except (exceptions.NoCredentialsError, exceptions.PartialCredentialsError):
        raise Problem(
            "there are no AWS credentials; set AWS_PROFILE, or log in with `aws sso login`"
        ) from None
    except exceptions.EndpointConnectionError as error:
        raise Problem(
            f"{error.kwargs['endpoint_url']} can't be reached; check the network and the region "
            f"{deployment.region}"
        ) from None
    except exceptions.ClientError as error:
        raise Problem(_told(error, deployment)) from None
    except exceptions.BotoCoreError as error:
        raise Problem(f"AWS can't be asked: {' '.join(str(error).split())}") from None


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
    return f"{error.operation_name} in {deployment.region} failed: {message} ({code})"
