"""CloudFormation's error for invalid requests."""

from __future__ import annotations

from emulator.service import ApiError


def already_exists(kind: str, name: str) -> ApiError:
    """Return the error for the creation of a resource that exists."""
    return ApiError(
        "AlreadyExists", f"Resource of type '{kind}' with identifier '{name}' already exists."
    )


def refused(message: str) -> ApiError:
    """Return a ValidationError."""
    return ApiError("ValidationError", message)
