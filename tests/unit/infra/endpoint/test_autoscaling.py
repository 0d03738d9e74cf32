"""Autoscaling of endpoints on instances."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.hosting import Hosting, arn
from tests.unit.infra.endpoint.conftest import Deploy

APPROVED = "approvedVersion"
SCALED: dict[str, Any] = {"count": 2, "max_count": 4, "requests_per_instance": 600}
VARIANT = "endpoint/sentiment-dev/variant/AllTraffic"


def _settings(**instances: Any) -> dict[str, Any]:
    return {"endpoint": {"instances": instances}}


def test_variant_is_scaled_after_its_deployment(hosting: Hosting, run: Deploy) -> None:
    run({APPROVED: arn(1)}, **_settings(**SCALED))
    [target] = hosting.requests("RegisterScalableTarget")
    [policy] = hosting.requests("PutScalingPolicy")
    assert (target["MinCapacity"], target["MaxCapacity"]) == (2, 4)
    assert target["ResourceId"] == policy["ResourceId"] == VARIANT
    assert policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 600
    actions = hosting.actions()
    assert actions.index("RegisterScalableTarget") > actions.index("CreateEndpoint")


def test_update_keeps_the_instances_that_were_added(hosting: Hosting, run: Deploy) -> None:
    run({APPROVED: arn(1)}, **_settings(**SCALED))
    hosting.approve(2)
    run({APPROVED: arn(2)}, **_settings(**SCALED))
    [update] = hosting.requests("UpdateEndpoint")
    assert update["RetainAllVariantProperties"] is True
    assert "DeregisterScalableTarget" not in hosting.actions()


def test_update_to_another_type_of_instance_pauses_autoscaling(
    hosting: Hosting, run: Deploy
) -> None:
    run({APPROVED: arn(1)}, **_settings(**SCALED))
    hosting.approve(2)
    run({APPROVED: arn(2)}, **_settings(type="ml.m5.xlarge", **SCALED))
    scaling = ("RegisterScalableTarget", "DeregisterScalableTarget", "UpdateEndpoint")
    assert [action for action in hosting.actions() if action in scaling] == [
        *("RegisterScalableTarget", "DeregisterScalableTarget", "UpdateEndpoint"),
        "RegisterScalableTarget",
    ]


def test_autoscaling_ends_without_the_setting(hosting: Hosting, run: Deploy) -> None:
    run({APPROVED: arn(1)}, **_settings(**SCALED))
    hosting.approve(2)
    hosting.refused = {"DeregisterScalableTarget"}  # there may be nothing to end
    assert run({APPROVED: arn(2)}, **_settings(count=2)).output["outcome"] == "Deployed"
    assert hosting.requests("DeregisterScalableTarget")[-1]["ResourceId"] == VARIANT


@pytest.mark.parametrize("action", ["RegisterScalableTarget", "PutScalingPolicy"])
def test_failure_of_autoscaling_is_reported_with_the_version_served(
    hosting: Hosting, run: Deploy, action: str
) -> None:
    hosting.refused = {action}
    end = run({APPROVED: arn(1)}, **_settings(**SCALED))
    assert (end.status, end.error) == ("FAILED", "ScalingFailed")
    assert "it is refused" in end.cause
    assert hosting.served() == 1


def test_serverless_endpoint_is_not_scaled(hosting: Hosting, run: Deploy) -> None:
    run({APPROVED: arn(1)})
    assert not [action for action in hosting.actions() if "Scal" in action]
