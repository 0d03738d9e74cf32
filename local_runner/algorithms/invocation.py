"""An answer of an image's server to one request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

OK, NO_CONTENT = 200, 204


@dataclass(frozen=True)
class Answer:
    """The body, its content type and the HTTP status."""

    body: bytes
    content_type: str = "text/plain"
    status: int = OK


Respond = Callable[[bytes, str, str], Answer]
"""Answers a request, given its body, its content type, and the content type that it accepts."""
