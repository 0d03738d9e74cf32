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
    is_equal,
    is_present,
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

_ANSWER = "$.response.answer"


def smoke(id: str, endpoint: str, *, then: str | None) -> States:
    """Return the states that send the requests one after the other, and check each answer.

    The error of an answer that is none, or another version's, is `SmokeRequestFailed`.
    """
    requests, request, check = f"{id}Requests", f"{id}Request", f"Check{id}Answer"
    right, wrong = f"{id}AnswerIsRight", f"{id}AnswerIsWrong"
    invoked = call(
        "sagemakerruntime:invokeEndpoint",
        {
            "EndpointName": endpoint,
            "ContentType.$": "$.type",
            "Accept": Serving.JSON,
            "Body.$": "$.body",
        },
        select={"answer.$": "States.StringToJson($.Body)"},
        to="$.response",
        then=check,
    )
    is_right = both(
        is_present(f"{_ANSWER}.predictions[0].label"),
        is_present(f"{_ANSWER}.predictions[0].probability"),
        is_present(f"{_ANSWER}.model_version"),
        is_equal(f"{_ANSWER}.model_version", "$.version"),
    )
    cause = formatted(
        f"Endpoint {endpoint} answered a request of type {{}} with {{}}.",
        "$.type",
        f"States.JsonToString({_ANSWER})",
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
                    check: choice((is_right, right), otherwise=wrong),
                    right: {"Type": "Succeed"},
                    wrong: failed("SmokeRequestFailed", cause_path=cause),
                },
            },
            "ResultPath": IGNORED,
            **({"Next": then} if then else {"End": True}),
        },
    }
