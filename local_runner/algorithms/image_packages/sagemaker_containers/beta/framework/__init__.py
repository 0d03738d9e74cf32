"""Encoders, content types and responses; other modules can be imported, but not used."""

from __future__ import annotations

from . import content_types, encoders, errors, worker

__all__ = ["content_types", "encoders", "env", "errors", "modules", "transformer", "worker"]


class _Missing:
    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> object:
        raise AttributeError(
            f"local runs don't have sagemaker_containers.beta.framework.{self._name}.{attribute}"
        )


env, modules, transformer = map(_Missing, ("env", "modules", "transformer"))
