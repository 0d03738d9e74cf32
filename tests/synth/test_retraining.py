"""`retrain_on_drift`: drift starts a training, never two in one period, and nothing else does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from processing.names import Parameter, Step
from tests.support.state_machines import started_executions, started_names
from tests.support.templates import (
    ACCOUNT,
    REGION,
    Template,
    matches,
    of_type,
    properties,
    sent,
    the_arn,
    the_properties,
)

Templates = Callable[[str], Template]

NOON = "2026-11-29T12:30:00Z"
DRIFT = {"driftedAt": NOON}
SCORING = "sentiment-dev-score"


def _machine(template: Template) -> str:
    return str(the_properties(template, "AWS::StepFunctions::StateMachine")["DefinitionString"])


def _names(template: Template, earlier: list[str]) -> list[str]:
    return started_names(_machine(template), "sentiment-dev", DRIFT, earlier)


def _step_event(step: str, status: str = "Failed", pipeline: str = SCORING) -> dict[str, Any]:
    arn = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:pipeline/{pipeline}"
    return {
        "source": "aws.sagemaker",
        "time": NOON,
        "detail-type": "SageMaker Model Building Pipeline Execution Step Status Change",
        "detail": {"pipelineArn": arn, "currentStepStatus": status, "stepName": step},
    }


# --- the rule ---


def test_drift_starts_the_state_machine(templates: Templates) -> None:
    template = templates("retrain_on_drift")
    rule = the_properties(template, "AWS::Events::Rule", "Drifted")
    event = _step_event(Step.DRIFTED)
    assert matches(rule, event)
    assert sent(rule, event) == [DRIFT]
    assert [target["Arn"] for target in rule["Targets"]] == [
        the_arn(template, "AWS::StepFunctions::StateMachine")
    ]


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(_step_event(Step.DRIFTED, "Starting"), id="not failed"),
        pytest.param(_step_event(Step.JOIN), id="another step"),
        pytest.param(_step_event(Step.DRIFTED, pipeline="sentiment-dev"), id="training pipeline"),
        pytest.param(_step_event(Step.DRIFTED, pipeline="sentiment-prod-score"), id="prod"),
    ],
)
def test_other_events_start_no_retraining(templates: Templates, event: dict[str, Any]) -> None:
    rule = the_properties(templates("retrain_on_drift"), "AWS::Events::Rule", "Drifted")
    assert not matches(rule, event)


def test_no_event_of_the_training_starts_anything(templates: Templates) -> None:
    template = templates("everything")
    machine = the_arn(template, "AWS::StepFunctions::StateMachine", "ExecutionTrigger")
    rules = properties(template, "AWS::Events::Rule").values()
    starting = [rule for rule in rules if rule["Targets"][0]["Arn"] == machine]
    assert len(starting) == 2  # new data and drift
    for step in [item for item in vars(Step).values() if isinstance(item, str)]:
        event = _step_event(step, pipeline="sentiment-dev")
        assert not any(matches(rule, event) for rule in starting)


# --- the state machine ---


def test_drift_trains_with_the_default_parameters(templates: Templates) -> None:
    machine = _machine(templates("retrain_on_drift"))
    assert started_executions(machine, "sentiment-dev", DRIFT) == [[]]


def test_calls_with_the_same_token_have_the_same_parameters(templates: Templates) -> None:
    machine = _machine(templates("retrain_on_drift, dataset_uri"))
    [[version]] = started_executions(machine, "sentiment-dev", DRIFT)
    assert version == {"Name": Parameter.DATASET_VERSION, "Value": "drift-2026-11-29"}


def test_drift_starts_nothing_while_an_execution_is_running(templates: Templates) -> None:
    machine = _machine(templates("retrain_on_drift"))
    assert started_executions(machine, "sentiment-dev", DRIFT, ["Executing"]) == []


@pytest.mark.parametrize(
    ("name", "earlier", "started"),
    [
        ("retrain_on_drift", [], ["drift-2026-11-29"]),
        ("retrain_on_drift", ["drift-2026-11-28", "execution-1"], ["drift-2026-11-29"]),
        ("retrain_on_drift", ["drift-2026-11-28", "drift-2026-11-29", "other"], []),
        ("retrain_at_most", ["drift-2026-10", "drift-2026-11-29"], ["drift-2026-11"]),
        ("retrain_at_most", ["drift-2026-11"], []),
    ],
    ids=["first", "another day", "same day", "another month", "same month"],
)
def test_drift_starts_one_training_in_each_period(
    templates: Templates, name: str, earlier: list[str], started: list[str]
) -> None:
    assert _names(templates(name), earlier) == started


def test_setting_that_is_off_adds_nothing(templates: Templates) -> None:
    machine = _machine(templates("schedule"))
    assert "drift" not in machine.lower()
    assert of_type(templates("nothing"), "AWS::StepFunctions::StateMachine") == {}


# --- the alert ---


def test_alert_of_drift_mentions_the_training(templates: Templates) -> None:
    event = _step_event(Step.DRIFTED)
    rules = {
        name: the_properties(templates(name), "AWS::Events::Rule", "DataDrifted")
        for name in ("alert_email", "retrain_on_drift, alert_email")
    }
    assert "starts a training" not in str(sent(rules["alert_email"], event))
    assert "starts a training" in str(sent(rules["retrain_on_drift, alert_email"], event))
