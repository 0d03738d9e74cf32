"""Pipelines: definitions by name, validated when they are created or updated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from emulator.clients import Clients, Place
from emulator.pages import between, page, sorted_items
from emulator.sagemaker.names import arn, name_of, now
from emulator.sagemaker.tags import Tags
from emulator.service import (
    ApiError,
    Call,
    Handler,
    invalid,
)
from local_runner.definition.parsing import parse
from local_runner.errors import DefinitionError

PARALLELISM = "ParallelismConfiguration"


@dataclass(frozen=True)
class PipelineState:
    """The current state of a pipeline."""

    name: str
    arn: str
    definition: str
    role: str
    display_name: str | None
    description: str | None
    created: datetime
    modified: datetime
    parallelism: dict[str, int] | None = None
    last_run: datetime | None = None


class Pipelines:
    """The pipelines of every account and region."""

    def __init__(self, clients: Clients, tags: Tags) -> None:
        self._clients = clients
        self._tags = tags
        self._pipelines: dict[tuple[Place, str], PipelineState] = {}
        self.on_delete: Callable[[Place, PipelineState], None] = lambda *_: None
        """Called with the place and the pipeline before a deletion; may raise ApiError."""

    def handlers(self) -> dict[str, Handler]:
        """Return the operations by name."""
        return {
            "CreatePipeline": self._create,
            "DeletePipeline": self._delete,
            "DescribePipeline": self._describe,
            "ListPipelines": self._list,
            "UpdatePipeline": self._update,
        }

    def get(self, place: Place, name_or_arn: str) -> PipelineState:
        """Return the pipeline. Raise ApiError if there is none."""
        name = name_of(name_or_arn)
        try:
            return self._pipelines[place, name.lower()]
        except KeyError:
            missing = arn(place, "pipeline", name.lower())
            raise ApiError("ResourceNotFound", f"Pipeline '{missing}' does not exist.") from None

    def record_run(self, place: Place, name: str) -> None:
        """Record that an execution started."""
        pipeline = self.get(place, name)
        self._pipelines[place, name.lower()] = replace(pipeline, last_run=now())

    def _create(self, call: Call) -> dict[str, Any]:
        name = call["PipelineName"]
        if (call.place, name.lower()) in self._pipelines:
            raise invalid(
                "Pipeline names must be unique within an AWS account and region. Pipeline with "
                f"name ({name}) already exists."
            )
        time = now()
        pipeline = PipelineState(
            name=name,
            arn=arn(call.place, "pipeline", name.lower()),
            definition=self._definition(call),
            role=call["RoleArn"],
            display_name=call.get("PipelineDisplayName"),
            description=call.get("PipelineDescription"),
            created=time,
            modified=time,
            parallelism=call.get(PARALLELISM),
        )
        self._pipelines[call.place, name.lower()] = pipeline
        self._tags.put(pipeline.arn, call.get("Tags", []))
        return {"PipelineArn": pipeline.arn}

    def _update(self, call: Call) -> dict[str, Any]:
        pipeline = self.get(call.place, call["PipelineName"])
        changed = call.parameters.keys() & {"PipelineDefinition", "PipelineDefinitionS3Location"}
        self._pipelines[call.place, pipeline.name.lower()] = replace(
            pipeline,
            definition=self._definition(call) if changed else pipeline.definition,
            role=call.get("RoleArn", pipeline.role),
            display_name=call.get("PipelineDisplayName", pipeline.display_name),
            description=call.get("PipelineDescription", pipeline.description),
            modified=now(),
            parallelism=call.get(PARALLELISM, pipeline.parallelism),
        )
        return {"PipelineArn": pipeline.arn}

    def _delete(self, call: Call) -> dict[str, Any]:
        pipeline = self.get(call.place, call["PipelineName"])
        self.on_delete(call.place, pipeline)
        del self._pipelines[call.place, pipeline.name.lower()]
        self._tags.forget(pipeline.arn)
        return {"PipelineArn": pipeline.arn}

    def _describe(self, call: Call) -> dict[str, Any]:
        pipeline = self.get(call.place, call["PipelineName"])
        return {
            **_summary(pipeline),
            "PipelineDefinition": pipeline.definition,
            "PipelineStatus": "Active",
            "LastRunTime": pipeline.last_run,
            PARALLELISM: pipeline.parallelism,
        }

    def _list(self, call: Call) -> dict[str, Any]:
        prefix = call.get("PipelineNamePrefix", "")
        found = [
            {**_summary(pipeline), "LastExecutionTime": pipeline.last_run}
            for (place, _), pipeline in self._pipelines.items()
            if place == call.place and pipeline.name.startswith(prefix)
        ]
        key = "PipelineName" if call.get("SortBy") == "Name" else "CreationTime"
        items = sorted_items(between(found, call, "CreationTime"), call, lambda item: item[key])
        return page(items, call, "PipelineSummaries")

    def _definition(self, call: Call) -> str:
        text = call.get("PipelineDefinition")
        if text is None:
            where = call["PipelineDefinitionS3Location"]
            found = self._clients("s3", call.place).get_object(
                Bucket=where["Bucket"], Key=where["ObjectKey"]
            )
            text = found["Body"].read().decode()
        try:
            parse(text)
        except DefinitionError as error:
            raise invalid(f"Unable to parse pipeline definition. {error}") from None
        return str(text)


def _summary(pipeline: PipelineState) -> dict[str, Any]:
    return {
        "CreationTime": pipeline.created,
        "LastModifiedTime": pipeline.modified,
        "PipelineArn": pipeline.arn,
        "PipelineDescription": pipeline.description,
        "PipelineDisplayName": pipeline.display_name,
        "PipelineName": pipeline.name,
        "RoleArn": pipeline.role,
    }
