"""What every job is handed besides its arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local_runner.definition.model import Json
from local_runner.errors import JobFailed
from local_runner.platform.cancellation import Stop
from local_runner.platform.containers import OPT_ML, Container, Invocation
from local_runner.platform.identity import Identity
from local_runner.platform.model_registry import ModelRegistry
from local_runner.platform.object_store import ObjectStore

Arguments = Mapping[str, Any]
Properties = Mapping[str, Json]


@dataclass(frozen=True)
class JobContext:
    """One attempt at one job.

    name: the job's name, unique in the work folder (``pipelines-<execution>-<step>-<attempt>``).
    sandbox: an empty folder of the job's own; gone when the job is over.
    models: the folder of models.
    identity: what the ARNs of what it makes are made of.
    aws_environment: the variables with which a job calls AWS's API, beyond those that it inherits.
    stop: ends the job's programs when it is asked for.
    """

    name: str
    store: ObjectStore
    container: Container
    sandbox: Path
    log: Path
    models: Path
    registry: ModelRegistry
    identity: Identity
    aws_environment: Callable[[], Mapping[str, str]] = dict
    stop: Stop = field(default_factory=Stop)

    @property
    def opt_ml(self) -> Path:
        """The folder that stands for ``/opt/ml`` in this job."""
        return self.sandbox / "opt" / "ml"

    def inside(self, path: str) -> Path:
        """Where the job's path ``/opt/ml/...`` lies. Raises JobFailed for any other path."""
        if not path.startswith(f"{OPT_ML}/") or ".." in path.split("/"):
            raise JobFailed(f"ClientError: {path!r} must lie below {OPT_ML}")
        return self.sandbox / path.lstrip("/")

    def arn(self, kind: str) -> str:
        """The ARN of what the job makes, under its own name."""
        return self.identity.arn(kind, self.name)

    def invoke(
        self,
        image: str,
        command: tuple[str, ...],
        environment: Mapping[str, str],
        max_runtime_seconds: float | None = None,
    ) -> None:
        """Runs a program of the job in its container."""
        self.opt_ml.mkdir(parents=True, exist_ok=True)
        self.container.run(
            Invocation(
                image,
                command,
                environment,
                self.opt_ml,
                self.log,
                max_runtime_seconds,
                self.stop,
            )
        )


Job = Callable[[Arguments, JobContext], Properties]
"""What stands for one API call: a resolved request becomes what describing it would answer."""


def refuse(what: str, value: Json, honoured: tuple[Json, ...]) -> None:
    """Raises JobFailed if ``value`` is none of the values this machine can honour."""
    if value not in honoured:
        known = ", ".join(repr(item) for item in honoured if item is not None)
        raise JobFailed(f"ClientError: {what} {value!r} isn't available locally; use {known}")
