"""What rules make of events: all of them, a part, a constant, a template filled in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emulator.events import handed

EVENT = {"source": "aws.sagemaker", "detail": {"stepName": "Train", "count": 2}}


@pytest.mark.parametrize(
    ("target", "message"),
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
    ],
    ids=["whole", "constant", "part", "lines", "object"],
)
def test_a_target_is_handed_what_it_asks_for(target: dict[str, Any], message: str) -> None:
    assert handed(target, EVENT) == message
