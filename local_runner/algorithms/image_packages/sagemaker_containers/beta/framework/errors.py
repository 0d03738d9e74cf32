"""Errors that scripts raise or catch."""

from __future__ import annotations

from local_runner.algorithms.script_mode.encoders import UnsupportedFormatError

__all__ = ["ClientError", "UnsupportedFormatError"]


class ClientError(Exception):
    """An error of the script."""
