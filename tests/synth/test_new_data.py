"""Data that arrives starts executions: complete, once, after those that are running, none lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from statistics import mean
from typing import Any

import pytest

from infra.trigger.waiting_times import LONGEST_WAIT_DAYS
from tests.support.state_machines import Outcome, announce_newest, run_machine
from tests.support.templates import (
    Template,
    deployed_definition,
    matches,
    properties,
    sent,
    the_arn,
    the_properties,
)

Templates = Callable[[str], Template]

BUCKET = "s3://storagebucket5cb7c8ea"
TRIGGERS = {"raw/": "ExecutionTrigger", "incoming/": "ScoringTrigger"}
PIPELINES = {"raw/": "sentiment-dev", "incoming/": "sentiment-dev-score"}
POLLS = range(240, 361)
"""Seconds between two looks for running executions."""
TEN = [f"part-{number}.csv" for number in range(10)]


@pytest.fixture(params=[("raw/", "start_on_new_data"), ("incoming/", "score_on_new_data")], ids=str)
def watched(templates: Templates, request: pytest.FixtureRequest) -> Watched:
    """A prefix that is watched, by each of the settings."""
    prefix, name = request.param
    return Watched(templates(name), prefix)


@pytest.fixture(
    params=[("raw/", "quiet_minutes"), ("incoming/", "score_on_new_data, quiet_minutes")], ids=str
)
def quiet(templates: Templates, request: pytest.FixtureRequest) -> Watched:
    """A prefix that is watched with quiet_minutes."""
    prefix, name = request.param
    return Watched(templates(name), prefix)


class Watched:
    """A prefix that is watched, the rule and the state machine."""

    def __init__(self, template: Template, prefix: str) -> None:
        trigger = TRIGGERS[prefix]
        self.prefix = prefix
        self.rule = the_properties(template, "AWS::Events::Rule", f"{trigger}NewData")
        self.arn = the_arn(template, "AWS::StepFunctions::StateMachine", trigger)
        machine = the_properties(template, "AWS::StepFunctions::StateMachine", trigger)
        self.definition = str(machine["DefinitionString"])

    def event(self, key: str, *, bucket: str | None = None, size: int = 1) -> dict[str, Any]:
        """Return S3's event of an object. key: below the prefix, unless it starts with /."""
        key = key[1:] if key.startswith("/") else f"{self.prefix}{key}"
        return {
            "source": "aws.s3",
            "detail-type": "Object Created",
            "detail": {
                "bucket": {"name": bucket or BUCKET.removeprefix("s3://")},
                "object": {"key": key, "size": size},
            },
        }

    def arrive(self, *keys: str, size: int = 1, **options: Any) -> Outcome:
        """Return what the state machine does with objects that arrive together."""
        inputs: list[dict[str, Any]] = []
        for key in keys:
            event = self.event(key, size=size)
            assert matches(self.rule, event)
            inputs += sent(self.rule, event)
        return self.run(*inputs, **options)

    def run(self, *inputs: dict[str, Any], **options: Any) -> Outcome:
        """Return what the state machine does with the inputs."""
        return run_machine(self.definition, PIPELINES[self.prefix], inputs, **options)

    def uri(self, path: str) -> str:
        """Return the URI of an object or a folder below the prefix."""
        return f"{BUCKET}/{self.prefix}{path}"


# --- which objects complete a dataset ---


def test_new_object_calls_the_state_machine(watched: Watched) -> None:
    assert [target["Arn"] for target in watched.rule["Targets"]] == [watched.arn]


DATASETS = {
    "reviews.tar.gz": "reviews.tar.gz",
    "REVIEWS.CSV": "REVIEWS.CSV",
    "crítica 'a'.csv": "crítica 'a'.csv",
    "/incoming//a.csv": "/a.csv",
    "2026/_SUCCESS": "2026/",
    "a/b c/{d}/_SUCCESS": "a/b c/{d}/",
    "a/b/c/d/e/_SUCCESS": "a/b/c/d/e/",
}


