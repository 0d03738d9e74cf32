"""A definition with Lambda and Callback steps and a run condition, run by the command."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.local_runs import run_in
from tests.support.runner_samples import Document, document, processing

FUNCTIONS = """
import json, pathlib

def limit(event):
    return {"Seconds": event["Days"] * 86_400}

def notify(event):
    print("notified")
    pathlib.Path(event["Path"]).write_text(json.dumps(event))
    return {}
"""


def function_step(name: str, kind: str, arguments: Document, **keys: object) -> Document:
    return {"Name": name, "Type": kind, "Arguments": arguments, **keys}


def test_function_is_notified_of_a_failed_step(tmp_path: Path) -> None:
    (tmp_path / "functions.py").write_text(FUNCTIONS)
    notified = tmp_path / "notified.json"
    outputs = [{"OutputName": "Seconds", "OutputType": "Integer"}]
    seconds = {"Get": "Steps.Limit.OutputParameters['Seconds']"}
    failing = (
        "-c",
        "import sys; sys.exit(sys.argv[1])",
        {"Std:Join": {"On": "", "Values": [seconds]}},
    )
    (tmp_path / "definition.json").write_text(
        json.dumps(
            document(
                function_step("Limit", "Lambda", {"Days": 2}, OutputParameters=outputs),
                processing("Count", program=failing),
                function_step(
                    "Notify",
                    "Callback",
                    {"Path": str(notified), "Seconds": seconds},
                    DependsOn=[{"Step": "Count", "Trigger": "Failed"}],
                ),
            )
        )
    )
    handlers = [f"--handler={step}=functions:{step.lower()}" for step in ("Limit", "Notify")]
    ended = run_in(tmp_path, *handlers)
    assert ended.code == 1
    assert ended.summary["status"] == "CompletedWithFailures"
    assert ended.statuses == {"Limit": "Succeeded", "Count": "Failed", "Notify": "Succeeded"}
    assert json.loads(notified.read_text()) == {"Path": str(notified), "Seconds": 172_800}
