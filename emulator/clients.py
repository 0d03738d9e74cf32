"""Clients of the emulated services, for the services and the processes that they start."""

from __future__ import annotations

import threading
from typing import Any, NamedTuple

import boto3
from botocore.config import Config
from botocore.session import Session

ACCOUNT = "123456789012"
"""The account of access keys that don't name another (moto's default)."""

INTERFERING = (
    "AWS_DEFAULT_PROFILE",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_PROFILE",
    "AWS_SESSION_TOKEN",
)
"""Variables that override or contradict those of `environment`."""

_SECRET = "emulator"
_CONFIG = Config(
    connect_timeout=5,
    read_timeout=120,
    retries={"mode": "standard", "max_attempts": 1},
    s3={"addressing_style": "path"},
)


class Place(NamedTuple):
    """A region of an account."""

    region: str
    account: str = ACCOUNT

    def arn(self, service: str, name: str) -> str:
        """Return the ARN of a resource there."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{name}"


def place_in(arn: str) -> Place:
    """Return the account and region that an ARN names."""
    _, _, _, region, account, *_ = arn.split(":")
    return Place(region, account)


class Clients:
    """Clients of the endpoint's services, created on demand and kept."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self._session = boto3.Session(
            botocore_session=Session({"profile": (None, [], None, None)})  # not AWS_PROFILE
        )
        self._clients: dict[tuple[str, Place], Any] = {}
        self._lock = threading.Lock()  # sessions aren't thread-safe, clients are

    def __call__(self, service: str, place: Place) -> Any:
        """Return the client of a service in a region of an account."""
        with self._lock:
            if (service, place) not in self._clients:
                self._clients[service, place] = self._session.client(
                    service,
                    region_name=place.region,
                    endpoint_url=self.endpoint,
                    aws_access_key_id=place.account,
                    aws_secret_access_key=_SECRET,
                    config=_CONFIG,
                )
            return self._clients[service, place]


def environment(endpoint: str, place: Place) -> dict[str, str]:
    """Return the environment variables that point AWS clients at a place of the endpoint only.

    Unset `INTERFERING`, too.
    """
    return {
        "AWS_ACCESS_KEY_ID": place.account,
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_DEFAULT_REGION": place.region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": place.region,
        "AWS_SECRET_ACCESS_KEY": _SECRET,
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    }
