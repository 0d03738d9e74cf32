"""Logs of jobs, sent to CloudWatch Logs while the jobs run."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError

_PAUSE_SECONDS = 0.5


class JobLog:
    """The log stream of one job: ``/aws/sagemaker/<kind>s``, ``<job>/algo-1-<time>``.

    Use it as a context manager: when it ends, every line has been sent.
    """

    def __init__(self, client: Any, kind: str, job: str) -> None:
        self._client = client
        self._group = f"/aws/sagemaker/{kind}s"
        self._stream = f"{job}/algo-1-{int(time.time())}"
        self._lines: list[dict[str, Any]] = []
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._sender = threading.Thread(target=self._send_until_done, daemon=True)

    def __enter__(self) -> JobLog:
        with _existing_is_fine():
            self._client.create_log_group(logGroupName=self._group)
        with _existing_is_fine():
            self._client.create_log_stream(logGroupName=self._group, logStreamName=self._stream)
        self._sender.start()
        return self

    def __exit__(self, *_: object) -> None:
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
            self._client.put_log_events(
                logGroupName=self._group, logStreamName=self._stream, logEvents=lines
            )


@contextmanager
def _existing_is_fine() -> Iterator[None]:
    """Ignore errors that say that a resource already exists."""
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceAlreadyExistsException":
            raise
