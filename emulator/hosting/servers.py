"""The server of an endpoint: a model's container, served by this machine."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from emulator.clients import Clients, Place, environment
from emulator.execution.job_logs import LogStream
from local_runner.errors import ServingError
from local_runner.serving.server import ServedModel, Server, start

_SOURCE = "SAGEMAKER_SUBMIT_DIRECTORY"
_MAX_BYTES, _MAX_SERVERLESS_BYTES = 6 * 1024**2, 4 * 1024**2


@dataclass
class Fleet:
    """What stands for the instances of an endpoint: a server, and the requests that it answers.

    limit: of simultaneous requests, of a serverless endpoint; None for instances.
    """

    server: Server
    log: LogStream
    limit: int | None
    _requests: int = 0
    _changed: threading.Condition = field(default_factory=threading.Condition)

    @property
    def max_bytes(self) -> int:
        """The limit of a request's body."""
        return _MAX_BYTES if self.limit is None else _MAX_SERVERLESS_BYTES

    def begin(self) -> bool:
        """Count a request; return whether the limit permits it."""
        with self._changed:
            if self.limit is not None and self._requests >= self.limit:
                return False
            self._requests += 1
            return True

    def done(self) -> None:
        """Uncount an answered request."""
        with self._changed:
            self._requests -= 1
            self._changed.notify_all()

    def end(self) -> None:
        """Stop the server after the requests that were begun."""
        with self._changed:
            self._changed.wait_for(lambda: self._requests == 0)
        self.stop()

    def stop(self) -> None:
        """Stop the server."""
        self.server.stop()
        self.log.close()


def start_fleet(
    clients: Clients, place: Place, endpoint: str, variant: Mapping[str, Any], container: Any
) -> Fleet:
    """Start the server of a variant; it isn't ready yet. Raise ServingError.

    container: with image, archive and environment, as in a model.
    """
    client = clients("logs", place)
    log = LogStream(client, f"/aws/sagemaker/Endpoints/{endpoint}", variant["VariantName"])
    try:
        server = _server(clients, place, container, log.write)
    except BaseException:
        log.close()
        raise
    serverless = variant.get("ServerlessConfig")
    return Fleet(server, log, serverless["MaxConcurrency"] if serverless else None)


def _server(
    clients: Clients, place: Place, container: Mapping[str, Any], on_line: Callable[[str], None]
) -> Server:
    given = container.get("Environment", {})
    with tempfile.TemporaryDirectory(prefix="endpoint-") as folder:
        archive, source = Path(folder, "model.tar.gz"), None
        _download(clients("s3", place), container["ModelDataUrl"], archive)
        if given.get(_SOURCE, "").startswith("s3://"):
            source = Path(folder, "sourcedir.tar.gz")
            _download(clients("s3", place), given[_SOURCE], source)
        variables = {**environment(clients.endpoint, place), **given}
        return start(ServedModel(container["Image"], archive, variables, source), on_line=on_line)


def _download(s3: Any, uri: str, path: Path) -> None:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    try:
        s3.download_file(bucket, key, str(path))
    except ClientError:
        raise ServingError(
            f'Failed to download model data from URL: "{uri}". Please ensure that there is an '
            "object located at the URL"
        ) from None
