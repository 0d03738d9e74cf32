"""The input of an execution's process, written to the execution's folder by the service."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from emulator.clients import Place
from local_runner.platform.identity import Identity
from local_runner.platform.json_file import write_json_atomically
from local_runner.workdir import Workdir

_REQUEST, _DEFINITION, _PARAMETERS = "request.json", "definition.json", "parameters.json"


@dataclass(frozen=True)
class Request:
    """The execution to run, and the endpoint of the services.

    workdir: the work folder, shared by the pipeline's executions. jobs: the folder of job records.
    max_parallel_steps: the number of steps that may run at the same time; None for the default.
    selected_steps: those of a selective execution, whose record has the results that they need.
    """

    execution_id: str
    identity: Identity
    endpoint: str
    workdir: Path
    jobs: Path
    max_parallel_steps: int | None = None
    selected_steps: tuple[str, ...] = ()

    @classmethod
    def read(cls, folder: Path) -> Request:
        """Read the request in an execution's folder."""
        content = json.loads((folder / _REQUEST).read_text(encoding="utf-8"))
        return cls(
            execution_id=content["execution_id"],
            identity=Identity(**content["identity"]),
            endpoint=content["endpoint"],
            workdir=Path(content["workdir"]),
            jobs=Path(content["jobs"]),
            max_parallel_steps=content["max_parallel_steps"],
            selected_steps=tuple(content["selected_steps"]),
        )

    @property
    def folder(self) -> Path:
        """The execution's folder."""
        return Workdir(self.workdir).executions.folder(self.execution_id)

    @property
    def place(self) -> Place:
        """The execution's account and region."""
        return Place(self.identity.region, self.identity.account)

    @property
    def pipeline_arn(self) -> str:
        """The pipeline's ARN, in which its name is in lower case."""
        return self.identity.arn("pipeline", self.identity.pipeline.lower())

    def write(self, definition: str, parameters: Mapping[str, str]) -> None:
        """Write the request, the definition and the parameters."""
        content = asdict(self) | {"workdir": str(self.workdir), "jobs": str(self.jobs)}
        write_json_atomically(self.folder / _REQUEST, content)
        write_json_atomically(self.folder / _PARAMETERS, parameters)
        (self.folder / _DEFINITION).write_text(definition, encoding="utf-8")

    def definition(self) -> str:
        """Return the definition that the pipeline had when the execution started."""
        return (self.folder / _DEFINITION).read_text(encoding="utf-8")

    def parameters(self) -> dict[str, str]:
        """Return the parameters that the execution was started with."""
        parameters: dict[str, str] = json.loads((self.folder / _PARAMETERS).read_text("utf-8"))
        return parameters
