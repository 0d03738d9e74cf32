"""The states that let Application Auto Scaling change the number of instances."""

from __future__ import annotations

from typing import Any

from infra.endpoint.machine.paths import VERSION
from infra.endpoint.machine.states import ERROR, IGNORED, States, call, report_error
from infra.endpoint.names import EndpointNames
from infra.endpoint.settings import InstanceEndpoint

FIRST = "RegisterScaling"

_SCALE_IN_SECONDS, _SCALE_OUT_SECONDS = 300, 60


def autoscaling(names: EndpointNames, instances: InstanceEndpoint, *, then: str) -> States:
    """Return the states that register the live endpoint; the calls may be repeated.

    The version is live whatever becomes of them, so that their failure is only reported.
    """
    target = _target(names)
    failed = "ScalingFailed"
    return {
        FIRST: call(
            "applicationautoscaling:registerScalableTarget",
            {**target, "MinCapacity": instances.count, "MaxCapacity": instances.max_count},
            then="PutScalingPolicy",
            on_error=failed,
        ),
        "PutScalingPolicy": call(
            "applicationautoscaling:putScalingPolicy",
            {
                **target,
                "PolicyName": f"{names.endpoint}-requests",
                "PolicyType": "TargetTrackingScaling",
                "TargetTrackingScalingPolicyConfiguration": {
                    "TargetValue": instances.requests_per_instance,
                    "PredefinedMetricSpecification": {
                        "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
                    },
                    "ScaleInCooldown": _SCALE_IN_SECONDS,
                    "ScaleOutCooldown": _SCALE_OUT_SECONDS,
                },
            },
            then=then,
            on_error=failed,
        ),
        failed: report_error(
            "ScalingFailed",
            f"Endpoint {names.endpoint} serves {{}}, but autoscaling has failed: {{}}",
            VERSION,
            f"{ERROR}.Cause",
        ),
    }


def without_autoscaling(id: str, names: EndpointNames, *, then: str) -> States:
    """Return the state that ends autoscaling, if an earlier setting started it."""
    return {
        id: call(
            "applicationautoscaling:deregisterScalableTarget",
            _target(names),
            then=then,
            on_error=then,
            error_to=IGNORED,
        )
    }


def _target(names: EndpointNames) -> dict[str, Any]:
    return {
        "ServiceNamespace": "sagemaker",
        "ResourceId": names.scalable,
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }
