"""A definition with Lambda and Callback steps and a run condition, run by the command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.support.clean_room import ROOT
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
    command = [sys.executable, "-m", "operations", "run", "--json", "--definition"]
    handlers = [f"--handler={step}=functions:{step.lower()}" for step in ("Limit", "Notify")]
    ended = subprocess.run(
        [*command, "definition.json", *handlers],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 1
    summary = json.loads(ended.stdout)
    assert summary["status"] == "CompletedWithFailures"
    assert {step["name"]: step["status"] for step in summary["steps"]} == {
        "Limit": "Succeeded",
        "Count": "Failed",
        "Notify": "Succeeded",
    }
    assert json.loads(notified.read_text()) == {"Path": str(notified), "Seconds": 172_800}
