"""A web server on 127.0.0.1 that sends prepared responses."""

from __future__ import annotations

import contextlib
import http.server
import ssl
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.message import Message


@dataclass(frozen=True)
class Answer:
    """A response. length: its Content-Length, if not that of the body; "none" for none."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    length: int | str | None = None


@dataclass
class Server:
    """Sends the responses of each path in turn, and then the last one again.

    asked, headers: the paths and the headers of the requests.
    """

    address: str
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    headers: list[Message] = field(default_factory=list)

    def give(self, path: str, *answers: Answer) -> str:
        """Prepare the responses of a path, and return its URL."""
        self.answers[path] = list(answers)
        return f"{self.address}{path}"

    def next(self, path: str) -> Answer:
        """Return the next response."""
        self.asked.append(path)
        waiting = self.answers.get(path) or [Answer(404)]
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]


@contextlib.contextmanager
def web_server(tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Serve in a thread."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            serving.headers.append(self.headers)
            answer = serving.next(self.path)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.length != "none":
                promised = len(answer.body) if answer.length is None else answer.length
                self.send_header("Content-Length", str(promised))
            self.end_headers()
            self.wfile.write(answer.body)

        def do_CONNECT(self) -> None:  # as a proxy
            self.send_error(407)

        def log_message(self, *_: object) -> None:
            pass

    class Listening(http.server.HTTPServer):
        def handle_error(self, *_: object) -> None:  # of a client that refuses the certificate
            pass

    with Listening(("127.0.0.1", 0), Handler) as listening:
        if tls:
            listening.socket = tls.wrap_socket(listening.socket, server_side=True)
        scheme = "https" if tls else "http"
        serving = Server(f"{scheme}://127.0.0.1:{listening.server_port}")
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield serving
        finally:
            listening.shutdown()
            thread.join()
