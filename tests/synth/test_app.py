"""app.py reports a wrong setting in one line, as a user at a terminal sees it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.support.clean_room import ROOT

DEV = {"dev": {"region": "us-east-1"}}


@pytest.mark.parametrize(
    ("context", "message"),
    [
        pytest.param(
            {"environments": {"dev": {"region": "us-east-1", "run_days": "x"}}},
            "error: cdk.json: environment 'dev': run_days must be an integer from 1 to 36500, "
            "got 'x'\n",
            id="environment",
        ),
        pytest.param(
            {"environments": DEV, "delivery": {"repository": "a/b"}},
            "error: cdk.json: delivery: region is required\n",
            id="delivery",
        ),
    ],
)
def test_wrong_setting_is_reported_in_one_line(context: dict[str, Any], message: str) -> None:
    ended = subprocess.run(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env={**os.environ, "CDK_CONTEXT_JSON": json.dumps(context)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (ended.returncode, ended.stderr) == (2, message)
