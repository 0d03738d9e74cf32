"""Jobs: described from the records that executions write.

``<folder>/<account>/<region>/jobs/<name>.json``: the request with what the service adds, times as
text, and under ``Of`` the execution and the step of the job.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from moto.core.utils import get_service_model

from emulator.clients import Place
from emulator.pages import between, page, sorted_items
from emulator.service import ApiError, Call, Handler
from local_runner.platform.json_file import write_json_atomically

KINDS = ("ProcessingJob", "TrainingJob", "TransformJob")
IN_PROGRESS = "InProgress"
OF = "Of"


class Jobs:
    """The jobs of every account and region."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def handlers(self) -> dict[str, Handler]:
        """Return the operations by name."""
        handlers: dict[str, Handler] = {}
        for kind in KINDS:
            handlers[f"Describe{kind}"] = self._describe
            handlers[f"List{kind}s"] = self._list
        return handlers

    def folder(self, place: Place) -> Path:
        """Return the folder of the records of an account and region."""
        return self._folder / place.account / place.region / "jobs"

    def of_step(self, place: Place, execution: str, step: str) -> dict[str, Any] | None:
        """Return the newest job of an execution's step, if any."""
        found = [job for job in self._all(place) if job[OF] == [execution, step]]
        return max(found, key=lambda job: str(job["CreationTime"]), default=None)

    def end(self, place: Place, execution: str, status: str, reason: str) -> None:
        """End the jobs in progress of an execution whose process no longer exists."""
        for job in self._all(place):
            kind = kind_of(job)
            if job[OF][0] == execution and job[f"{kind}Status"] == IN_PROGRESS:
                job |= {f"{kind}Status": status, "FailureReason": reason}
                write_record(self.folder(place), job)

    def _describe(self, call: Call) -> dict[str, Any]:
        kind = call.operation.removeprefix("Describe")
        name = call[f"{kind}Name"]
        path = self.folder(call.place) / f"{name}.json"
        job = _read(path) if path.is_file() else {}
        if f"{kind}Name" not in job:
            raise ApiError("ResourceNotFound", f"Could not find requested job with name: {name}")
        members = get_service_model("sagemaker").operation_model(call.operation).output_shape
        return {key: value for key, value in job.items() if key in members.members}

    def _list(self, call: Call) -> dict[str, Any]:
        kind = call.operation.removeprefix("List").removesuffix("s")
        listed = (f"{kind}Name", f"{kind}Arn", f"{kind}Status", "CreationTime", "LastModifiedTime")
        ended = f"{kind.removesuffix('Job')}EndTime"
        found = [
            {key: job.get(key) for key in (*listed, ended)}
            for job in self._all(call.place)
            if kind_of(job) == kind
            and call.get("NameContains", "") in job[f"{kind}Name"]
            and call.get("StatusEquals") in (None, job[f"{kind}Status"])
        ]
        items = sorted_items(
            between(found, call, "CreationTime"), call, lambda job: job["CreationTime"]
        )
        return page(items, call, f"{kind}Summaries")

    def _all(self, place: Place) -> Iterator[dict[str, Any]]:
        for path in self.folder(place).glob("[!.]*.json"):
            yield _read(path)


def kind_of(job: dict[str, Any]) -> str:
    """Return the kind of job that a record describes."""
    return next(kind for kind in KINDS if f"{kind}Name" in job)


def write_record(folder: Path, job: dict[str, Any]) -> None:
    """Write a record, with times as text."""
    text = {
        key: value.isoformat() if isinstance(value, datetime) else value
        for key, value in job.items()
    }
    write_json_atomically(folder / f"{job[f'{kind_of(job)}Name']}.json", text)


def _read(path: Path) -> dict[str, Any]:
    job: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return {
        key: datetime.fromisoformat(value) if key.endswith("Time") else value
        for key, value in job.items()
    }
