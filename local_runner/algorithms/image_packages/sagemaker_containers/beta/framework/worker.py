"""Responses that the functions of scripts return."""

from __future__ import annotations

from typing import Any


class Response:
    """An answer, as far as a transform job reads it: its body and status."""

    def __init__(
        self,
        response: Any = None,
        accept: str | None = None,
        status: int = 200,
        *_headers: object,
        mimetype: str | None = None,
        **_other: object,
    ) -> None:
        self.response = response
        self.status_code = int(status)
        self.mimetype = mimetype or accept or "application/json"

    def get_data(self, as_text: bool = False) -> Any:
        """Return the body."""
        body = self.response or b""
        data = body.encode() if isinstance(body, str) else bytes(body)
        return data.decode() if as_text else data
