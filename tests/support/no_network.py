"""Deny a process the network: it may connect to this machine only.

Tests do so to themselves (conftest.py). Programs that they start do so through a ``sitecustomize``
that calls `deny`.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

_THIS_MACHINE = ("127.0.0.1", "::1", "localhost", "", None)


class NetworkDenied(RuntimeError):
    """A connection to another machine was attempted."""


def deny(
    set_attribute: Callable[..., None] = setattr, report: Callable[[str], object] = bool
) -> None:
    """Make connections to other machines raise NetworkDenied; ``report`` receives their hosts."""

    def require_this_machine(host: object) -> None:
        text = host.decode() if isinstance(host, bytes) else host
        if text not in _THIS_MACHINE:
            report(f"{text}\n")
            raise NetworkDenied(f"a test tried to reach {text!r}")

    def guarded(method: Callable[..., Any]) -> Callable[..., Any]:
        def connect(self: socket.socket, address: Any) -> Any:
            if self.family in (socket.AF_INET, socket.AF_INET6):
                require_this_machine(address[0])
            return method(self, address)

        return connect

    original_getaddrinfo = socket.getaddrinfo

    def getaddrinfo(host: Any, *arguments: Any, **options: Any) -> Any:
        require_this_machine(host)
        return original_getaddrinfo(host, *arguments, **options)

    set_attribute(socket.socket, "connect", guarded(socket.socket.connect))
    set_attribute(socket.socket, "connect_ex", guarded(socket.socket.connect_ex))
    set_attribute(socket, "getaddrinfo", getaddrinfo)
