"""The SageMaker Python SDK, imported only here, without side effects.

By default, the SDK creates clients on import, reads the user's configuration, sends telemetry,
configures the root logger and issues warnings. None of that may happen while a definition is
rendered, because rendering is a function of the commit.
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
from botocore.loaders import JSONFileLoader

_EMPTY_CONFIG = str(Path(__file__).with_name("sagemaker_config.yaml"))
_ANY_REGION = "us-east-1"  # clients require a region; no request is sent

_LOADER: Any = JSONFileLoader
_LOAD_FILE = _LOADER.load_file


@functools.cache
def _load_file(path: str) -> Any:
    return _LOAD_FILE(_LOADER(), path)


def _load_once(_loader: Any, path: str) -> Any:
    """Load a data file of botocore; each of the SDK's many sessions would parse it again."""
    return _load_file(path)


@contextlib.contextmanager
def offline() -> Iterator[None]:
    """Isolate the SDK from this machine's configuration, and the process from the SDK.

    Restores the environment, the root logger and boto3's default session.
    """
    root, session = logging.getLogger(), boto3.DEFAULT_SESSION
    handlers, level, disabled = root.handlers[:], root.level, root.manager.disable
    environment = dict(os.environ)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)
        _LOADER.load_file = _load_once
        os.environ.update(
            AWS_DEFAULT_REGION=_ANY_REGION,
            AWS_REGION=_ANY_REGION,
            AWS_CONFIG_FILE=os.devnull,
            AWS_SHARED_CREDENTIALS_FILE=os.devnull,
            AWS_EC2_METADATA_DISABLED="true",
            SAGEMAKER_ADMIN_CONFIG_OVERRIDE=_EMPTY_CONFIG,
            SAGEMAKER_USER_CONFIG_OVERRIDE=_EMPTY_CONFIG,
            SAGEMAKER_VALIDATE_ROLE="false",  # otherwise IAM simulates the role's policies
        )
        os.environ.pop("AWS_PROFILE", None)
        os.environ.pop("AWS_DEFAULT_PROFILE", None)
        try:
            yield
        finally:
            _LOADER.load_file = _LOAD_FILE
            os.environ.clear()
            os.environ.update(environment)
            boto3.DEFAULT_SESSION = session
            root.handlers[:] = handlers
            root.setLevel(level)
            logging.disable(disabled)


with offline():
    from sagemaker.core import image_uris
    from sagemaker.core.drift_check_baselines import DriftCheckBaselines
    from sagemaker.core.metadata_properties import MetadataProperties
    from sagemaker.core.model_metrics import MetricsSource, ModelMetrics
    from sagemaker.core.network import NetworkConfig
    from sagemaker.core.processing import Processor
    from sagemaker.core.shapes import (
        Channel,
        DataSource,
        MlflowConfig,
        ModelPackageModelCard,
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
    "Compute",
    "ConditionEquals",
    "ConditionGreaterThanOrEqualTo",
    "ConditionLessThanOrEqualTo",
    "ConditionStep",
    "CountedTransformStep",
    "DataSource",
    "DriftCheckBaselines",
    "ExecutionVariables",
    "FailStep",
    "FilledModelMetrics",
    "FoundModelStep",
    "Join",
    "JsonGet",
    "MetadataProperties",
    "MetricsSource",
    "MlflowConfig",
    "ModelBuilder",
    "ModelPackageModelCard",
    "ModelStep",
    "ModelTrainer",
    "NetworkConfig",
    "Networking",
    "OfflineSession",
    "OutputDataConfig",
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
    "TunedTrainingStep",
    "image_uris",
    "offline",
    "without_telemetry",
]

PLACEHOLDER_ROLE = "arn:aws:iam::000000000000:role/placeholder"
"""A role for SDK calls that require a string; no definition contains it."""


class OfflineSession(PipelineSession):
    """A session that looks up nothing: no credentials, user defaults, IAM roles or buckets."""

    def __init__(self, role: ParameterString) -> None:
        self._role = role
        super().__init__(
            boto_session=boto3.Session("offline", "offline", region_name=_ANY_REGION),
            default_bucket="offline",
        )
        self.sagemaker_config: dict[str, Any] = {}

    def expand_role(self, role: Any) -> Any:  # noqa: ARG002
        """Return the pipeline's role parameter for any role; ModelBuilder accepts no parameter."""
        return self._role


class FilledModelMetrics(ModelMetrics):
    """Model metrics without the SDK's empty ``Bias`` and ``Explainability``."""

    def _to_request_dict(self) -> dict[str, Any]:
        return {key: value for key, value in super()._to_request_dict().items() if value}


class CountedTransformStep(TransformStep):
    """A transform step whose instance count is a parameter; the SDK's class requires an int."""

    def __init__(self, instance_count: ParameterInteger, **step: Any) -> None:
        super().__init__(**step)
        self._instance_count = instance_count

    @property
    def arguments(self) -> Any:
        """The request for CreateTransformJob."""
        request = super().arguments
        request["TransformResources"]["InstanceCount"] = self._instance_count
        return request


class FoundModelStep(ConfigurableRetryStep):
    """A CreateModel step for a model that a job has found, which ModelStep doesn't support.

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
        """References to the response of DescribeModel."""
        return self._properties


class TunedTrainingStep(ConfigurableRetryStep):
    """A tuning step of the training jobs of a step; the SDK's tuner loses their network isolation.

    config: HyperParameterTuningJobConfig. train: has no hyperparameters of those in the ranges.
    """

    def __init__(
        self,
        name: str,
        config: dict[str, Any],
        train: TrainingStep,
        cache_config: CacheConfig,
        **step: Any,
    ) -> None:
        super().__init__(name, StepTypeEnum.TUNING, **step)
        self._config, self._train, self.cache_config = config, train, cache_config
        self._properties = Properties(
            step_name=name, step=self, shape_name="DescribeHyperParameterTuningJobResponse"
        )

    @property
    def arguments(self) -> Any:
        """The request for CreateHyperParameterTuningJob."""
        request = dict(self._train.arguments)
        static = request.pop("HyperParameters")
        return {
            "HyperParameterTuningJobConfig": self._config,
            "TrainingJobDefinition": {"StaticHyperParameters": static, **request},
        }

    @property
    def properties(self) -> Any:
        """References to the response of DescribeHyperParameterTuningJob."""
        return self._properties

    def to_request(self) -> Any:
        """Return the step of the definition."""
        return {**super().to_request(), **self.cache_config.config}


def without_telemetry(method: Callable[..., Any]) -> Callable[..., Any]:
    """Return the method without the decorator that sends telemetry.

    The SDK's documented opt-out parses its configuration schema at every call and is slow.
    """
    bound: Any = method
    return functools.partial(bound.__func__.__wrapped__, bound.__self__)
