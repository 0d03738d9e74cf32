"""One execution: what was asked for, the process that does it, and its record."""

from __future__ import annotations

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

GONE = "InternalServerError: the execution's process ended without a word"


@dataclass
class Execution:
    """One execution: what was asked for, and the process that does it."""

    request: Request
    pipeline_arn: str
    plan: Plan
    definition: str
    given: list[dict[str, str]]
    display_name: str
    description: str | None
    process: ExecutionProcess
    created: datetime = field(default_factory=now)
    is_stopping: bool = False

    @property
    def arn(self) -> str:
        """The execution's ARN."""
        return f"{self.pipeline_arn}/execution/{self.request.execution_id}"

    def record(self) -> PipelineExecution:
        """What the process wrote last."""
        record = Workdir(self.request.workdir).executions.load(self.request.execution_id)
        assert record is not None
        return record

    def end_of_gone_process(self) -> PipelineExecution | None:
        """If the process is gone without having told an end: the end that it had, noted now."""
        if self.process.is_alive():
            return None
        record = self.record()
        if record.status != EXECUTING:
            return None
        record.status = STOPPED if self.is_stopping else FAILED
        for step in record.steps.values():
            if step.status == EXECUTING:
                step.status = record.status
                step.failure_reason = GONE if record.status == FAILED else ""
        Workdir(self.request.workdir).executions.save(record)
        return record

    def summary(self, record: PipelineExecution) -> dict[str, Any]:
        """What both describing and listing tell."""
        is_stopping = self.is_stopping and record.status == EXECUTING
        return {
            "PipelineExecutionArn": self.arn,
            "PipelineExecutionDescription": self.description,
            "PipelineExecutionDisplayName": self.display_name,
            "PipelineExecutionStatus": "Stopping" if is_stopping else record.status,
        }
