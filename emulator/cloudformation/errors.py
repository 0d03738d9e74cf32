"""CloudFormation's error for invalid requests."""

from __future__ import annotations

from emulator.service import ApiError


def refused(message: str) -> ApiError:
    """Return a ValidationError."""
    return ApiError("ValidationError", message)