def test_object_or_marker_completes_a_dataset(templates: Templates) -> None:
    incoming = Watched(templates("score_on_new_data"), "incoming/")
    outcome = incoming.arrive(*DATASETS)
    assert sorted(outcome.datasets) == sorted(map(incoming.uri, DATASETS.values()))
    assert outcome.failures == []


@pytest.mark.parametrize(("key", "size"), [("crítica.csv", 1), ("crítica/_SUCCESS", 0)])
def test_complete_dataset_starts_a_training_with_it(
    templates: Templates, key: str, size: int
) -> None:
    raw = Watched(templates("start_on_new_data"), "raw/")
    outcome = raw.arrive(key, size=size)  # Spark's marker is empty
    assert outcome.datasets == [raw.uri(key.removesuffix("_SUCCESS"))]
    assert outcome.failures == []


def test_ten_files_and_a_marker_start_one_execution(watched: Watched) -> None:
    keys = [*(f"today/{name}" for name in TEN), "today/_SUCCESS"]
    assert watched.arrive(*keys).datasets == [watched.uri("today/")]


NO_DATA = {
    "notes.docx": 1,
    "README.md": 1,
    "reviews.csv.md5": 1,
    "dataset_info.json": 1,
    ".reviews.csv": 1,
    "_reviews.csv": 1,
    "reviews.csv": 0,
    "folder/": 0,
    "_SUCCESS": 0,
    "today/x_SUCCESS": 1,
    "_today/_SUCCESS": 0,
    "today/.staging/x/_SUCCESS": 0,
    "today/_temporary/reviews.csv": 1,
    "today/metadata.json": 1,
}


def test_object_without_data_starts_nothing(quiet: Watched) -> None:
    inputs = [
        given
        for key, size in NO_DATA.items()
        for given in sent(quiet.rule, quiet.event(key, size=size))
    ]
    outcome = quiet.run(*inputs)
    assert (outcome.parameters, outcome.waits, outcome.failures) == ([], [], [])


def test_file_of_a_folder_starts_nothing_without_a_quiet_period(watched: Watched) -> None:
    assert watched.arrive("today/reviews.csv").parameters == []


UNUSABLE = ["raw//a/_SUCCESS", "raw/a//_SUCCESS", "raw/a/b/c/d/e/f/_SUCCESS"]


def test_marker_of_a_folder_that_cannot_be_a_dataset_is_reported(templates: Templates) -> None:
    raw = Watched(templates("start_on_new_data"), "raw/")
    outcome = raw.arrive(*(f"/{key}" for key in UNUSABLE))
    assert outcome.parameters == []
    assert sorted(cause.split()[0] for cause in outcome.failures) == sorted(UNUSABLE)


def test_file_of_a_folder_without_a_name_is_reported_with_a_quiet_period(quiet: Watched) -> None:
    outcome = quiet.arrive(f"/{quiet.prefix}/today/reviews.csv")
    assert outcome.parameters == []
    assert len(outcome.failures) == 1


@pytest.mark.parametrize("key", ["/reviews.tar.gz", "/old/{}x.csv", "/executions/x.csv", "/{}"])
def test_object_with_another_prefix_starts_nothing(watched: Watched, key: str) -> None:
    key = key.format(watched.prefix).upper() if key == "/{}" else key.format(watched.prefix)
    assert not matches(watched.rule, watched.event(key))


def test_object_in_another_bucket_and_deleted_object_start_nothing(watched: Watched) -> None:
    deleted = {**watched.event("x.csv"), "detail-type": "Object Deleted"}
    assert not matches(watched.rule, watched.event("x.csv", bucket="other"))
    assert not matches(watched.rule, deleted)


def test_prefix_of_deliveries_is_a_setting(templates: Templates) -> None:
    rule = the_properties(templates("incoming_prefix"), "AWS::Events::Rule", "ScoringTrigger")
    assert rule["EventPattern"]["detail"]["object"]["key"] == [{"prefix": "deliveries/"}]


# --- quiet_minutes ---


