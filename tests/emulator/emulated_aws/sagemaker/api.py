"""SageMaker's operations, one after the other: each request sees a whole state."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emulated_aws.clients import Clients
from emulated_aws.events import Events
from emulated_aws.sagemaker.executions import Executions
from emulated_aws.sagemaker.jobs import Jobs
from emulated_aws.sagemaker.models import Models
from emulated_aws.sagemaker.packages import ModelRegistry
from emulated_aws.sagemaker.pipelines import Pipelines
from emulated_aws.sagemaker.tags import Tags
from emulated_aws.service import Call, Handler


class SageMaker:
    """All of the service that is emulated; ``folder`` takes the records of executions."""

    def __init__(self, folder: Path, clients: Clients, events: Events) -> None:
        tags = Tags()
        pipelines = Pipelines(clients, tags)
        jobs = Jobs(folder)
        self._executions = Executions(folder, clients, pipelines, jobs, events)
        self._parts = (
            tags,
            pipelines,
            self._executions,
            jobs,
            Models(tags),
            ModelRegistry(tags, events),
        )
        self._lock = threading.RLock()

    def handlers(self) -> dict[str, Handler]:
        """The operations by name."""
        return {
            name: self._locked(handler)
            for part in self._parts
            for name, handler in part.handlers().items()
        }

    def close(self) -> None:
        """Ends every execution."""
        self._executions.close()

    def _locked(self, handler: Handler) -> Handler:
        def answer(call: Call) -> Mapping[str, Any]:
            with self._lock:
                return handler(call)

        return answer
