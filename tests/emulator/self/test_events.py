"""Targets of EventBridge rules receive events as the rules transform them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emulator.events import message

EVENT = {
    "source": "aws.sagemaker",
    "detail": {"stepName": "Train", "count": 2, "variable": "<stepName>"},
}


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ({}, json.dumps(EVENT)),
        ({"Input": "{}"}, "{}"),
        ({"InputPath": "$.detail.stepName"}, '"Train"'),
        (
            {
                "InputTransformer": {
                    "InputPathsMap": {"step": "$.detail.stepName", "gone": "$.detail.no.such"},
                    "InputTemplate": '"step <step> failed"\n"<gone>"',
                }
            },
            '"step Train failed"\n""',
        ),
        (
            {
                "InputTransformer": {
                    "InputPathsMap": {"count": "$.detail.count"},
                    "InputTemplate": '{"count": <count>}',
                }
            },
            '{"count": 2}',
        ),
        (
            {
                "InputTransformer": {
                    "InputPathsMap": {"step": "$.detail.stepName"},
                    "InputTemplate": '{"step":<step>,"text":"of <step>"}',
                }
            },
            '{"step":"Train","text":"of Train"}',
        ),
        (
            {
                "InputTransformer": {
                    "InputPathsMap": {"step": "$.detail.stepName", "count": "$.detail.count"},
                    "InputTemplate": r'{"text":"the step \"<step>\", \\","step":<step>,"n":<x>}',
                }
            },
            r'{"text":"the step \"Train\", \\","step":"Train","n":<x>}',
        ),
        (
            {
                "InputTransformer": {
                    "InputPathsMap": {"one": "$.detail.variable", "stepName": "$.source"},
                    "InputTemplate": '"<one>"',
                }
            },
            '"<stepName>"',
        ),
    ],
    ids=["whole", "constant", "part", "lines", "object", "string", "escaped", "value"],
)
def test_target_receives_the_transformed_event(target: dict[str, Any], expected: str) -> None:
    assert message(target, EVENT) == expected
