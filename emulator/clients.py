"""Clients of the emulated services, for the services and the processes that they start."""

from __future__ import annotations

import threading
from typing import Any

import boto3
from botocore.config import Config
from botocore.session import Session

ACCOUNT = "123456789012"
"""The account of all credentials (moto's default)."""

INTERFERING = (
    "AWS_DEFAULT_PROFILE",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_PROFILE",
    "AWS_SESSION_TOKEN",
)
"""Variables that override or contradict those of `environment`."""

_CONFIG = Config(
    connect_timeout=5,
    read_timeout=120,
    retries={"mode": "standard", "max_attempts": 1},
    s3={"addressing_style": "path"},
)


class Clients:
    """Clients of the endpoint's services, created on demand and kept."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self._session = boto3.Session(
            "emulator",
            "emulator",
            region_name="us-east-1",
            botocore_session=Session({"profile": (None, [], None, None)}),  # not AWS_PROFILE
        )
        self._clients: dict[tuple[str, str], Any] = {}
        self._lock = threading.Lock()  # sessions aren't thread-safe, clients are

    def __call__(self, service: str, region: str) -> Any:
        """Return the client of a service in a region."""
        with self._lock:
            if (service, region) not in self._clients:
                self._clients[service, region] = self._session.client(
                    service, region_name=region, endpoint_url=self.endpoint, config=_CONFIG
                )
            return self._clients[service, region]


def environment(endpoint: str, region: str) -> dict[str, str]:
    """Return the environment variables that point AWS clients at the endpoint only.

    Unset `INTERFERING`, too.
    """
    return {
        "AWS_ACCESS_KEY_ID": "emulator",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": region,
        "AWS_SECRET_ACCESS_KEY": "emulator",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    }
