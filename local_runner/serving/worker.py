"""The worker processes of a server."""

from __future__ import annotations

import select
import socket
from typing import Any

from gunicorn.workers.sync import SyncWorker

from local_runner.platform.bound_to_parent import end_with_parent

_IDLE_SECONDS = 1.0
"""How long a connection may be open without a request: browsers open some in advance."""


class Worker(SyncWorker):  # type: ignore[misc]
    """Answers one request at a time, so that a worker that is killed loses no other."""

    def init_process(self) -> None:
        """Load the application and serve."""
        end_with_parent()
        super().init_process()

    def handle(self, listener: Any, client: socket.socket, addr: Any) -> None:
        """Answer the request of a connection; close it if none comes."""
        readable, _, _ = select.select([client], [], [], _IDLE_SECONDS)
        if readable:
            super().handle(listener, client, addr)
        else:
            client.close()
