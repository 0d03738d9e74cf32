"""The setting ``endpoint``: what serves the approved version."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from pipeline_steps.settings import FrozenSettings, InstanceType, PipelineSettings


class ServerlessEndpoint(FrozenSettings):
    """An endpoint without instances: billed by the duration of requests."""

    memory_mb: Literal[1024, 2048, 3072, 4096, 5120, 6144] = Field(
        default=2048, description="memory of an environment that processes requests, in MB"
    )
    max_concurrency: int = Field(
        default=5,
        ge=1,
        le=200,
        description="requests at the same time; more are refused with an error of throttling",
    )


class InstanceEndpoint(FrozenSettings):
    """An endpoint on instances: billed as long as it exists."""

    type: InstanceType = Field(default="ml.m5.large", description="the instance type")
    count: int = Field(
        default=1,
        ge=1,
        le=100,
        description="instances; with max_count, the least. With one instance, an update shifts all "
        "requests at once instead of a canary's share first",
    )
    max_count: int | None = Field(
        default=None,
        ge=1,
        le=100,
        description="the most instances to which autoscaling adds as the requests increase; by "
        "default, there is no autoscaling",
    )
    requests_per_instance: int = Field(
        default=3000,
        ge=1,
        le=1_000_000,
        description="requests a minute for each instance that autoscaling aims at",
    )
    capture_percent: int = Field(
        default=0,
        ge=0,
        le=100,
        description="percentage of the requests that are stored with their answers below captured/ "
        "in the bucket, for run_days",
    )

    @property
    def captures(self) -> bool:
        """Whether any requests are captured."""
        return self.capture_percent > 0

    @property
    def is_scaled(self) -> bool:
        """Whether autoscaling adds instances."""
        return self.max_count is not None

    @model_validator(mode="after")
    def _validate_counts(self) -> InstanceEndpoint:
        if self.max_count is not None and self.max_count <= self.count:
            raise ValueError(
                f"max_count ({self.max_count}) must exceed count ({self.count}); raise it or "
                "remove it"
            )
        if self.max_count is None and "requests_per_instance" in self.model_fields_set:
            raise ValueError(
                "requests_per_instance has no effect without max_count; set both or neither"
            )
        return self


class Endpoint(FrozenSettings):
    """One of two kinds of endpoints."""

    serverless: ServerlessEndpoint | None = None
    instances: InstanceEndpoint | None = None

    @model_validator(mode="after")
    def _validate_kind(self) -> Endpoint:
        if (self.serverless is None) == (self.instances is None):
            raise ValueError("it must have exactly one of serverless and instances")
        return self


class EndpointSettings(PipelineSettings):
    """Whether approved versions are deployed, and to what."""

    endpoint: (
        Annotated[
            Endpoint,
            Field(
                json_schema_extra={
                    "expected": 'an object such as {"serverless": {}} or {"instances": '
                    '{"count": 2}} (see Endpoint)'
                }
            ),
        ]
        | None
    ) = Field(
        default=None,
        description="deploy approved model versions to an endpoint that answers requests with raw "
        "text (docs/endpoint.md)",
    )

    @property
    def instance_endpoint(self) -> InstanceEndpoint | None:
        """The endpoint on instances, if there is one."""
        return self.endpoint.instances if self.endpoint else None

    @model_validator(mode="after")
    def _validate_protection(self) -> EndpointSettings:
        """Refuse an endpoint that can't have the protection of the jobs."""
        if self.endpoint is None:
            return self
        if self.endpoint.serverless:
            for name in ("subnets", "no_network"):
                if getattr(self, name):
                    raise ValueError(
                        f"endpoint serverless excludes {name}: AWS runs serverless endpoints "
                        "outside of your VPC and without network isolation; choose instances"
                    )
        if self.endpoint.instances:
            self.require_no_local_disks("endpoint.instances.type", self.endpoint.instances.type)
        return self
