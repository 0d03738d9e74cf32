"""The states after a deployment: deleting what isn't served, and reporting a failure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from infra.endpoint.machine.paths import (
    IS_DELETING,
    IS_LIVE,
    LIVE_CONFIG,
    LIVE_MODEL,
    NAME,
    REPORT,
    VERSION,
)
from infra.endpoint.machine.planning import without_candidate
from infra.endpoint.machine.states import (
    ERROR,
    IGNORED,
    State,
    States,
    both,
    call,
    catch,
    choice,
    failed,
    is_any,
    is_equal,
    is_present,
    is_text,
    is_true,
    matches,
    outcome,
    put,
    wait,
)
from infra.endpoint.requests import Requests

AFTER_SUCCESS, AFTER_FAILURE = "HasPrevious", "ListEndpointsLeft"

_FAILED, _FAILED_BY_NAME = "DeploymentFailed", "DeploymentFailedWithName"
_LEFT, _RESTORED = "$.left", "$.restored"
_SETTLED = ("InService", "Failed", "OutOfService")
_POLL_SECONDS = 30


def after_success(*, then: str) -> States:
    """Return the states that delete the model and the configuration of the version before.

    Those of other names aren't deleted: the role may not.
    """
    return {
        AFTER_SUCCESS: choice((is_text(LIVE_CONFIG, ""), then), otherwise="DeletePreviousConfig"),
        "DeletePreviousConfig": _delete("EndpointConfig", LIVE_CONFIG, "IsPreviousModelKnown"),
        "IsPreviousModelKnown": choice(
            (is_text(LIVE_MODEL, ""), then), otherwise="DeletePreviousModel"
        ),
        "DeletePreviousModel": _delete("Model", LIVE_MODEL, then),
    }


def deployed() -> States:
    """Return the end of a deployment."""
    return {"Deployed": outcome("Deployed", **{"version.$": VERSION})}


def after_failure(requests: Requests) -> States:
    """Return the states that delete what the deployment created.

    The live endpoint gets its configuration back if it already has the new one, or is deleted if
    the deployment created it.
    """
    names = requests.names
    status, config = f"{_LEFT}.EndpointStatus", f"{_LEFT}.EndpointConfigName"
    is_settled = is_any(status, _SETTLED)
    return {
        **without_candidate("Left", names, then="IsLiveLeft", on_error=REPORT, error_to=IGNORED),
        "IsLiveLeft": choice(
            (both(is_true(IS_LIVE), is_true(IS_DELETING)), "AwaitLeft"),
            (is_true(IS_LIVE), "DescribeLeft"),
            otherwise="DeleteConfig",
        ),
        "DescribeLeft": call(
            "sagemaker:describeEndpoint",
            {"EndpointName": names.endpoint},
            to=_LEFT,
            then="WhatIsLeft",
            on_error=REPORT,
            error_to=IGNORED,
        ),
        "WhatIsLeft": choice(
            (both(is_settled, {"Not": is_equal(config, NAME)}), "DeleteConfig"),
            (both(is_settled, is_text(LIVE_CONFIG, "")), "DeleteLive"),
            (both(is_text(status, "InService"), {"Not": is_present(_RESTORED)}), "RestoreLive"),
            (is_any(status, (*_SETTLED, "UpdateRollbackFailed")), REPORT),
            otherwise="AwaitLeft",
        ),
        "DeleteLive": call(
            "sagemaker:deleteEndpoint",
            {"EndpointName": names.endpoint},
            then="AwaitLeft",
            on_error=REPORT,
            error_to=IGNORED,
        ),
        "RestoreLive": call(
            "sagemaker:updateEndpoint",
            requests.update_endpoint(LIVE_CONFIG),
            then="Restoring",
            on_error=REPORT,
            error_to=IGNORED,
        ),
        "Restoring": put(_RESTORED, {"config.$": LIVE_CONFIG}, "AwaitLeft"),
        "AwaitLeft": wait(_POLL_SECONDS, "ListEndpointsLeft"),
        "DeleteConfig": _delete("EndpointConfig", NAME, "DeleteModel"),
        "DeleteModel": _delete("Model", NAME, REPORT),
    }


def report(notifications: Sequence[State]) -> States:
    """Return the states that send the notifications of the failure, and fail with its reason."""
    names = [REPORT, *(f"{REPORT}{number + 1}" for number in range(len(notifications)))]
    sent = zip(pairwise(names), notifications, strict=True)
    cause = f"{ERROR}.Cause"
    # Only AWS may fail with an error whose name begins with States.
    by_name = choice((matches(f"{ERROR}.Error", "States.*"), _FAILED), otherwise=_FAILED_BY_NAME)
    return {
        **{name: {**state, **_then(after)} for (name, after), state in sent},
        names[-1]: by_name,
        _FAILED: failed(_FAILED, cause_path=cause),
        _FAILED_BY_NAME: {"Type": "Fail", "ErrorPath": f"{ERROR}.Error", "CausePath": cause},
    }


def _then(following: str) -> State:
    """Return what follows a notification, which may fail without changing the outcome."""
    return {"Next": following, "Catch": [catch(following, IGNORED)]}


def _delete(kind: str, path: str, then: str) -> State:
    """Return the deletion of what has the name at the path, if it exists."""
    return call(
        f"sagemaker:delete{kind}",
        {f"{kind}Name.$": path},
        then=then,
        on_error=then,
        error_to=IGNORED,
    )
