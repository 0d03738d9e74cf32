"""The SageMaker Python SDK, imported in this one place, kept offline and quiet.

Left alone, the SDK builds clients while it is imported, reads the user's configuration, reports
each call home, configures the root logger and warns of itself. None of that may happen while a
definition is rendered: rendering is a function of the commit.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3

_EMPTY_CONFIG = str(Path(__file__).with_name("sagemaker_config.yaml"))
_ANY_REGION = "us-east-1"  # a client without a region can't be built; nothing is ever sent


@contextlib.contextmanager
def offline() -> Iterator[None]:
    """Keeps the SDK from looking at this machine, and this machine from noticing the SDK.

    Environment, root logger and boto3's default session are afterwards what they were.
    """
    root, session = logging.getLogger(), boto3.DEFAULT_SESSION
    handlers, level, disabled = root.handlers[:], root.level, root.manager.disable
    environment = dict(os.environ)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)
        os.environ.update(
            AWS_DEFAULT_REGION=_ANY_REGION,
            AWS_REGION=_ANY_REGION,
            AWS_CONFIG_FILE=os.devnull,
            AWS_SHARED_CREDENTIALS_FILE=os.devnull,
            AWS_EC2_METADATA_DISABLED="true",
            SAGEMAKER_ADMIN_CONFIG_OVERRIDE=_EMPTY_CONFIG,
            SAGEMAKER_USER_CONFIG_OVERRIDE=_EMPTY_CONFIG,
            SAGEMAKER_VALIDATE_ROLE="false",  # else IAM is asked to simulate the role's policies
        )
        os.environ.pop("AWS_PROFILE", None)
        os.environ.pop("AWS_DEFAULT_PROFILE", None)
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(environment)
            boto3.DEFAULT_SESSION = session
            root.handlers[:] = handlers
            root.setLevel(level)
            logging.disable(disabled)


with offline():
    from sagemaker.core import image_uris
    from sagemaker.core.model_metrics import MetricsSource, ModelMetrics
    from sagemaker.core.network import NetworkConfig
    from sagemaker.core.processing import Processor
    from sagemaker.core.shapes import (
        Channel,
        CheckpointConfig,
        DataSource,
        OutputDataConfig,
        ProcessingInput,
        ProcessingOutput,
        ProcessingS3Input,
        ProcessingS3Output,
        S3DataSource,
        StoppingCondition,
    )
    from sagemaker.core.training.configs import Compute, Networking
    from sagemaker.core.transformer import Transformer
    from sagemaker.core.workflow.conditions import (
        ConditionEquals,
        ConditionGreaterThanOrEqualTo,
        ConditionLessThanOrEqualTo,
    )
    from sagemaker.core.workflow.execution_variables import ExecutionVariables
    from sagemaker.core.workflow.functions import Join, JsonGet
    from sagemaker.core.workflow.parameters import (
        ParameterFloat,
        ParameterInteger,
        ParameterString,
    )
    from sagemaker.core.workflow.pipeline_context import PipelineSession
    from sagemaker.core.workflow.properties import Properties, PropertyFile
    from sagemaker.mlops.workflow.condition_step import ConditionStep
    from sagemaker.mlops.workflow.fail_step import FailStep
    from sagemaker.mlops.workflow.model_step import ModelStep
    from sagemaker.mlops.workflow.pipeline import Pipeline
    from sagemaker.mlops.workflow.retry import (
        SageMakerJobExceptionTypeEnum,
        SageMakerJobStepRetryPolicy,
        StepExceptionTypeEnum,
        StepRetryPolicy,
    )
    from sagemaker.mlops.workflow.steps import (
        CacheConfig,
        ConfigurableRetryStep,
        ProcessingStep,
        StepTypeEnum,
        TrainingStep,
        TransformStep,
    )
    from sagemaker.serve.model_builder import ModelBuilder
    from sagemaker.train.model_trainer import ModelTrainer

__all__ = [
    "PLACEHOLDER_ROLE",
    "CacheConfig",
    "Channel",
    "CheckpointConfig",
    "Compute",
    "ConditionEquals",
    "ConditionGreaterThanOrEqualTo",
    "ConditionLessThanOrEqualTo",
    "ConditionStep",
    "CountedTransformStep",
    "DataSource",
    "ExecutionVariables",
    "FailStep",
    "FilledModelMetrics",
    "Join",
    "JsonGet",
    "MetricsSource",
    "ModelBuilder",
    "ModelStep",
    "ModelTrainer",
    "NetworkConfig",
    "Networking",
    "OfflineSession",
    "OutputDataConfig",
    "PackageModelStep",
    "ParameterFloat",
    "ParameterInteger",
    "ParameterString",
    "Pipeline",
    "ProcessingInput",
    "ProcessingOutput",
    "ProcessingS3Input",
    "ProcessingS3Output",
    "ProcessingStep",
    "Processor",
    "PropertyFile",
    "S3DataSource",
    "SageMakerJobExceptionTypeEnum",
    "SageMakerJobStepRetryPolicy",
    "StepExceptionTypeEnum",
    "StepRetryPolicy",
    "StoppingCondition",
    "TrainingStep",
    "TransformStep",
    "Transformer",
    "image_uris",
    "offline",
    "without_telemetry",
]

PLACEHOLDER_ROLE = "arn:aws:iam::000000000000:role/placeholder"
"""Where the SDK insists on a role that is a string; no definition contains it."""


class OfflineSession(PipelineSession):
    """A session that looks nothing up: no credentials, no user's defaults, no IAM, no bucket."""

    def __init__(self, role: ParameterString) -> None:
        self._role = role
        super().__init__(
            boto_session=boto3.Session("offline", "offline", region_name=_ANY_REGION),
            default_bucket="offline",
        )
        self.sagemaker_config: dict[str, Any] = {}

    def expand_role(self, role: Any) -> Any:  # noqa: ARG002
        """The pipeline's role parameter for any role, since ModelBuilder takes no parameter."""
        return self._role


class FilledModelMetrics(ModelMetrics):
    """Model metrics without the empty ``Bias`` and ``Explainability`` that the SDK always adds."""

    def _to_request_dict(self) -> dict[str, Any]:
        return {key: value for key, value in super()._to_request_dict().items() if value}


class CountedTransformStep(TransformStep):
    """A transform step whose instance count is a parameter; the SDK's own shape wants an int."""

    def __init__(self, instance_count: ParameterInteger, **step: Any) -> None:
        super().__init__(**step)
        self._instance_count = instance_count

    @property
    def arguments(self) -> Any:
        """The request for CreateTransformJob."""
        request = super().arguments
        request["TransformResources"]["InstanceCount"] = self._instance_count
        return request


class PackageModelStep(ConfigurableRetryStep):
    """A model made of a registered version; the SDK's ModelStep only takes what its builder made.

    request: that for CreateModel.
    """

    def __init__(self, name: str, request: dict[str, Any], **step: Any) -> None:
        super().__init__(name, StepTypeEnum.CREATE_MODEL, **step)
        self._request = request
        self._properties = Properties(step_name=name, step=self, shape_name="DescribeModelOutput")

    @property
    def arguments(self) -> Any:
        """The request for CreateModel."""
        return self._request

    @property
    def properties(self) -> Any:
        """What describing the model answers."""
        return self._properties


def without_telemetry(method: Callable[..., Any]) -> Callable[..., Any]:
    """The method inside the decorator that reports its call to AWS from a thread.

    The SDK's documented way to switch that off re-reads its configuration schema at every call and
    makes a build five times as long.
    """
    bound: Any = method
    return functools.partial(bound.__func__.__wrapped__, bound.__self__)
