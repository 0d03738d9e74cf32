"""The work folder: everything that local executions leave behind, under telling names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from local_runner.cache import StepCache
from local_runner.execution import ExecutionStore
from local_runner.object_store import ObjectStore


@dataclass(frozen=True)
class Workdir:
    """The folder ``root`` and what lies where in it.

    s3/               the object store
    executions/       a record, logs and sandboxes for each execution
    cache/            what cached steps answered
    models/           the models
    model-registry/   the model package groups
    """

    root: Path

    @property
    def store(self) -> ObjectStore:
        """The objects of S3."""
        return ObjectStore(self.root / "s3")

    @property
    def executions(self) -> ExecutionStore:
        """The records of executions."""
        return ExecutionStore(self.root / "executions")

    @property
    def cache(self) -> StepCache:
        """The step cache."""
        return StepCache(self.root / "cache", self.store)

    @property
    def models(self) -> Path:
        """The folder of models."""
        return self.root / "models"

    @property
    def registry(self) -> Path:
        """The folder of model package groups."""
        return self.root / "model-registry"
