"""Errors of requests: an HTTP status, and one sentence that names the problem."""

from __future__ import annotations

from processing.errors import DataError

BAD_REQUEST, NOT_ACCEPTABLE, TOO_LARGE, UNSUPPORTED_TYPE = 400, 406, 413, 415


class RequestError(DataError):
    """A request can't be answered."""

    def __init__(self, message: str, status: int = BAD_REQUEST) -> None:
        super().__init__(message)
        self.status = status
