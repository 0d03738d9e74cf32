"""The state machine's definition: valid for cfn-lint, every state is reached and exists."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.endpoint_machine import machine_of
from tests.support.template_checks import lint_findings

ENDPOINTS: dict[str, dict[str, Any]] = {
    "serverless": {"serverless": {}},
    "instance": {"instances": {"capture_percent": 5}},
    "scaled": {"instances": {"count": 2, "max_count": 4}},
}


@pytest.fixture(params=ENDPOINTS)
def machine(request: pytest.FixtureRequest) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(machine_of(endpoint=ENDPOINTS[request.param]))
    return found


def _machines(machine: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the machine, its parallel branches and the processors of its maps."""
    yield machine
    for state in machine["States"].values():
        inner = state.get("Branches", [state["ItemProcessor"]] if "ItemProcessor" in state else [])
        for found in inner:
            yield from _machines(found)


def _following(state: Mapping[str, Any]) -> Iterator[str]:
    for rule in (state, *state.get("Choices", ()), *state.get("Catch", ())):
        yield from (rule[key] for key in ("Next", "Default") if key in rule)


def test_every_state_that_is_named_exists_and_is_reached(machine: dict[str, Any]) -> None:
    for found in _machines(machine):
        reached, states = {found["StartAt"]}, found["States"]
        while new := {then for name in reached for then in _following(states[name])} - reached:
            reached |= new
        assert reached == states.keys()


def test_every_call_is_retried_and_its_failure_handled(machine: dict[str, Any]) -> None:
    [branch] = machine["States"]["Deploy"]["Branches"]
    calls = [state for state in machine["States"].values() if state["Type"] == "Task"]
    assert all(state["Catch"] for state in (*calls, machine["States"]["Deploy"]))
    for found in (machine, *_machines(branch)):
        tasks = [state for state in found["States"].values() if state["Type"] == "Task"]
        assert all(state["Retry"] for state in tasks)


def test_cfn_lint_accepts_the_states(machine: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "machine.template.json"
    properties = {
        "DefinitionString": json.dumps(machine),
        "RoleArn": "arn:aws:iam::123456789012:role/deployments",
    }
    resource = {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}
    path.write_text(json.dumps({"Resources": {"Machine": resource}}))
    assert lint_findings(path) == []
