"""What every step is built from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pipeline_steps.parameters import Deployed, Parameters, ScoreParameters
from pipeline_steps.sdk import (
    CacheConfig,
    ExecutionVariables,
    Join,
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

Chosen = TypeVar("Chosen", Parameters, ScoreParameters)


@dataclass(frozen=True)
class Context(Generic[Chosen]):
    """The settings, the parameters and the session of one rendering.

    parameters: what an execution of this pipeline may choose. deployed: what a deployment sets.
    """

    settings: PipelineSettings
    parameters: Chosen
    deployed: Deployed
    session: OfflineSession = field(repr=False)

    @classmethod
    def of(cls, settings: PipelineSettings, parameters: type[Chosen]) -> Context[Chosen]:
        """A fresh context for one rendering of the pipeline with these parameters."""
        deployed = Deployed.of(settings)
        session = OfflineSession(deployed.execution_role_arn)
        return cls(settings, parameters.of(settings), deployed, session)

    def work_uri(self, *parts: str) -> Join:
        """A place for what an execution needs while it runs; it expires with the lifecycle rule.

        For outputs only: an execution id inside an input would make the step cache miss every time.
        """
        return self._uri(_WORK, parts)

    def model_uri(self, *parts: str) -> Join:
        """A place for what belongs to a registered model, which is kept as long as the bucket."""
        return self._uri(_MODELS, parts)

    def scores_uri(self, *parts: str) -> Join:
        """A place for what scoring is for; kept as long as the bucket."""
        return self._uri(_SCORES, parts)

    def _uri(self, folder: str, parts: Sequence[str]) -> Join:
        execution = ExecutionVariables.PIPELINE_EXECUTION_ID
        return Join(on="/", values=[self.deployed.artifacts_uri, folder, execution, *parts])

    def cache(self) -> CacheConfig:
        """For steps whose arguments fully decide their outputs."""
        return CacheConfig(enable_caching=True, expire_after=f"P{self.settings.cache_days}D")

    @property
    def max_runtime_seconds(self) -> int:
        """The longest that any job may take."""
        return self.settings.max_runtime_minutes * 60


def step_retries() -> list[Any]:
    """For any step: the service's own faults and its throttling."""
    return [
        StepRetryPolicy(
            [StepExceptionTypeEnum.SERVICE_FAULT, StepExceptionTypeEnum.THROTTLING],
            interval_seconds=30,
            backoff_rate=2.0,
            max_attempts=5,
        )
    ]


def job_retries() -> list[Any]:
    """For a step that starts a job: machines that break or aren't to be had, besides."""
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
