"""The pipeline definition as frozen data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

VERSION = "2020-12-01"

Json = Any
"""A JSON value: mappings, sequences, strings, numbers, booleans, None."""

PARAMETER_TYPES: dict[str, type[str] | type[int] | type[float] | type[bool]] = {
    "String": str,
    "Integer": int,
    "Float": float,
    "Boolean": bool,
}

CONDITION = "Condition"
CLEANUP = "Cleanup"
FAIL = "Fail"
FOR_EACH = "ForEach"
JOB_TYPES = ("Processing", "Training", "Model", "Transform", "RegisterModel", "Tuning")
FUNCTION_TYPES = ("Lambda", "Callback")
OTHER_TYPES = (
    "Athena",
    "AutoML",
    "BedrockCustomModel",
    "BedrockCustomModelDeployment",
    "BedrockModelImport",
    "BedrockProvisionedModelThroughput",
    "ClarifyCheck",
    "EMR",
    "EMRServerless",
    "Endpoint",
    "EndpointConfig",
    "InferenceComponent",
    "Job",
    "Lineage",
    "QualityCheck",
)
"""Step types that are only parsed by name: the plan refuses them."""
RUN_TYPES = (*JOB_TYPES, CLEANUP, CONDITION, FAIL, FOR_EACH, *FUNCTION_TYPES)

COMPLETED = "Completed"
ANY = "Any"
TRIGGERS = (COMPLETED, "Failed", "Stopped", ANY)
"""Outcomes of a dependency on which a step runs."""


@dataclass(frozen=True)
class Parameter:
    """A pipeline parameter; ``default`` is None if executions must give a value."""

    name: str
    type: str
    default: str | int | float | bool | None
    enum_values: tuple[str, ...]


@dataclass(frozen=True)
class PropertyFile:
    """A JSON file that a processing step writes to one of its outputs, for Std:JsonGet."""

    name: str
    output_name: str
    path: str


@dataclass(frozen=True)
class OutputParameter:
    """A value that the function of a Lambda or Callback step returns, of a parameter's type."""

    name: str
    type: str


@dataclass(frozen=True)
class Iteration:
    """The origin of a step that is a copy: a step in the body of a ForEach step.

    max_concurrency: the number of the ForEach step's copies that may run at the same time.
    parameters: the names of those in the items.
    """

    for_each: str
    body: str
    max_concurrency: int
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True)
class RetryPolicy:
    """Conditions and limits for retries of a step.

    exceptions: the failures to retry. interval: seconds before the first retry, multiplied by
    ``backoff`` for each one that follows. max_attempts: retries after the first attempt.
    expire_after: minutes after which the service stops retrying; ignored by the local runner.
    """

    exceptions: tuple[str, ...]
    interval: float
    backoff: float
    max_attempts: int
    expire_after: float | None = None


@dataclass(frozen=True)
class Step:
    """A step. ``arguments`` contains expressions; only a Condition step has branches.

    triggers: (dependency, outcome on which the step runs), of those other than Completed.
    target: the FunctionArn or SqsQueueUrl of a Lambda or Callback step.

    cache_enabled: whether an earlier result may be reused. cache_seconds: the largest age of such a
    result; infinite by default.
    """

    name: str
    type: str
    arguments: Mapping[str, Json]
    display_name: str
    description: str
    depends_on: tuple[str, ...]
    cache_enabled: bool
    cache_seconds: float
    retry_policies: tuple[RetryPolicy, ...]
    property_files: tuple[PropertyFile, ...]
    if_steps: tuple[Step, ...] = ()
    else_steps: tuple[Step, ...] = ()
    triggers: tuple[tuple[str, str], ...] = ()
    output_parameters: tuple[OutputParameter, ...] = ()
    target: Json = None
    iteration: Iteration | None = None


@dataclass(frozen=True)
class PipelineDefinition:
    """A definition: parameters and top-level steps in the order of the document.

    tracking_server: the ARN in MlflowConfig, which has no effect on local runs.
    """

    parameters: tuple[Parameter, ...]
    steps: tuple[Step, ...]
    tracking_server: Json = None

    def all_steps(self) -> Iterator[Step]:
        """Yield every step, including those in branches, outer steps first."""
        return _with_branches(self.steps)


def _with_branches(steps: tuple[Step, ...]) -> Iterator[Step]:
    for step in steps:
        yield step
        yield from _with_branches(step.if_steps)
        yield from _with_branches(step.else_steps)
