"""AWS's abalone example, as the installed SDK renders it, with scripts of its style."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from local_runner.platform.opt_ml import can_mount
from tests.support.abalone import (
    BATCH,
    DATA,
    EVALUATE,
    EVALUATE_CODE,
    PREPROCESS,
    PREPROCESS_CODE,
    batch,
    rendered,
    shells,
)
from tests.support.command_line import invoke, json_output

pytestmark = pytest.mark.skipif(not can_mount(), reason="this machine can't mount /opt/ml")

FILES = {
    DATA: shells(600),
    BATCH: batch(20),
    PREPROCESS_CODE: PREPROCESS,
    EVALUATE_CODE: EVALUATE,
}


def run(root: Path, *options: str) -> Any:
    definition = root / "definition.json"
    definition.write_text(rendered())
    inputs = []
    for uri, content in FILES.items():
        path = root / uri.rsplit("/", 1)[-1]
        path.write_text(content)
        inputs += ["--input", f"{uri}={path}"]
    command = ("run", "--definition", str(definition), "--workdir", str(root / "runs"), "--json")
    return json_output(invoke(*command, *inputs, *options))


def test_example_runs_to_its_end(tmp_path: Path) -> None:
    summary = run(tmp_path, "--parameter", "ModelApprovalStatus=Approved")
    assert {step["name"]: step["status"] for step in summary["steps"]} == {
        "Process": "Succeeded",
        "Train": "Succeeded",
        "Evaluate": "Succeeded",
        "CheckError": "Succeeded",
        "Register": "Succeeded",
        "CreateModel": "Succeeded",
        "Transform": "Succeeded",
    }, summary
    located = {item["name"]: Path(item["location"]) for item in summary["outputs"]}
    report = json.loads((located["evaluation"] / "evaluation.json").read_text())
    assert 0 < report["regression_metrics"]["mse"]["value"] < 6
    scores = (located["predictions"] / "batch.out").read_text().splitlines()
    assert len(scores) == 20
    assert all(float(score) for score in scores)
