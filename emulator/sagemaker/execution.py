"""One execution: its request, its process and its record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from emulator.execution.request import Request
from emulator.sagemaker.names import now
from emulator.sagemaker.processes import ExecutionProcess
from local_runner.execution.record import (
    EXECUTING,
    FAILED,
    STOPPED,
    PipelineExecution,
)
from local_runner.plan import Plan
from local_runner.workdir import Workdir

PROCESS_LOST = "InternalServerError: the execution's process ended unexpectedly"


@dataclass
class Execution:
    """One execution: its request, and the process that runs it.

    selective: the SelectiveExecutionConfig of an execution of selected steps.
    """

    request: Request
    pipeline_arn: str
    plan: Plan
    definition: str
    parameters: list[dict[str, str]]
    display_name: str
    description: str | None
    process: ExecutionProcess
    created: datetime = field(default_factory=now)
    is_stopping: bool = False
    selective: Mapping[str, Any] | None = None

    @property
    def arn(self) -> str:
        """The execution's ARN."""
        return f"{self.pipeline_arn}/execution/{self.request.execution_id}"

    def record(self) -> PipelineExecution:
        """Read the record that the process wrote last."""
        record = Workdir(self.request.workdir).executions.load(self.request.execution_id)
        assert record is not None
        return record

    def end_of_lost_process(self) -> PipelineExecution | None:
        """If the process ended without recording an end, record one and return it."""
        if self.process.is_alive():
            return None
        record = self.record()
        if record.status != EXECUTING:
            return None
        record.status = STOPPED if self.is_stopping else FAILED
        for step in record.steps.values():
            if step.status == EXECUTING:
                step.status = record.status
                step.failure_reason = PROCESS_LOST if record.status == FAILED else ""
        Workdir(self.request.workdir).executions.save(record)
        return record

    def summary(self, record: PipelineExecution) -> dict[str, Any]:
        """Return what descriptions and lists have in common."""
        is_stopping = self.is_stopping and record.status == EXECUTING
        return {
            "PipelineExecutionArn": self.arn,
            "PipelineExecutionDescription": self.description,
            "PipelineExecutionDisplayName": self.display_name,
            "PipelineExecutionStatus": "Stopping" if is_stopping else record.status,
        }
