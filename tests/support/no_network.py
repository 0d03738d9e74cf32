"""Denies the network to a process: it may speak to this machine and to nobody else.

Tests deny it to themselves (conftest.py); programs that they start deny it to themselves through a
``sitecustomize`` that calls `deny`.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

_HERE = ("127.0.0.1", "::1", "localhost", "", None)


class NetworkDenied(RuntimeError):
    """Something tried to reach another machine."""


def deny(
    set_attribute: Callable[..., None] = setattr, tell: Callable[[str], object] = bool
) -> None:
    """Replaces the ways out by an exception; ``tell`` hears who was to be reached."""

    def insist_here(host: object) -> None:
        text = host.decode() if isinstance(host, bytes) else host
        if text not in _HERE:
            tell(f"{text}\n")
            raise NetworkDenied(f"a test tried to reach {text!r}")

    def guarded(method: Callable[..., Any]) -> Callable[..., Any]:
        def connect(self: socket.socket, address: Any) -> Any:
            if self.family in (socket.AF_INET, socket.AF_INET6):
                insist_here(address[0])
            return method(self, address)

        return connect

    getaddrinfo = socket.getaddrinfo

    def look_up(host: Any, *arguments: Any, **options: Any) -> Any:
        insist_here(host)
        return getaddrinfo(host, *arguments, **options)

    set_attribute(socket.socket, "connect", guarded(socket.socket.connect))
    set_attribute(socket.socket, "connect_ex", guarded(socket.socket.connect_ex))
    set_attribute(socket, "getaddrinfo", look_up)
