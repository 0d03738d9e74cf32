"""The process of a server: gunicorn, whose workers load the model after the fork."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication

from local_runner.serving.worker import Worker

_REQUEST_SECONDS = 60
"""SageMaker's limit for a request. A worker that takes longer is replaced."""


class _Application(BaseApplication):  # type: ignore[misc]
    """The server as gunicorn configures and loads it."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        """Set what differs from gunicorn's defaults."""
        settings = {
            "bind": f"fd://{self._options.socket}",
            "workers": self._options.workers,
            "worker_class": Worker,
            "timeout": _REQUEST_SECONDS,
            "loglevel": "warning",
            "control_socket_disable": True,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Callable[..., Any]:
        """Load the model; called by each worker."""
        from local_runner.serving.container import application
        from local_runner.serving.gateway import with_pages

        return with_pages(application(self._options.image), self._options.pages)


def main() -> None:
    """Serve until the process is terminated."""
    parser = argparse.ArgumentParser(prog="serving")
    parser.add_argument("--socket", type=int, required=True, help="a file descriptor")
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--image", required=True)
    parser.add_argument("--pages", type=Path)
    _Application(parser.parse_args()).run()


if __name__ == "__main__":
    main()
