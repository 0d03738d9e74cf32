"""Requests that a version must answer before, and after, it answers everybody's."""

from __future__ import annotations

from typing import Any

from infra.endpoint.machine.paths import NUMBER
from infra.endpoint.machine.states import (
    IGNORED,
    States,
    both,
    call,
    choice,
    failed,
    formatted,
    is_true,
    matches,
    put,
)
from processing.names import Serving

# Step Functions sends a text as JSON, in quotation marks: valid in each of these types.
REQUESTS: tuple[dict[str, Any], ...] = (
    {
        "type": Serving.JSON,
        "body": {"instances": [{"text": "A wonderful film that I can only recommend."}]},
    },
    {"type": Serving.JSON_LINES, "body": {"text": "Two dull hours, and no end in sight."}},
    {"type": Serving.CSV, "body": "The actors are great but the plot makes no sense"},
    {"type": Serving.TEXT, "body": "I would watch it again"},
)
"""A request of each content type."""

_BODY, _HAS_VERSION = "$.response.body", "$.answer.hasVersion"
_MEMBERS = ("predictions", "label", "probability", "model_version")


def smoke(id: str, endpoint: str, *, then: str | None) -> States:
    """Return the states that send the requests one after the other, and check each answer.

    An answer is read as text: nothing can catch the failure to parse one that isn't JSON. Its error
    is `SmokeRequestFailed` without the members of an answer, or the version's number as a value.
    """
    requests, request, read, check = f"{id}Requests", f"{id}Request", f"Read{id}", f"Check{id}"
    right, wrong = f"{id}AnswerIsRight", f"{id}AnswerIsWrong"
    invoked = call(
        "sagemakerruntime:invokeEndpoint",
        {
            "EndpointName": endpoint,
            "ContentType.$": "$.type",
            "Accept": Serving.JSON,
            "Body.$": "$.body",
        },
        select={"body.$": "$.Body"},
        to="$.response",
        then=read,
    )
    has_version = f"States.ArrayContains(States.StringSplit({_BODY}, '\"'), $.version)"
    is_right = both(is_true(_HAS_VERSION), *(matches(_BODY, f'*"{name}"*') for name in _MEMBERS))
    cause = formatted(
        f"Endpoint {endpoint} answered a request of type {{}} with {{}}", "$.type", _BODY
    )
    return {
        requests: {
            "Type": "Pass",
            "Result": list(REQUESTS),
            "ResultPath": "$.requests",
            "Next": f"{id}Each",
        },
        f"{id}Each": {
            "Type": "Map",
            "ItemsPath": "$.requests",
            "ItemSelector": {
                "type.$": "$$.Map.Item.Value.type",
                "body.$": "$$.Map.Item.Value.body",
                "version.$": NUMBER,
            },
            "MaxConcurrency": 1,
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "INLINE"},
                "StartAt": request,
                "States": {
                    request: invoked,
                    read: put("$.answer", {"hasVersion.$": has_version}, check),
                    check: choice((is_right, right), otherwise=wrong),
                    right: {"Type": "Succeed"},
                    wrong: failed("SmokeRequestFailed", cause_path=cause),
                },
            },
            "ResultPath": IGNORED,
            **({"Next": then} if then else {"End": True}),
        },
    }
