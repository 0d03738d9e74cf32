"""The context of a job: everything that it needs in addition to its request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local_runner.definition.model import Json
from local_runner.errors import JobFailed
from local_runner.platform.bound_to_parent import OPT_ML
from local_runner.platform.cancellation import CancellationToken
from local_runner.platform.containers import Container
from local_runner.platform.identity import Identity
from local_runner.platform.model_registry import ModelRegistry
from local_runner.platform.object_store import ObjectStore

Arguments = Mapping[str, Any]
Properties = Mapping[str, Json]


@dataclass(frozen=True)
class JobContext:
    """The context of one attempt at a job.

    name: the job's name, unique in the work folder (``pipelines-<execution>-<step>-<attempt>``).
    sandbox: an empty folder for this job, removed when the job ends unless ``keeps_sandbox``.
    models: the folder of models.
    identity: for the ARNs of what the job creates.
    aws_environment: the variables with which a job calls AWS's API, beyond those that it inherits.
    cancellation: ends the job's programs when it is cancelled.
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
    cancellation: CancellationToken = field(default_factory=CancellationToken)
    keeps_sandbox: bool = False

    @property
    def opt_ml(self) -> Path:
        """The folder used as the job's ``/opt/ml``."""
        return self.sandbox / "opt" / "ml"

    def sandbox_path(self, path: str) -> Path:
        """Return the path in the sandbox of ``/opt/ml/...``. Raise JobFailed for other paths."""
        if not is_sandbox_path(path):
            raise JobFailed(f"ClientError: {path!r} must be a path below {OPT_ML}")
        return self.sandbox / path.lstrip("/")

    def network(self, settings: Arguments) -> Mapping[str, str]:
        """Return the variables with which a program calls AWS's API; none in network isolation.

        settings: what has EnableNetworkIsolation.
        """
        return {} if settings.get("EnableNetworkIsolation") else self.aws_environment()

    def arn(self, kind: str) -> str:
        """Return the ARN of what the job creates, under the job's name."""
        return self.identity.arn(kind, self.name)


def is_sandbox_path(path: str) -> bool:
    """Whether a job's path is below ``/opt/ml``."""
    return path.startswith(f"{OPT_ML}/") and ".." not in path.split("/") and "\0" not in path


Job = Callable[[Arguments, JobContext], Properties]
"""Emulates one API call: takes the resolved request, returns what describing the job would."""
