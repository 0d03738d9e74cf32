"""Record an execution from several threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from local_runner.definition.model import Json
from local_runner.execution.record import (
    EXECUTING,
    STOPPED,
    SUCCEEDED,
    ExecutionStore,
    PipelineExecution,
    StepExecution,
)
from local_runner.plan import Plan, PlannedStep

Listener = Callable[[StepExecution], None]
"""Called, by one thread at a time, whenever a step starts, is retried, or ends."""


class Recorder:
    """Changes the execution; each change is saved before the listener is called."""

    def __init__(
        self, plan: Plan, execution: PipelineExecution, store: ExecutionStore, listener: Listener
    ) -> None:
        self._order = [planned.step.name for planned in plan.steps]
        self._execution = execution
        self._store = store
        self._listener = listener
        self._lock = threading.Lock()

    def discard_unfinished(self) -> None:
        """Keep the steps that succeeded only, as the start of a continued execution."""
        steps = self._execution.steps
        self._set({name: step for name, step in steps.items() if step.status == SUCCEEDED})

    def begin(self, planned: PlannedStep) -> StepExecution:
        """Return the record of a step that starts now."""
        step = planned.step
        record = StepExecution(
            step.name,
            step.type,
            started=datetime.now(UTC).isoformat(timespec="milliseconds"),
            parameters=self._parameters(planned),
        )
        with self._lock:
            self._set({**self._execution.steps, step.name: record})
            self._save_and_notify(record)
        return record

    def update(self, record: StepExecution, **changes: Any) -> None:
        """Change fields of a step's record."""
        with self._lock:
            for name, value in changes.items():
                setattr(record, name, value)
            self._save_and_notify(record)

    def end(self, status: str) -> None:
        """End the execution, and with Stopped also the steps that were about to start."""
        with self._lock:
            self._execution.status = status
            for record in self._execution.steps.values():
                if status == STOPPED and record.status == EXECUTING:
                    record.status = STOPPED
            self._store.save(self._execution)

    def _parameters(self, planned: PlannedStep) -> dict[str, list[Json]]:
        """Return the values of the step's parameters, and of those of the steps that it reads."""
        found = {name: [self._execution.parameters[name]] for name in planned.parameters}
        for read in planned.reads:
            if read in self._execution.steps:
                for name, values in self._execution.steps[read].parameters.items():
                    known = found.setdefault(name, [])
                    known += [value for value in values if value not in known]
        return found

    def _set(self, steps: Mapping[str, StepExecution]) -> None:
        self._execution.steps = {name: steps[name] for name in self._order if name in steps}

    def _save_and_notify(self, record: StepExecution) -> None:
        self._store.save(self._execution)
        self._listener(record)
