"""SageMaker's operations, one at a time, so that each request sees a consistent state."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emulator.clients import Clients
from emulator.events import Events
from emulator.hosting.configurations import Configurations
from emulator.hosting.endpoints import Endpoints
from emulator.sagemaker.executions import Executions
from emulator.sagemaker.jobs import Jobs
from emulator.sagemaker.models import Models
from emulator.sagemaker.packages import ModelRegistry
from emulator.sagemaker.pipelines import Pipelines
from emulator.sagemaker.tags import Tags
from emulator.service import Call, Handler


class SageMaker:
    """The emulated part of the service. folder: for the records of executions."""

    def __init__(self, folder: Path, clients: Clients, events: Events) -> None:
        tags = Tags()
        pipelines = Pipelines(clients, tags)
        jobs = Jobs(folder)
        self._executions = Executions(folder, clients, pipelines, jobs, events)
        registry = ModelRegistry(tags, events)
        models = Models(tags, registry)
        configurations = Configurations(tags, models)
        self.endpoints = Endpoints(clients, tags, models, configurations)
        self._parts = (
            tags,
            pipelines,
            self._executions,
            jobs,
            models,
            registry,
            configurations,
            self.endpoints,
        )
        self._lock = threading.RLock()

    def handlers(self) -> dict[str, Handler]:
        """Return the operations by name."""
        return {
            name: self._locked(handler)
            for part in self._parts
            for name, handler in part.handlers().items()
        }

    def close(self) -> None:
        """End every execution and every endpoint."""
        self._executions.close()
        self.endpoints.close()

    def _locked(self, handler: Handler) -> Handler:
        def answer(call: Call) -> Mapping[str, Any]:
            with self._lock:
                return handler(call)

        return answer
