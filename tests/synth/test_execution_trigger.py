"""The execution trigger: starts executions by schedule and for new data, one at a time."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.state_machines import started_executions
from tests.support.templates import (
    ACCOUNT,
    PIPELINE,
    Template,
    allows,
    deployed_definition,
    matches,
    properties,
    sent,
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
    ("given", "parameters"),
    [
        pytest.param({}, [], id="pipelines-own-dataset"),
        pytest.param(NEW, [{"Name": "DatasetUri", "Value": NEW["dataset"]}], id="given-dataset"),
    ],
)
@pytest.mark.parametrize(
    "statuses", [(), ("Failed", "Stopped", "Succeeded")], ids=["none", "ended"]
)
def test_execution_is_started_if_none_is_running(
    templates: Templates,
    given: dict[str, str],
    statuses: tuple[str, ...],
    parameters: list[dict[str, str]],
) -> None:
    assert _started(templates("schedule"), given, *statuses) == [parameters]


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
    [[parameter]] = _started(template, NEW)
    definition = json.loads(deployed_definition(template))
    assert parameter["Name"] in {item["Name"] for item in definition["Parameters"]}


# --- permissions ---


@pytest.mark.parametrize("name", ["schedule", "start_on_new_data", "everything"])
def test_state_machine_may_only_list_and_start_executions_of_this_pipeline(
    templates: Templates, name: str
) -> None:
    statements = _lowercase(statements_of(templates(name), ROLE))
    of_sagemaker = [item for item in statements if "sagemaker:" in json.dumps(item["Action"])]
    actions = {f"sagemaker:{action}".lower() for action in (LIST, START)}
    assert all(allows(statements, action, PIPELINE) for action in actions)
    assert {item["Resource"] for item in of_sagemaker} == {PIPELINE}
    assert {action for item in of_sagemaker for action in item["Action"]} == actions


@pytest.mark.parametrize(
    "action", ["iam:passrole", "s3:getobject", "states:startexecution", "kms:decrypt"]
)
def test_state_machine_may_do_nothing_else(templates: Templates, action: str) -> None:
    statements = _lowercase(statements_of(templates("everything"), ROLE))
    assert action not in json.dumps([item["Action"] for item in statements])


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


# --- start_on_new_data ---


@pytest.fixture
def watched(templates: Templates) -> Template:
    """The template of dev with start_on_new_data."""
    return templates("start_on_new_data")


def _object_event(
    template: Template, key: str, *, bucket: str | None = None, size: int = 1
) -> dict[str, Any]:
    [own] = [name for name in properties(template, "AWS::S3::Bucket") if "StorageBucket" in name]
    return {
        "source": "aws.s3",
        "detail-type": "Object Created",
        "detail": {"bucket": {"name": bucket or own.lower()}, "object": {"key": key, "size": size}},
    }


def _rule(template: Template) -> dict[str, Any]:
    return the_properties(template, "AWS::Events::Rule", "NewData")


def _datasets_started_by(template: Template, key: str, size: int = 1) -> list[str]:
    """Return the datasets of the executions that an object starts."""
    rule, event = _rule(template), _object_event(template, key, size=size)
    assert matches(rule, event)
    [given] = sent(rule, event)
    return [parameter["Value"] for [parameter] in _started(template, given)]


def test_new_data_calls_the_state_machine(watched: Template) -> None:
    assert [target["Arn"] for target in _rule(watched)["Targets"]] == [
        the_arn(watched, "AWS::StepFunctions::StateMachine")
    ]


@pytest.mark.parametrize(
    ("key", "dataset"),
    [
        pytest.param("raw/reviews.tar.gz", "raw/reviews.tar.gz", id="archive"),
        pytest.param("raw/REVIEWS.CSV", "raw/REVIEWS.CSV", id="table"),
        pytest.param("raw/2026/_SUCCESS", "raw/2026/", id="marker"),
        pytest.param("raw/a/b c/{d}/_SUCCESS", "raw/a/b c/{d}/", id="deep-marker"),
    ],
)
def test_complete_dataset_starts_an_execution_with_it(
    watched: Template, key: str, dataset: str
) -> None:
    [own] = properties(watched, "AWS::S3::Bucket")
    size = 0 if key.endswith("_SUCCESS") else 1  # Spark's marker is empty
    assert _datasets_started_by(watched, key, size) == [f"s3://{own.lower()}/{dataset}"]


def test_ten_files_and_a_marker_start_one_execution(watched: Template) -> None:
    [own] = properties(watched, "AWS::S3::Bucket")
    keys = [*(f"raw/today/part-{number}.csv" for number in range(10)), "raw/today/_SUCCESS"]
    started = [dataset for key in keys for dataset in _datasets_started_by(watched, key)]
    assert started == [f"s3://{own.lower()}/raw/today/"]


@pytest.mark.parametrize(
    ("key", "size"),
    [
        pytest.param("raw/notes.docx", 1, id="document"),
        pytest.param("raw/README.md", 1, id="readme"),
        pytest.param("raw/reviews.csv.md5", 1, id="checksum"),
        pytest.param("raw/.reviews.csv", 1, id="hidden"),
        pytest.param("raw/_reviews.csv", 1, id="underscore"),
        pytest.param("raw/reviews.csv", 0, id="empty"),
        pytest.param("raw/folder/", 0, id="folder"),
        pytest.param("raw/_SUCCESS", 0, id="marker-of-raw"),
        pytest.param("raw/today/x_SUCCESS", 1, id="not-a-marker"),
        pytest.param("raw/today/reviews.csv", 1, id="file-of-a-folder"),
    ],
)
def test_object_that_completes_no_dataset_starts_nothing(
    watched: Template, key: str, size: int
) -> None:
    assert _datasets_started_by(watched, key, size) == []


@pytest.mark.parametrize("given", [{}, NEW], ids=["no-dataset", "dataset"])
def test_other_inputs_of_the_state_machine_start_as_without_the_setting(
    watched: Template, given: dict[str, str]
) -> None:
    expected = [{"Name": "DatasetUri", "Value": NEW["dataset"]}] if given else []
    assert _started(watched, given) == [expected]


@pytest.mark.parametrize(
    "key", ["reviews.tar.gz", "rawest/reviews.tar.gz", "old/raw/reviews.tar.gz", "RAW/x"]
)
def test_object_with_another_prefix_starts_nothing(watched: Template, key: str) -> None:
    assert not matches(_rule(watched), _object_event(watched, key))


def test_object_in_another_bucket_and_deleted_object_start_nothing(watched: Template) -> None:
    deleted = {**_object_event(watched, "raw/x"), "detail-type": "Object Deleted"}
    assert not matches(_rule(watched), _object_event(watched, "raw/x", bucket="other"))
    assert not matches(_rule(watched), deleted)


def _joined(value: Any) -> list[list[Any]]:
    """Return the parts of every Std:Join inside a value."""
    if isinstance(value, list):
        return [join for item in value for join in _joined(item)]
    if not isinstance(value, dict):
        return []
    own = [value["Std:Join"]["Values"]] if "Std:Join" in value else []
    return own + [join for item in value.values() for join in _joined(item)]


@pytest.mark.parametrize("name", ["start_on_new_data", "everything"])
def test_output_of_an_execution_starts_no_execution(templates: Templates, name: str) -> None:
    template = templates(name)
    folders = {
        join[1]
        for join in _joined(json.loads(deployed_definition(template))["Steps"])
        if join[0] == {"Get": "Parameters.ArtifactsUri"}
    }
    assert folders == {"executions", "models"}
    for folder in folders:
        for below in ("abc/raw/reviews.tar.gz", "raw/x", "x"):
            event = _object_event(template, f"{folder}/{below}")
            assert not matches(_rule(template), event)


def test_bucket_sends_events_by_its_own_property(watched: Template) -> None:
    bucket = the_properties(watched, "AWS::S3::Bucket")
    assert bucket["NotificationConfiguration"] == {
        "EventBridgeConfiguration": {"EventBridgeEnabled": True}
    }
    assert properties(watched, "Custom::S3BucketNotifications") == {}
