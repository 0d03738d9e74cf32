"""Logs of jobs and endpoints, sent to CloudWatch Logs while these run."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from botocore.exceptions import ClientError

_PAUSE_SECONDS = 0.5


class LogStream:
    """A log stream, which is created with its group; the time is added to its name.

    `close` it, or use it as a context manager: when it ends, every line has been sent.
    """

    def __init__(self, client: Any, group: str, name: str) -> None:
        self._client = client
        self._group = group
        self._stream = f"{name}-{int(time.time())}"
        self._lines: list[dict[str, Any]] = []
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._sender = threading.Thread(target=self._send_until_done, daemon=True)
        with _existing_is_fine():
            self._client.create_log_group(logGroupName=self._group)
        with _existing_is_fine():
            self._client.create_log_stream(logGroupName=self._group, logStreamName=self._stream)
        self._sender.start()

    def __enter__(self) -> LogStream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Send the last lines."""
        self._done.set()
        self._sender.join()

    def write(self, line: str) -> None:
        """Add a line."""
        if line:
            with self._lock:
                self._lines.append({"timestamp": int(time.time() * 1000), "message": line})

    def _send_until_done(self) -> None:
        while not self._done.wait(_PAUSE_SECONDS):
            self._send()
        self._send()

    def _send(self) -> None:
        with self._lock:
            lines, self._lines = self._lines, []
        if lines:
            with suppress(self._client.exceptions.ResourceNotFoundException):  # was deleted
                self._client.put_log_events(
                    logGroupName=self._group, logStreamName=self._stream, logEvents=lines
                )


def job_log(client: Any, kind: str, job: str) -> LogStream:
    """Return the log stream of a job: ``/aws/sagemaker/<kind>s``, ``<job>/algo-1-<time>``."""
    return LogStream(client, f"/aws/sagemaker/{kind}s", f"{job}/algo-1")


@contextmanager
def _existing_is_fine() -> Iterator[None]:
    """Ignore errors that say that a resource already exists."""
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceAlreadyExistsException":
            raise