def test_folder_is_complete_after_the_quiet_period(quiet: Watched) -> None:
    outcome = quiet.arrive("today/reviews.csv")
    assert outcome.datasets == [quiet.uri("today/")]
    assert outcome.waits[0] == 15 * 60


def test_ten_files_without_a_marker_start_one_execution(quiet: Watched) -> None:
    outcome = quiet.arrive(*(f"today/pos/{name}" for name in TEN), together=len(TEN))
    assert outcome.datasets == [quiet.uri("today/")]
    assert outcome.waits[: len(TEN)] == [15 * 60] * len(TEN)
    assert outcome.failures == []


def test_marker_ends_the_quiet_period(quiet: Watched) -> None:
    keys = ["today/reviews.csv", "today/_SUCCESS"]
    assert quiet.arrive(*keys, together=2).datasets == [quiet.uri("today/")]


def test_two_folders_do_not_wait_for_each_other(templates: Templates) -> None:
    quiet = Watched(templates("score_on_new_data, quiet_minutes"), "incoming/")
    outcome = quiet.arrive("a/x.csv", "b/x.csv", together=2)
    assert sorted(outcome.datasets) == [quiet.uri("a/"), quiet.uri("b/")]


# --- data that arrives during an execution ---


def _ends_after(waits: int) -> Any:
    """Return what lets the running execution end after this many waits."""

    def passing(number: int, execution: Any) -> None:
        if number > waits:
            execution.pipeline_execution_status = "Failed"

    return passing


@pytest.mark.parametrize("status", ["Executing", "Stopping"])
def test_dataset_waits_for_the_execution_that_is_running(watched: Watched, status: str) -> None:
    outcome = watched.arrive("reviews.csv", statuses=[status], passing=_ends_after(3))
    assert outcome.datasets == [watched.uri("reviews.csv")]
    assert len(outcome.waits) == 4
    assert all(seconds in POLLS for seconds in outcome.waits[1:])


def test_dataset_that_waits_too_long_is_reported(watched: Watched) -> None:
    state = json.loads(watched.definition)["States"]["IsTooLong"]
    [most] = [choice["NumericGreaterThan"] for choice in state["Choices"]]
    assert most * mean(POLLS) == LONGEST_WAIT_DAYS * 24 * 60 * 60
    shortened = watched.definition.replace(f'"NumericGreaterThan":{most}', '"NumericGreaterThan":2')
    [given] = sent(watched.rule, watched.event("reviews.csv"))
    outcome = run_machine(shortened, PIPELINES[watched.prefix], [given], ["Executing"])
    assert outcome.parameters == []
    assert len(outcome.waits) == 3
    [cause] = outcome.failures
    assert watched.uri("reviews.csv") in cause


def test_of_datasets_that_wait_the_training_uses_the_last_and_reports_the_others(
    templates: Templates,
) -> None:
    raw = Watched(templates("start_on_new_data, alert_email"), "raw/")
    keys = ["a.csv", "b.csv", "c.csv"]
    outcome = raw.arrive(*keys, statuses=["Executing"], together=3, passing=_ends_after(4))
    assert outcome.datasets == [raw.uri("c.csv")]
    unused = {raw.uri(key) for key in keys[:2]}
    assert {cause.split()[0] for cause in outcome.failures} == unused
    [messages] = outcome.messages.values()
    assert len(messages) == 2
    assert all(any(uri in message for message in messages) for uri in unused)


def test_dataset_that_arrives_again_while_it_waits_is_used_once(templates: Templates) -> None:
    raw = Watched(templates("start_on_new_data"), "raw/")
    outcome = raw.arrive("a.csv", "a.csv", together=2)
    assert outcome.datasets == [raw.uri("a.csv")]
    assert outcome.failures == []


def test_dataset_is_superseded_while_it_waits(templates: Templates) -> None:
    raw = Watched(templates("start_on_new_data"), "raw/")

    def passing(number: int, execution: Any) -> None:
        if number == 3:
            announce_newest(raw.definition)

    outcome = raw.arrive("a.csv", statuses=["Executing"], passing=passing)
    assert outcome.parameters == []
    [cause] = outcome.failures
    assert raw.uri("a.csv") in cause


