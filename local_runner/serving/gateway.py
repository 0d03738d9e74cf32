"""Which requests reach the container; static pages answer the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import flask

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

PATHS = ("/ping", "/invocations", "/execution-parameters")
"""The paths that a container serves: nginx in AWS's images passes no others to it."""

_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": "default-src 'none'; connect-src 'self'; img-src 'self' data:; "
    "script-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def with_pages(container: Wsgi, folder: Path | None) -> Wsgi:
    """Return an application that serves the container, and the files of a folder.

    folder: its ``index.html`` is the page at ``/``; None for no files.
    """
    pages = _pages(folder)

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        answering = container if environ["PATH_INFO"] in PATHS else pages
        return answering(environ, start_response)

    return application


def _pages(folder: Path | None) -> Wsgi:
    app = flask.Flask(__name__, static_folder=folder, static_url_path="/")

    @app.after_request
    def add_headers(response: flask.Response) -> flask.Response:
        response.headers.update(_HEADERS)
        return response

    if folder:
        app.add_url_rule("/", "index", lambda: app.send_static_file("index.html"))
    return app
