"""The values of references while an execution runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from local_runner.definition.expressions import Reference, follow
from local_runner.definition.model import Json, PropertyFile, Step
from local_runner.errors import DefinitionError, JobFailed
from local_runner.execution.record import PipelineExecution
from local_runner.platform.identity import Identity
from local_runner.platform.object_store import ObjectStore


@dataclass(frozen=True)
class ExecutionScope:
    """Parameters, execution variables, and the properties of finished steps.

    job_name: the name of the job whose request is resolved.
    """

    execution: PipelineExecution
    steps: Mapping[str, Step]
    store: ObjectStore
    identity: Identity
    job_name: str = ""

    def of_job(self, name: str) -> ExecutionScope:
        """Return the scope of the request of the job ``name``."""
        return replace(self, job_name=name)

    def value(self, reference: Reference) -> Json:
        """Return the value. Raise DefinitionError if there is none, JobFailed for a bad file."""
        if reference.root == "Parameters":
            return self.execution.parameters[reference.name]
        if reference.root == "Execution":
            return self._variables()[reference.name]
        if reference.rest[:1] == ("PropertyFiles",):
            return self._document(reference.name, str(reference.rest[1]))
        where = f"Steps.{reference.name}"
        if reference.name not in self.execution.steps:
            raise DefinitionError(f"{where}: the step has no properties because it didn't run")
        return follow(self.execution.steps[reference.name].properties, reference.rest, where)

    def properties(self, step: str) -> Mapping[str, Json]:
        """Return the properties of a step; none if it didn't run or failed."""
        record = self.execution.steps.get(step)
        return record.properties if record else {}

    def document(self, uri: str) -> Json:
        """Return the JSON of an object. Raise JobFailed if it can't be read."""
        return self._json(uri, f"Std:JsonGet: {uri} can't be read")

    def _variables(self) -> Mapping[str, Json]:
        name, execution_id = self.identity.pipeline, self.execution.execution_id
        execution = f"{name}/execution/{execution_id}"
        return {
            "PipelineName": name,
            "PipelineArn": self.identity.arn("pipeline", name),
            "PipelineExecutionId": execution_id,
            "PipelineExecutionArn": self.identity.arn("pipeline", execution),
            "StartDateTime": self.execution.started,
            "CurrentDateTime": datetime.now(UTC).isoformat(),
            "ProcessingJobName": self.job_name,
            "TrainingJobName": self.job_name,
        }

    def _document(self, step: str, name: str) -> Json:
        """Return the content of a step's property file."""
        file = next(file for file in self.steps[step].property_files if file.name == name)
        return self._json(
            f"{self._output_uri(step, file).rstrip('/')}/{file.path}",
            f"property file {name} of step {step} can't be read: "
            f"{file.path} in output {file.output_name}",
        )

    def _json(self, uri: str, problem: str) -> Json:
        try:
            with self.store.open(uri) as content:
                return json.load(content)
        except (OSError, ValueError) as error:
            raise JobFailed(f"ClientError: {problem} ({error})") from None

    def _output_uri(self, step: str, file: PropertyFile) -> str:
        keys = ("ProcessingOutputConfig", "Outputs", file.output_name, "S3Output", "S3Uri")
        uri = follow(self.execution.steps[step].properties, keys, f"property file {file.name}")
        return str(uri)
