"""The execution trigger: starts executions by schedule and for new data, one at a time."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.state_machines import run_machine, started_executions
from tests.support.templates import (
    ACCOUNT,
    PIPELINE,
    REGION,
    Template,
    arns,
    as_list,
    deployed_definition,
    statements_of,
    the_arn,
    the_properties,
)

Templates = Callable[[str], Template]

ROLE = "ExecutionTriggerStateMachineRole"
LIST, START = "listPipelineExecutions", "startPipelineExecution"
NEW = {"dataset": "s3://storagebucket/raw/reviews.tar.gz"}


def _started(template: Template, given: dict[str, Any], *statuses: str) -> list[Any]:
    machine = the_properties(template, "AWS::StepFunctions::StateMachine")
    return started_executions(machine["DefinitionString"], "sentiment-dev", given, statuses)


def _lowercase(statements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the statements with actions in lowercase: IAM ignores case, and CDK's case differs."""
    return [
        {**statement, "Action": json.loads(json.dumps(statement["Action"]).lower())}
        for statement in statements
    ]


# --- the state machine ---


@pytest.mark.parametrize(
    ("given", "dataset"),
    [
        pytest.param({}, None, id="pipelines-own-dataset"),
        pytest.param(NEW, NEW["dataset"], id="given-dataset"),
    ],
)
@pytest.mark.parametrize(
    "statuses", [(), ("Failed", "Stopped", "Succeeded")], ids=["none", "ended"]
)
def test_execution_is_started_if_none_is_running(
    templates: Templates,
    given: dict[str, str],
    dataset: str | None,
    statuses: tuple[str, ...],
) -> None:
    [parameters] = _started(templates("schedule"), given, *statuses)
    assert _values(parameters).get("DatasetUri") == dataset


def _values(parameters: list[dict[str, str]]) -> dict[str, str]:
    return {parameter["Name"]: parameter["Value"] for parameter in parameters}


@pytest.mark.parametrize(
    ("name", "given"), [("schedule", NEW), ("schedule, dataset_uri", {})], ids=["new", "scheduled"]
)
def test_step_cache_takes_a_dataset_that_may_have_changed_for_a_new_one(
    templates: Templates, name: str, given: dict[str, str]
) -> None:
    [parameters] = _started(templates(name), given)
    # The name of the state machine's run, which no other run has.
    assert _values(parameters)["DatasetVersion"] == "run-0"


def test_article_dataset_is_cached_because_it_never_changes(templates: Templates) -> None:
    assert _started(templates("schedule"), {}) == [[]]


@pytest.mark.parametrize("given", [{}, NEW], ids=["no-dataset", "dataset"])
@pytest.mark.parametrize(
    "statuses",
    [("Executing",), ("Succeeded", "Executing"), ("Executing", "Failed"), ("Stopping",)],
    ids=", ".join,
)
def test_no_execution_is_started_while_one_is_running(
    templates: Templates, given: dict[str, str], statuses: tuple[str, ...]
) -> None:
    assert _started(templates("schedule"), given, *statuses) == []


def test_newest_executions_are_listed(templates: Templates) -> None:
    machine = the_properties(templates("schedule"), "AWS::StepFunctions::StateMachine")
    listed = json.loads(machine["DefinitionString"])["States"]["ListExecutions"]["Parameters"]
    assert (listed["SortBy"], listed["SortOrder"]) == ("CreationTime", "Descending")


def test_dataset_is_a_parameter_of_the_pipeline(templates: Templates) -> None:
    template = templates("schedule")
    [parameters] = _started(template, NEW)
    definition = json.loads(deployed_definition(template))
    assert _values(parameters).keys() <= {item["Name"] for item in definition["Parameters"]}


# --- permissions ---


def _allowed(template: Template, trigger: str) -> dict[str, list[str]]:
    """Return the resources by action, except for the logs and the traces of the state machine."""
    found: dict[str, list[str]] = {}
    for statement in _lowercase(statements_of(template, f"{trigger}StateMachineRole")):
        for action in as_list(statement["Action"]):
            found.setdefault(action, []).extend(as_list(statement["Resource"]))
    return {
        action: resources
        for action, resources in found.items()
        if not action.startswith(("logs:", "xray:"))
    }


@pytest.mark.parametrize(
    ("trigger", "name", "pipeline"),
    [
        ("ExecutionTrigger", "schedule", PIPELINE),
        ("ExecutionTrigger", "retrain_on_drift", PIPELINE),
        ("ScoringTrigger", "score_schedule", f"{PIPELINE}-score"),
        ("ScoringTrigger", "score_on_new_data", f"{PIPELINE}-score"),
    ],
)
def test_state_machine_may_only_list_and_start_executions_of_its_pipeline(
    templates: Templates, trigger: str, name: str, pipeline: str
) -> None:
    actions = [f"sagemaker:{action}".lower() for action in (LIST, START)]
    assert _allowed(templates(name), trigger) == {key: [pipeline] for key in actions}


