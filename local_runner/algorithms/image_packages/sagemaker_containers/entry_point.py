"""Imported by AWS's examples, which don't use it."""

from __future__ import annotations

from typing import NoReturn


def run(*_arguments: object, **_options: object) -> NoReturn:
    """Raise NotImplementedError."""
    raise NotImplementedError("local runs don't have sagemaker_containers.entry_point.run")
