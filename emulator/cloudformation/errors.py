"""What CloudFormation says to a request that is wrong."""

from __future__ import annotations

from emulator.service import ApiError


def refused(message: str) -> ApiError:
    """A ValidationError."""
    return ApiError("ValidationError", message)
