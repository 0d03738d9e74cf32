"""Records of executions: statuses, reasons and times, in one JSON file for each execution.

The file is replaced atomically whenever a step changes. So an execution that was killed can be read
and continued by a later run with the same definition and parameters.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

from local_runner.definition.model import Json
from local_runner.errors import WorkdirError
from local_runner.platform.json_file import write_json_atomically

EXECUTING = "Executing"
SUCCEEDED = "Succeeded"
FAILED = "Failed"
STOPPED = "Stopped"
COMPLETED_WITH_FAILURES = "CompletedWithFailures"

_RECORD = "execution.json"
_LOCK_PAUSES = (0.02, 0.1)
"""Pauses between attempts to lock an execution: a process may just be asking whether it runs."""


@dataclass
class StepExecution:
    """One step of an execution.

    started: start time in UTC (ISO 8601). seconds: duration of all attempts. cached: whether the
    result was taken from the step cache. outcome: of a Condition step, whether the conditions hold.
    properties: what later steps refer to.
    reused_from, cached_from: the execution that performed the step, if this one only uses its
    result, or took it from the cache.
    inputs: what the result depends on, of a step that can be cached. reasons: why it wasn't.
    parameters: the values that the result depends on, by the parameters' names: those in the step's
    arguments, and those of the steps that it reads. Several values if reused steps had others.
    """

    name: str
    type: str
    status: str = EXECUTING
    started: str = ""
    seconds: float = 0.0
    attempts: int = 1
    cached: bool = False
    outcome: bool | None = None
    failure_reason: str = ""
    properties: Mapping[str, Json] = field(default_factory=dict)
    reused_from: str = ""
    parameters: Mapping[str, Sequence[Json]] = field(default_factory=dict)
    cached_from: str = ""
    inputs: Mapping[str, Json] = field(default_factory=dict)
    reasons: Sequence[Mapping[str, Json]] = field(default_factory=list)


@dataclass
class PipelineExecution:
    """One execution of a pipeline.

    fingerprint: a hash of the definition and the parameter values. steps: those that have started
    or are reused, by name, in the plan's order. planned: the names of all steps of the plan.
    pipeline: the same for executions of one pipeline.
    """

    execution_id: str
    fingerprint: str
    parameters: Mapping[str, Json]
    started: str
    status: str = EXECUTING
    steps: dict[str, StepExecution] = field(default_factory=dict)
    planned: list[str] = field(default_factory=list)
    pipeline: str = ""

    def failed_step(self) -> StepExecution | None:
        """Return the step that failed; None if none did."""
        return next((step for step in self.steps.values() if step.status == FAILED), None)


@dataclass(frozen=True)
class Process:
    """A process that runs an execution. number: its id on the host."""

    number: int
    host: str


class ExecutionStore:
    """The executions below ``<workdir>/executions``, one folder each, named by execution id."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def folder(self, execution_id: str) -> Path:
        """Return the folder of the execution's record, logs and sandboxes."""
        return self._root / execution_id

    def logs(self, execution_id: str) -> Path:
        """Return the folder of an execution's logs."""
        return self.folder(execution_id) / "logs"

    def save(self, execution: PipelineExecution) -> None:
        """Write the record."""
        path = self.folder(execution.execution_id) / _RECORD
        write_json_atomically(path, asdict(execution))

    def load(self, execution_id: str) -> PipelineExecution | None:
        """Return the saved execution; None if there is none. Raise WorkdirError for damage."""
        return _load(self.folder(execution_id) / _RECORD)

    def interrupted(self, fingerprint: str) -> PipelineExecution | None:
        """Return the newest execution with ``fingerprint`` if it never ended."""
        for execution in self.newest_first():
            if execution.fingerprint == fingerprint:
                return execution if execution.status == EXECUTING else None
        return None

    def newest_first(self) -> Iterator[PipelineExecution]:
        """Yield all executions. Raise WorkdirError at a damaged record."""
        for execution_id in self.ids():
            if execution := self.load(execution_id):
                yield execution

    def ids(self) -> list[str]:
        """Return the ids of all executions, newest first, without reading their records."""
        return [it.name for it in sorted(self._folders(), key=_number, reverse=True)]

    def new_id(self) -> str:
        """Reserve the next free id: ``local-0001``, ``local-0002``, ..."""
        self._root.mkdir(parents=True, exist_ok=True)
        number = 1 + max(map(_number, self._folders()), default=0)
        while True:
            try:
                self.folder(f"local-{number:04}").mkdir()
            except FileExistsError:
                number += 1
            else:
                return f"local-{number:04}"

    def _folders(self) -> list[Path]:
        return [path for path in self._root.glob("local-*") if path.name[6:].isdecimal()]

    def is_running(self, execution_id: str) -> bool:
        """Whether a process runs the execution."""
        try:
            with self._lock_file(execution_id).open() as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    def process(self, execution_id: str) -> Process | None:
        """Return the process that runs the execution; None if none does (yet)."""
        if not self.is_running(execution_id):
            return None
        number, _, host = self._lock_file(execution_id).read_text(encoding="utf-8").partition(" ")
        return Process(int(number), host.strip()) if host else None

    @contextmanager
    def locked(self, execution_id: str) -> Iterator[None]:
        """Lock the execution for this process. Raise WorkdirError if another one has locked it.

        The lock ends with the process, however it ends.
        """
        with self._lock_file(execution_id).open("a", encoding="utf-8") as file:
            _lock(file, execution_id)
            file.truncate(0)
            print(os.getpid(), socket.gethostname(), file=file, flush=True)
            yield

    def _lock_file(self, execution_id: str) -> Path:
        return self.folder(execution_id) / "lock"


def _number(folder: Path) -> int:
    return int(folder.name.removeprefix("local-"))


def _load(path: Path) -> PipelineExecution | None:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        steps = {name: StepExecution(**step) for name, step in record.pop("steps").items()}
        return PipelineExecution(**record, steps=steps)
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise WorkdirError(f"{path}: damaged ({error}); remove its folder") from None


def _lock(file: IO[str], execution_id: str) -> None:
    for pause in (*_LOCK_PAUSES, None):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if pause is None:
                raise WorkdirError(
                    f"execution {execution_id} is running in another process; wait for it, or "
                    "choose another --workdir"
                ) from None
            time.sleep(pause)
        else:
            return
