"""The WSGI application: GET /ping and POST /invocations, SageMaker's contract for a container."""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from processing.names import Serving
from processing.serving.answers import Answer, error_answer
from processing.serving.errors import RequestError
from processing.serving.handler import MAX_BYTES, Handler, too_large

PING, INVOCATIONS = "/ping", "/invocations"
_METHODS = {PING: ("GET", "HEAD"), INVOCATIONS: ("POST",)}
_CHUNK = 1 << 16

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]


class Application:
    """A WSGI application that answers with a handler.

    One request is scored at a time, because the scorer remembers words between requests.
    """

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self._lock = threading.Lock()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        path, method = environ.get("PATH_INFO", ""), environ["REQUEST_METHOD"]
        headers = []
        if path not in _METHODS:
            answer = error_answer(404, f"send requests to {INVOCATIONS}")
        elif method not in _METHODS[path]:
            headers = [("Allow", ", ".join(_METHODS[path]))]
            answer = error_answer(405, f"{path} needs the method {_METHODS[path][0]}")
        elif path == PING:
            answer = Answer(200, Serving.TEXT, b"")
        else:
            answer = self._invoke(environ)
        headers += [
            ("Content-Type", answer.content_type),
            ("Content-Length", str(len(answer.body))),
        ]
        start_response(f"{answer.status} {HTTPStatus(answer.status).phrase}", headers)
        return [answer.body]

    def _invoke(self, environ: Environ) -> Answer:
        try:
            body = _body(environ)
            with self._lock:
                return self.handler.answer(
                    body,
                    environ.get("CONTENT_TYPE", ""),
                    environ.get("HTTP_ACCEPT", ""),
                    environ.get("HTTP_X_AMZN_SAGEMAKER_CUSTOM_ATTRIBUTES", ""),
                )
        except RequestError as error:
            return error_answer(error.status, str(error))
        except Exception:  # a defect, or no memory left: the server and its model are still there
            traceback.print_exc(file=sys.stderr)
            return error_answer(500, "the request failed; the container's log has the reason")


def _body(environ: Environ) -> bytes:
    """Return the body. Raise RequestError if it is too large or incomplete.

    It is read to its end in any case: otherwise the connection would be closed before the client
    could read the answer.
    """
    stream = environ["wsgi.input"]
    length = environ.get("CONTENT_LENGTH")
    remaining = int(length) if length else sys.maxsize  # without a length, the server ends it
    body = bytearray()
    try:
        while chunk := stream.read(min(_CHUNK, remaining)):
            remaining -= len(chunk)
            if len(body) <= MAX_BYTES:
                body += chunk
    except OSError:  # of the connection, or gunicorn's for invalid chunks
        raise RequestError("the body can't be read to its end; check its chunks") from None
    if length and remaining:
        raise RequestError(f"the body is {remaining:,} bytes shorter than its Content-Length")
    if len(body) > MAX_BYTES:
        raise too_large()
    return bytes(body)