@pytest.mark.parametrize("trigger", ["ExecutionTrigger", "ScoringTrigger"])
def test_state_machine_may_also_use_its_own_objects_and_the_topics(
    templates: Templates, trigger: str
) -> None:
    template = templates("everything")
    allowed = _allowed(template, trigger)
    own, keys = ["arn:aws:s3:::storagebucket5cb7c8ea/triggers/*"], allowed["kms:decrypt"]
    assert {action: allowed[action] for action in allowed if "sagemaker" not in action} == {
        "s3:getobject": own,
        "s3:putobject": own,
        "sns:publish": sorted(arns(template, "AWS::SNS::Topic")),
        "kms:decrypt": keys,
        "kms:generatedatakey": keys,
    }
    assert sorted(keys) == sorted(arns(template, "AWS::KMS::Key"))


@pytest.mark.parametrize("trigger", ["ExecutionTrigger", "ScoringTrigger"])
def test_key_of_the_data_is_used_through_s3_only(templates: Templates, trigger: str) -> None:
    statements = statements_of(templates("everything"), f"{trigger}StateMachineRole")
    [condition] = [
        statement["Condition"]
        for statement in statements
        if "kms" in json.dumps(statement["Action"]) and "encryption" in statement["Resource"]
    ]
    bucket = "arn:aws:s3:::storagebucket5cb7c8ea"
    assert condition == {
        "StringEquals": {"kms:ViaService": f"s3.{REGION}.amazonaws.com"},
        "StringLike": {"kms:EncryptionContext:aws:s3:arn": [bucket, f"{bucket}/triggers/*"]},
    }


@pytest.mark.parametrize(
    ("name", "role", "service"),
    [
        pytest.param("schedule", "ScheduleRole", "scheduler.amazonaws.com", id="schedule"),
        pytest.param("start_on_new_data", "EventsRole", "events.amazonaws.com", id="new-data"),
    ],
)
def test_sources_may_only_start_the_state_machine(
    templates: Templates, name: str, role: str, service: str
) -> None:
    template = templates(name)
    [statement] = statements_of(template, role)
    assert statement["Action"] == "states:StartExecution"
    assert statement["Resource"] == the_arn(template, "AWS::StepFunctions::StateMachine")
    policy = the_properties(template, "AWS::IAM::Role", role)["AssumeRolePolicyDocument"]
    [trust] = policy["Statement"]
    assert trust["Principal"] == {"Service": service}


def test_schedules_role_is_assumed_for_this_account_only(templates: Templates) -> None:
    role = the_properties(templates("schedule"), "AWS::IAM::Role", "ScheduleRole")
    [trust] = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


# --- schedule ---


def test_schedule_is_in_utc_and_starts_the_state_machine_without_a_dataset(
    templates: Templates,
) -> None:
    template = templates("schedule")
    schedule = the_properties(template, "AWS::Scheduler::Schedule")
    assert schedule["ScheduleExpression"] == "cron(0 6 ? * MON *)"
    assert schedule["ScheduleExpressionTimezone"] == "UTC"
    assert schedule.get("State", "ENABLED") == "ENABLED"
    assert json.loads(schedule["Target"]["Input"]) == {}
    assert schedule["Target"]["Arn"] == the_arn(template, "AWS::StepFunctions::StateMachine")
    assert schedule["Target"]["RoleArn"] == the_arn(template, "AWS::IAM::Role", "ScheduleRole")


# --- score_schedule ---


@pytest.mark.parametrize(
    ("name", "dataset"),
    [
        ("score_schedule", "s3://storagebucket5cb7c8ea/exports/2026-11-29.csv"),
        (
            "score_dataset",
            "s3://storagebucket5cb7c8ea/exports/2026-11-29/reviews-2026-11-29.csv",
        ),
    ],
)
def test_schedule_scores_the_reviews_of_its_day_after_a_running_execution(
    templates: Templates, name: str, dataset: str
) -> None:
    template = templates(name)
    schedule = the_properties(template, "AWS::Scheduler::Schedule")
    machine = the_properties(template, "AWS::StepFunctions::StateMachine")
    time = "<aws.scheduler.scheduled-time>"
    assert json.loads(schedule["Target"]["Input"]) == {"scheduledAt": time}

    def passing(number: int, execution: Any) -> None:
        if number == 3:
            execution.pipeline_execution_status = "Succeeded"

    given = {"scheduledAt": "2026-11-29T06:00:00Z"}
    outcome = run_machine(
        machine["DefinitionString"],
        "sentiment-dev-score",
        [given],
        ["Executing"],
        passing=passing,
    )
    assert outcome.datasets == [dataset]
    assert len(outcome.waits) == 3


def test_dataset_of_the_schedule_is_a_parameter_of_the_scoring_pipeline(
    templates: Templates,
) -> None:
    definition = json.loads(deployed_definition(templates("score_schedule"), scoring=True))
    assert "DatasetUri" in {parameter["Name"] for parameter in definition["Parameters"]}
