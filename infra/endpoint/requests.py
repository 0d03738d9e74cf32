"""The requests with which a deployment creates and updates what it serves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.endpoint.machine.paths import NAME, VARIABLES, VERSION
from infra.endpoint.names import VARIANT, EndpointNames
from infra.settings import Settings
from processing.names import Serving

_BAKING_SECONDS = 300
"""For which alarms are watched after a share of the requests is answered by the new version."""

_CAPTURED_JSON = (Serving.JSON, Serving.JSON_LINES)
_CAPTURED_CSV = (Serving.CSV, Serving.TEXT)


@dataclass(frozen=True, kw_only=True)
class Requests:
    """Parameters of calls to SageMaker.

    role_arn: the role of the containers. captured_uri: the prefix of captured requests.
    """

    settings: Settings
    names: EndpointNames
    role_arn: str
    captured_uri: str
    key_arn: str | None

    def create_model(self) -> dict[str, Any]:
        """Return a model of the version."""
        return {
            "ModelName.$": NAME,
            "ExecutionRoleArn": self.role_arn,
            "PrimaryContainer": {
                "ModelPackageName.$": VERSION,
                "Environment.$": VARIABLES,
            },
            **self._isolation(),
            "Tags": self._tags(),
        }

    def _isolation(self) -> dict[str, Any]:
        """Return the protection of the container, which serverless endpoints don't support."""
        if not self.settings.instance_endpoint:
            return {}
        vpc = {
            "Subnets": list(self.settings.subnets),
            "SecurityGroupIds": list(self.settings.security_groups),
        }
        return {
            "EnableNetworkIsolation": True,
            **({"VpcConfig": vpc} if self.settings.subnets else {}),
        }

    def create_config(self) -> dict[str, Any]:
        """Return a configuration with that model."""
        return {
            "EndpointConfigName.$": NAME,
            "ProductionVariants": [
                {"VariantName": VARIANT, "ModelName.$": NAME, **self._capacity()}
            ],
            **self._capture(),
            # Of the instances' volumes; of a serverless endpoint, SageMaker's copy of the image.
            **({"KmsKeyId": self.key_arn} if self.key_arn else {}),
            "Tags": self._tags(),
        }

    def _capacity(self) -> dict[str, Any]:
        endpoint = self.settings.endpoint
        assert endpoint is not None
        if endpoint.serverless:
            return {
                "ServerlessConfig": {
                    "MemorySizeInMB": endpoint.serverless.memory_mb,
                    "MaxConcurrency": endpoint.serverless.max_concurrency,
                }
            }
        assert endpoint.instances is not None
        return {
            "InstanceType": endpoint.instances.type,
            "InitialInstanceCount": endpoint.instances.count,
            "InitialVariantWeight": 1,
        }

    def _capture(self) -> dict[str, Any]:
        instances = self.settings.instance_endpoint
        if not instances or not instances.captures:
            return {}
        return {
            "DataCaptureConfig": {
                "EnableCapture": True,
                "InitialSamplingPercentage": instances.capture_percent,
                "DestinationS3Uri": self.captured_uri,
                "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
                "CaptureContentTypeHeader": {
                    "JsonContentTypes": list(_CAPTURED_JSON),
                    "CsvContentTypes": list(_CAPTURED_CSV),
                },
                **({"KmsKeyId": self.key_arn} if self.key_arn else {}),
            }
        }

    def create_endpoint(self, name: str) -> dict[str, Any]:
        """Return an endpoint with that configuration."""
        return {"EndpointName": name, "EndpointConfigName.$": NAME, "Tags": self._tags()}

    def update_endpoint(self, config_path: str = NAME) -> dict[str, Any]:
        """Return the update of the live endpoint to a configuration."""
        instances = self.settings.instance_endpoint
        return {
            "EndpointName": self.names.endpoint,
            "EndpointConfigName.$": config_path,
            # Keeps the instances that autoscaling added.
            **({"RetainAllVariantProperties": True} if instances and instances.is_scaled else {}),
            **self._deployment(),
        }

    def _deployment(self) -> dict[str, Any]:
        """Return how requests are shifted, which only endpoints on instances let us choose."""
        instances = self.settings.instance_endpoint
        if not instances:
            return {}
        # A canary is at most half of the instances.
        traffic: Mapping[str, Any] = {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}
        if instances.count > 1:
            traffic = {
                "Type": "CANARY",
                "WaitIntervalInSeconds": _BAKING_SECONDS,
                "CanarySize": {"Type": "INSTANCE_COUNT", "Value": 1},
            }
        alarms = (self.names.errors_alarm, self.names.latency_alarm)
        return {
            "DeploymentConfig": {
                "BlueGreenUpdatePolicy": {
                    "TrafficRoutingConfiguration": traffic,
                    "TerminationWaitInSeconds": _BAKING_SECONDS,
                    "MaximumExecutionTimeoutInSeconds": 3600,
                },
                "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": alarm} for alarm in alarms]},
            }
        }

    def _tags(self) -> list[dict[str, str]]:
        tags = self.settings.resource_tags
        return [{"Key": key, "Value": value} for key, value in tags.items()]
