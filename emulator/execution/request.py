"""What the service hands to an execution's process, in the execution's folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from local_runner.platform.identity import Identity
from local_runner.platform.json_file import write_json_atomically
from local_runner.workdir import Workdir

_REQUEST, _DEFINITION, _PARAMETERS = "request.json", "definition.json", "parameters.json"


@dataclass(frozen=True)
class Request:
    """Which execution of which pipeline.

    workdir: the work folder, shared by the pipeline's executions. jobs: where jobs are recorded.
    """

    execution_id: str
    identity: Identity
    endpoint: str
    workdir: Path
    jobs: Path

    @classmethod
    def read(cls, folder: Path) -> Request:
        """The request that was written into an execution's folder."""
        content = json.loads((folder / _REQUEST).read_text(encoding="utf-8"))
        return cls(
            execution_id=content["execution_id"],
            identity=Identity(**content["identity"]),
            endpoint=content["endpoint"],
            workdir=Path(content["workdir"]),
            jobs=Path(content["jobs"]),
        )

    @property
    def folder(self) -> Path:
        """The execution's folder."""
        return Workdir(self.workdir).executions.folder(self.execution_id)

    @property
    def pipeline_arn(self) -> str:
        """The pipeline's ARN; SageMaker writes its name in small letters."""
        return self.identity.arn("pipeline", self.identity.pipeline.lower())

    def write(self, definition: str, parameters: Mapping[str, str]) -> None:
        """Lays everything ready for the process."""
        content = asdict(self) | {"workdir": str(self.workdir), "jobs": str(self.jobs)}
        write_json_atomically(self.folder / _REQUEST, content)
        write_json_atomically(self.folder / _PARAMETERS, parameters)
        (self.folder / _DEFINITION).write_text(definition, encoding="utf-8")

    def definition(self) -> str:
        """The definition that the pipeline had when the execution started."""
        return (self.folder / _DEFINITION).read_text(encoding="utf-8")

    def parameters(self) -> dict[str, str]:
        """The parameters that were given."""
        given: dict[str, str] = json.loads((self.folder / _PARAMETERS).read_text("utf-8"))
        return given
