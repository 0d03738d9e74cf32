"""Wrong settings end a synthesis with one line, as a person at a terminal would see it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.support.clean_room import ROOT


def ended(**settings: Any) -> subprocess.CompletedProcess[str]:
    """app.py, run as the CDK's command line runs it."""
    context = json.dumps(settings)
    return subprocess.run(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env={**os.environ, "CDK_CONTEXT_JSON": context},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize(
    ("environments", "told"),
    [
        ({}, 'context "environments" must name at least one environment'),
        (
            {"dev": {"region": "Frankfurt"}},
            "environment 'dev': region 'Frankfurt' is no AWS region",
        ),
        ({"dev": {"region": "us-east-1", "spots": True}}, "environment 'dev': unknown setting"),
        ({"dev": {"region": "xx-nowhere-1"}}, "region 'xx-nowhere-1' has none of the built-in"),
    ],
    ids=["none", "no-region", "unknown", "region-without-images"],
)
def test_wrong_setting_is_one_line_and_no_traceback(environments: Any, told: str) -> None:
    told_by = ended(environments=environments)
    assert told_by.returncode == 2
    assert told_by.stderr.startswith("error: cdk.json: ")
    assert told in told_by.stderr
    assert told_by.stderr.count("\n") == 1


def test_wrong_delivery_is_one_line_and_leaves_no_stack() -> None:
    told_by = ended(
        environments={"dev": {"region": "us-east-1"}},
        delivery={"repository": "octo-org/*", "region": "us-east-1"},
    )
    assert told_by.returncode == 2
    assert told_by.stderr.startswith("error: cdk.json: delivery: repository 'octo-org/*' must")
    assert told_by.stderr.count("\n") == 1
