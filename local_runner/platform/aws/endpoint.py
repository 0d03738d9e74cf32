"""The AWS endpoint of a local execution: started for the first job that needs it."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING

from local_runner.platform.identity import LOCAL, Identity
from local_runner.platform.model_registry import ModelRegistry
from local_runner.platform.object_store import FolderStore

if TYPE_CHECKING:
    from local_runner.platform.aws.api import AwsApi

_HOST = "127.0.0.1"
_SHUTDOWN_POLL_SECONDS = 0.05


class AwsEndpoint:
    """Serves the model registry and the object store to jobs until the block ends."""

    def __init__(
        self, registry: ModelRegistry, store: FolderStore, identity: Identity = LOCAL
    ) -> None:
        self._registry = registry
        self._store = store
        self._identity = identity
        self._lock = threading.Lock()
        self._api: AwsApi | None = None

    def __enter__(self) -> AwsEndpoint:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            if self._api:
                self._api.shutdown()
                self._api.server_close()

    def environment(self) -> dict[str, str]:
        """Return the variables with which an AWS SDK calls this endpoint only.

        The user's configuration, credentials and proxies aren't used.
        """
        region = self._identity.region
        no_proxy = _with_host(os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or "")
        return {
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_DEFAULT_REGION": region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": self._url(),
            "AWS_REGION": region,
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "NO_PROXY": no_proxy,
            "no_proxy": no_proxy,
        }

    def _url(self) -> str:
        with self._lock:
            if self._api is None:
                # Imported late: http.server takes 20 ms or more, and not every execution needs it.
                from local_runner.platform.aws.api import AwsApi

                self._api = AwsApi(self._registry, self._store)
                threading.Thread(
                    target=self._api.serve_forever, args=[_SHUTDOWN_POLL_SECONDS], daemon=True
                ).start()
            return self._api.url


def without_aws(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without credentials and other settings of AWS SDKs."""
    return {name: value for name, value in environment.items() if not name.startswith("AWS_")}


def _with_host(no_proxy: str) -> str:
    return no_proxy if no_proxy == "*" else ",".join(filter(None, [no_proxy, _HOST]))
