"""The settings, parameters and session that all steps of a rendering share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pipeline_steps.parameters import DeploymentParameters, Parameters, ScoreParameters
from pipeline_steps.sdk import (
    CacheConfig,
    ExecutionVariables,
    Join,
    MlflowConfig,
    OfflineSession,
    SageMakerJobExceptionTypeEnum,
    SageMakerJobStepRetryPolicy,
    StepExceptionTypeEnum,
    StepRetryPolicy,
)
from pipeline_steps.settings import PipelineSettings

_WORK = "executions"
_MODELS = "models"
_SCORES = "scores"

OfPipeline = TypeVar("OfPipeline", Parameters, ScoreParameters)


@dataclass(frozen=True)
class Context(Generic[OfPipeline]):
    """The settings, the parameters and the session of one rendering.

    parameters: those that an execution may set. deployment: those that a deployment sets.
    """

    settings: PipelineSettings
    parameters: OfPipeline
    deployment: DeploymentParameters
    session: OfflineSession = field(repr=False)

    @classmethod
    def of(cls, settings: PipelineSettings, parameters: type[OfPipeline]) -> Context[OfPipeline]:
        """Return a new context for one rendering of the pipeline with these parameters."""
        deployment = DeploymentParameters.of(settings)
        session = OfflineSession(deployment.execution_role_arn)
        return cls(settings, parameters.of(settings), deployment, session)

    def work_uri(self, *parts: str) -> Join:
        """Return a URI for outputs that only this execution needs; a lifecycle rule expires them.

        For outputs only: with the execution's ID in an input, the step cache would never hit.
        """
        return self._uri(_WORK, parts)

    def model_uri(self, *parts: str) -> Join:
        """Return a URI for outputs that belong to a registered model; they don't expire."""
        return self._uri(_MODELS, parts)

    def scores_uri(self, *parts: str) -> Join:
        """Return a URI for the results of scoring; they don't expire."""
        return self._uri(_SCORES, parts)

    def _uri(self, folder: str, parts: Sequence[str]) -> Join:
        execution = ExecutionVariables.PIPELINE_EXECUTION_ID
        return Join(on="/", values=[self.deployment.artifacts_uri, folder, execution, *parts])

    def mlflow(self, experiment: str) -> MlflowConfig | None:
        """Return where SageMaker records the executions; None without a tracking server."""
        server = self.settings.mlflow_tracking_server
        return server and MlflowConfig(
            mlflow_resource_arn=server, mlflow_experiment_name=experiment
        )

    def cache(self) -> CacheConfig:
        """Return the configuration for steps whose arguments determine their outputs."""
        return CacheConfig(enable_caching=True, expire_after=f"P{self.settings.cache_days}D")

    @property
    def max_runtime_seconds(self) -> int:
        """The maximum run time of a job."""
        return self.settings.max_runtime_minutes * 60


def step_retries() -> list[Any]:
    """Return the retry policies of all steps: service faults and throttling."""
    return [
        StepRetryPolicy(
            [StepExceptionTypeEnum.SERVICE_FAULT, StepExceptionTypeEnum.THROTTLING],
            interval_seconds=30,
            backoff_rate=2.0,
            max_attempts=5,
        )
    ]


def job_retries() -> list[Any]:
    """Return the retry policies of steps that start jobs: also instance and capacity errors.

    Five retries take 31 minutes, for quotas that other jobs exhaust temporarily. A quota of 0
    raises the same exception, so its step also fails only after 31 minutes; `sentiment watch`
    reports the quota earlier.
    """
    errors = SageMakerJobExceptionTypeEnum
    return [
        *step_retries(),
        SageMakerJobStepRetryPolicy(
            [errors.INTERNAL_ERROR, errors.CAPACITY_ERROR, errors.RESOURCE_LIMIT],
            interval_seconds=60,
            backoff_rate=2.0,
            max_attempts=5,
        ),
    ]
