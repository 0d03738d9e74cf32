"""Encoders, responses and the like; other modules can be imported, but not used."""

from __future__ import annotations

from . import content_types, encoders, env, errors, worker

__all__ = ["content_types", "encoders", "env", "errors", "modules", "transformer", "worker"]


class _Missing:
    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> object:
        raise AttributeError(
            f"local runs don't have sagemaker_containers.beta.framework.{self._name}.{attribute}"
        )


modules, transformer = map(_Missing, ("modules", "transformer"))
