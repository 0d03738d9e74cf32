"""The states before a deployment: awaiting the others, and looking at what there is."""

from __future__ import annotations

from infra.endpoint.machine import choosing
from infra.endpoint.machine.paths import IS_CANDIDATE, IS_DELETING, IS_LIVE, REPORT
from infra.endpoint.machine.states import (
    ERROR,
    IGNORED,
    States,
    both,
    call,
    choice,
    is_any,
    is_equal,
    is_present,
    is_true,
    is_zero,
    put,
    wait,
)
from infra.endpoint.names import EndpointNames

FIRST = "AwaitStart"
_DESCRIBED, _CONFIG, _MODEL = "$.described", "$.liveConfig", "$.liveModel"
_PACKAGE = f"{_MODEL}.PrimaryContainer.ModelPackageName"
_RUNNING = "$.running"
_EXECUTIONS = "$.Executions[*].ExecutionArn"
_VERSIONS = "$.ModelPackageSummaryList[*].ModelPackageArn"

_SETTLING_SECONDS = 10
"""Until AWS's lists of executions and versions, which lag behind, have what just happened."""

_POLL_SECONDS = 30


def planning(names: EndpointNames, group: str, *, then: str) -> States:
    """Return the states from the start to the version's name at `NAME`, or to the end."""
    return {
        **_await_turn(),
        **_look(names, group),
        **_describe_live(names),
        **choosing.choosing(names.endpoint, group, then=then),
    }


def _await_turn() -> States:
    """Return the states that wait for all executions that started earlier."""
    listed, count = f"{_RUNNING}.arns", f"{_RUNNING}.count"
    oldest = f"States.ArrayGetItem({listed}, States.MathAdd({count}, -1))"
    return {
        FIRST: wait(_SETTLING_SECONDS, "ListDeployments"),
        "ListDeployments": call(
            "sfn:listExecutions",
            # As many as fit into the size of a state's data; the newest are first.
            {
                "StateMachineArn.$": "$$.StateMachine.Id",
                "StatusFilter": "RUNNING",
                "MaxResults": 400,
            },
            select={"arns.$": _EXECUTIONS, "count.$": f"States.ArrayLength({_EXECUTIONS})"},
            to=_RUNNING,
            then="IsListed",
        ),
        "IsListed": choice((is_zero(count), "AwaitTurn"), otherwise="FindOldest"),
        "FindOldest": put(_RUNNING, {"oldest.$": oldest, "own.$": "$$.Execution.Id"}, "IsFirst"),
        "IsFirst": choice(
            (is_equal(f"{_RUNNING}.oldest", f"{_RUNNING}.own"), "ListApproved"),
            otherwise="AwaitTurn",
        ),
        "AwaitTurn": wait(_POLL_SECONDS, "ListDeployments"),
    }


def _look(names: EndpointNames, group: str) -> States:
    """Return the states that list approved versions and endpoints, without a left candidate."""
    return {
        "ListApproved": call(
            "sagemaker:listModelPackages",
            {
                "ModelPackageGroupName": group,
                "ModelApprovalStatus": "Approved",
                "SortBy": "CreationTime",
                "SortOrder": "Descending",
                "MaxResults": 100,
            },
            select={"versions.$": _VERSIONS, "count.$": f"States.ArrayLength({_VERSIONS})"},
            to="$.approved",
            then="ListEndpoints",
        ),
        **without_candidate("", names, then="IsLive", on_error=REPORT),
        "IsLive": choice(
            (both(is_true(IS_LIVE), is_true(IS_DELETING)), "AwaitLive"),
            (is_true(IS_LIVE), "DescribeLive"),
            otherwise="NothingIsLive",
        ),
        "NothingIsLive": put("$.live", {"config": "", "model": "", "version": ""}, choosing.FIRST),
    }


def without_candidate(
    suffix: str, names: EndpointNames, *, then: str, on_error: str | None, error_to: str = ERROR
) -> States:
    """Return the states that list the endpoints, and delete the candidate until it is gone.

    An endpoint can't be deleted while it is created.
    """
    found = "$.Endpoints[*].EndpointName"
    start, delete, pause = (
        f"{name}{suffix}" for name in ("ListEndpoints", "DeleteCandidate", "AwaitDeletion")
    )
    return {
        start: call(
            "sagemaker:listEndpoints",
            {"NameContains": names.endpoint, "MaxResults": 100},
            select={
                "isLive.$": f"States.ArrayContains({found}, '{names.endpoint}')",
                "isCandidate.$": f"States.ArrayContains({found}, '{names.candidate}')",
                "isDeleting.$": "States.ArrayContains($.Endpoints[*].EndpointStatus, 'Deleting')",
            },
            to="$.endpoints",
            then=f"IsCandidate{suffix}",
            on_error=on_error,
            error_to=error_to,
        ),
        f"IsCandidate{suffix}": choice(
            (both(is_true(IS_CANDIDATE), is_true(IS_DELETING)), pause),
            (is_true(IS_CANDIDATE), delete),
            otherwise=then,
        ),
        delete: call(
            "sagemaker:deleteEndpoint",
            {"EndpointName": names.candidate},
            then=pause,
            on_error=pause,
            error_to=IGNORED,
        ),
        pause: wait(_POLL_SECONDS, start),
    }


def _describe_live(names: EndpointNames) -> States:
    """Return the states that look up what is live, when it isn't being changed."""
    config = f"{_DESCRIBED}.EndpointConfigName"
    status = f"{_DESCRIBED}.EndpointStatus"
    variants = "$.ProductionVariants[*]"
    model, types = f"{_CONFIG}.model", f"{_CONFIG}.types"
    return {
        "DescribeLive": call(
            "sagemaker:describeEndpoint",
            {"EndpointName": names.endpoint},
            to=_DESCRIBED,
            then="IsLiveStable",
        ),
        "IsLiveStable": choice(
            (is_any(status, ("InService", "UpdateRollbackFailed")), "DescribeLiveConfig"),
            (is_any(status, ("Failed", "OutOfService")), "DeleteFailedLive"),
            otherwise="AwaitLive",
        ),
        "DeleteFailedLive": call(
            "sagemaker:deleteEndpoint", {"EndpointName": names.endpoint}, then="AwaitLive"
        ),
        "AwaitLive": wait(_POLL_SECONDS, "ListEndpoints"),
        "DescribeLiveConfig": call(
            "sagemaker:describeEndpointConfig",
            {"EndpointConfigName.$": config},
            select={
                "model.$": f"States.ArrayGetItem({variants}.ModelName, 0)",
                "types.$": f"{variants}.InstanceType",
            },
            to=_CONFIG,
            then="DescribeLiveModel",
            on_error="UnknownIsLive",
            error_to=IGNORED,
        ),
        "DescribeLiveModel": call(
            "sagemaker:describeModel",
            {"ModelName.$": model},
            to=_MODEL,
            then="IsLiveVersionKnown",
            on_error="UnknownIsLive",
            error_to=IGNORED,
        ),
        "IsLiveVersionKnown": choice(
            (is_present(_PACKAGE), "VersionIsLive"), otherwise="UnknownIsLive"
        ),
        "VersionIsLive": put(
            "$.live",
            {"config.$": config, "model.$": model, "version.$": _PACKAGE, "types.$": types},
            choosing.FIRST,
        ),
        "UnknownIsLive": put(
            "$.live",
            {"config.$": config, "model": "", "version": "", "types": []},
            choosing.FIRST,
        ),
    }
