"""The states that deploy a version: tried on a candidate endpoint, then on the live one."""

from __future__ import annotations

from infra.endpoint.machine.autoscaling import without_autoscaling
from infra.endpoint.machine.paths import IS_LIVE, LIVE_TYPES, NAME
from infra.endpoint.machine.planning import without_candidate
from infra.endpoint.machine.smoke import smoke
from infra.endpoint.machine.states import (
    State,
    States,
    both,
    call,
    choice,
    failed,
    formatted,
    is_any,
    is_equal,
    is_present,
    is_text,
    is_true,
    put,
    wait,
)
from infra.endpoint.requests import Requests

FIRST = "CreateModel"

_POLL_SECONDS = 30


def rollout(requests: Requests) -> States:
    """Return the states from the model to the live endpoint that answers with the version.

    Any failure is that of the whole; `infra.endpoint.machine.clean_up` deletes what was created.
    """
    live, candidate = requests.names.both
    end_scaling = _end_scaling_of_another_type(requests, then="UpdateLive")
    update = next(iter(end_scaling), "UpdateLive")
    return {
        FIRST: call("sagemaker:createModel", requests.create_model(), then="CreateConfig"),
        "CreateConfig": call(
            "sagemaker:createEndpointConfig", requests.create_config(), then="CreateCandidate"
        ),
        "CreateCandidate": call(
            "sagemaker:createEndpoint", requests.create_endpoint(candidate), then="AwaitCandidate"
        ),
        **_await("Candidate", candidate, then="CandidateRequests"),
        **smoke("Candidate", candidate, then="ListEndpointsAgain"),
        # Its instances make room for those of the live endpoint.
        **without_candidate("Again", requests.names, then="IsUpdate", on_error=None),
        "IsUpdate": choice((is_true(IS_LIVE), update), otherwise="CreateLive"),
        "CreateLive": call(
            "sagemaker:createEndpoint", requests.create_endpoint(live), then="AwaitNewLive"
        ),
        **end_scaling,
        "UpdateLive": call(
            "sagemaker:updateEndpoint", requests.update_endpoint(), then="AwaitNewLive"
        ),
        **_await("NewLive", live, then="IsVersionLive"),
        "IsVersionLive": choice(
            (is_equal("$.newLive.EndpointConfigName", NAME), "LiveRequests"),
            (is_present("$.newLive.FailureReason"), "RolledBackWithReason"),
            otherwise="RolledBack",
        ),
        "RolledBackWithReason": _rolled_back(live, ": {}", "$.newLive.FailureReason"),
        "RolledBack": _rolled_back(live, ", because an alarm went off or its instances failed."),
        **smoke("Live", live, then=None),
    }


def _end_scaling_of_another_type(requests: Requests, *, then: str) -> States:
    """Return the states that end autoscaling if the instances become others.

    SageMaker refuses such an update of a scaled endpoint.
    """
    instances = requests.settings.instance_endpoint
    if not instances:
        return {}
    is_same = f"States.ArrayContains({LIVE_TYPES}, '{instances.type}')"
    return {
        "CompareTypes": put("$.types", {"isSame.$": is_same}, "IsTypeKept"),
        "IsTypeKept": choice((is_true("$.types.isSame"), then), otherwise="PauseScaling"),
        **without_autoscaling("PauseScaling", requests.names, then=then),
    }


def _rolled_back(live: str, reason: str, *paths: str) -> State:
    """Return the failure of an update after which the endpoint has its configuration back."""
    text = f"SageMaker rolled endpoint {live} back to {{}} instead of updating it to {{}}{reason}"
    paths = ("$.newLive.EndpointConfigName", NAME, *paths)
    return failed("RolledBack", cause_path=formatted(text, *paths))


def _await(id: str, endpoint: str, *, then: str) -> States:
    """Return the states that poll an endpoint until it is in service; other ends are failures."""
    found = f"$.{id[0].lower()}{id[1:]}"
    status, reason = f"{found}.EndpointStatus", f"{found}.FailureReason"
    is_failed = is_any(status, ("Failed", "OutOfService", "UpdateRollbackFailed"))
    return {
        f"Await{id}": wait(_POLL_SECONDS, f"Describe{id}"),
        f"Describe{id}": call(
            "sagemaker:describeEndpoint", {"EndpointName": endpoint}, to=found, then=f"Is{id}Ready"
        ),
        f"Is{id}Ready": choice(
            (is_text(status, "InService"), then),
            (both(is_failed, is_present(reason)), f"{id}Failed"),
            (is_failed, f"{id}FailedWithoutReason"),
            otherwise=f"Await{id}",
        ),
        f"{id}Failed": failed(
            "EndpointFailed",
            cause_path=formatted(f"Endpoint {endpoint} is {{}}: {{}}", status, reason),
        ),
        f"{id}FailedWithoutReason": failed(
            "EndpointFailed", cause_path=formatted(f"Endpoint {endpoint} is {{}}.", status)
        ),
    }
