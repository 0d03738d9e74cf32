"""The work folder: everything that local executions write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from local_runner.execution.record import ExecutionStore
from local_runner.platform.model_registry import ModelRegistry
from local_runner.platform.object_store import FolderStore


@dataclass(frozen=True)
class Workdir:
    """The folder ``root`` and its parts.

    s3/               the object store
    executions/       a record, logs and sandboxes for each execution
    cache/            results of cached steps
    models/           models
    model-registry/   model package groups

    inputs: files elsewhere that the object store serves, read-only, by the URIs of their objects.
    """

    root: Path
    inputs: Mapping[str, Path] = field(default_factory=dict)

    @cached_property
    def store(self) -> FolderStore:
        """The object store."""
        return FolderStore(self.root / "s3", self.inputs)

    @property
    def executions(self) -> ExecutionStore:
        """The records of executions."""
        return ExecutionStore(self.root / "executions")

    @property
    def cache(self) -> Path:
        """The folder of the step cache."""
        return self.root / "cache"

    @property
    def models(self) -> Path:
        """The folder of models."""
        return self.root / "models"

    @property
    def registry(self) -> ModelRegistry:
        """The model registry."""
        return ModelRegistry(self.root / "model-registry")