def test_each_delivery_is_scored_by_an_execution_of_its_own(templates: Templates) -> None:
    incoming = Watched(templates("score_on_new_data"), "incoming/")
    outcome = incoming.arrive(*TEN, statuses=["Executing"], together=10, passing=_ends_after(15))
    assert sorted(outcome.datasets) == [incoming.uri(name) for name in TEN]
    assert outcome.failures == []


@pytest.mark.parametrize("given", [{}, {"driftedAt": "2026-11-29T12:30:00Z"}])
def test_schedule_and_drift_do_not_wait(templates: Templates, given: dict[str, str]) -> None:
    raw = Watched(templates("everything"), "raw/")
    outcome = raw.run(given, statuses=["Executing"])
    assert (outcome.parameters, outcome.waits, outcome.failures) == ([], [], [])


def test_call_that_fails_is_reported_with_the_data(templates: Templates) -> None:
    incoming = Watched(templates("score_on_new_data, alert_email"), "incoming/")
    [given] = sent(incoming.rule, incoming.event("a.csv"))
    outcome = run_machine(incoming.definition, "another-pipeline", [given])
    [cause] = outcome.failures
    assert "incoming/a.csv" in cause
    assert [["incoming/a.csv" in text for text in sent] for sent in outcome.messages.values()] == [
        [True]
    ]


# --- the bucket ---


def _joined(value: Any) -> list[list[Any]]:
    """Return the parts of every Std:Join inside a value."""
    if isinstance(value, list):
        return [join for item in value for join in _joined(item)]
    if not isinstance(value, dict):
        return []
    own = [value["Std:Join"]["Values"]] if "Std:Join" in value else []
    return own + [join for item in value.values() for join in _joined(item)]


@pytest.mark.parametrize("scoring", [False, True], ids=["training", "scoring"])
def test_no_output_of_an_execution_and_no_object_of_a_trigger_starts_anything(
    templates: Templates, scoring: bool
) -> None:
    template = templates("everything")
    folders = {
        join[1]
        for join in _joined(json.loads(deployed_definition(template, scoring=scoring))["Steps"])
        if join[0] == {"Get": "Parameters.ArtifactsUri"}
    }
    assert folders == ({"executions", "scores"} if scoring else {"executions", "models"})
    for watched in (Watched(template, prefix) for prefix in TRIGGERS):
        for folder in (*folders, "triggers"):
            for below in ("abc/raw/reviews.tar.gz", "raw/x.csv", "incoming/x.csv", "x.csv"):
                assert not matches(watched.rule, watched.event(f"/{folder}/{below}"))


@pytest.mark.parametrize("name", ["start_on_new_data", "score_on_new_data"])
def test_bucket_sends_events_by_its_own_property(templates: Templates, name: str) -> None:
    bucket = the_properties(templates(name), "AWS::S3::Bucket")
    assert bucket["NotificationConfiguration"] == {
        "EventBridgeConfiguration": {"EventBridgeEnabled": True}
    }
    assert properties(templates(name), "Custom::S3BucketNotifications") == {}


def _expiring(template: Template) -> dict[str, int]:
    """Return the days after which objects expire, by prefix."""
    rules = the_properties(template, "AWS::S3::Bucket")["LifecycleConfiguration"]["Rules"]
    return {rule["Prefix"]: rule["ExpirationInDays"] for rule in rules if "Prefix" in rule}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("nothing", {}),
        ("score_schedule", {}),
        ("start_on_new_data", {"triggers/": 30}),
        ("score_on_new_data", {"triggers/": 30}),
        ("incoming_days", {"triggers/": 30, "incoming/": 30}),
    ],
)
def test_deliveries_and_objects_of_the_triggers_expire_by_the_settings(
    templates: Templates, name: str, expected: dict[str, int]
) -> None:
    assert _expiring(templates(name)) == {"executions/": 90, **expected}
