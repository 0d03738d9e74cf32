"""Buckets that send events to EventBridge, and waits of state machines."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.emulator_process import REGION, Emulator
from tests.support.programs import eventually

ROLE = "arn:aws:iam::123456789012:role/any"


def _receive(emulator: Emulator, queue: str) -> list[dict[str, Any]]:
    client = emulator.client("sqs")
    found = client.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", ())
    return [json.loads(message["Body"]) for message in found]


@pytest.fixture(scope="module")
def queue(emulator: Emulator) -> str:
    """A queue for the events of two buckets; EventBridge is enabled for one of them."""
    s3, events = emulator.client("s3"), emulator.client("events")
    for name in ("silent-bucket", "sending-bucket"):
        s3.create_bucket(Bucket=name)
    s3.put_bucket_notification_configuration(
        Bucket="sending-bucket", NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    url = emulator.client("sqs").create_queue(QueueName="objects")["QueueUrl"]
    pattern = {"source": ["aws.s3"], "detail": {"bucket": {"name": [{"suffix": "-bucket"}]}}}
    events.put_rule(Name="objects", EventPattern=json.dumps(pattern))
    arn = f"arn:aws:sqs:{REGION}:123456789012:objects"
    events.put_targets(Rule="objects", Targets=[{"Id": "queue", "Arn": arn}])
    return str(url)


def test_bucket_without_eventbridge_sends_no_events(emulator: Emulator, queue: str) -> None:
    s3 = emulator.client("s3")
    for bucket in ("silent-bucket", "sending-bucket"):
        s3.put_object(Bucket=bucket, Key="raw/a b.csv", Body=b"abc")
    [event] = _receive(emulator, queue)
    assert event["detail-type"] == "Object Created"
    assert event["detail"]["bucket"] == {"name": "sending-bucket"}
    described = event["detail"]["object"]
    assert (described["key"], described["size"]) == ("raw/a b.csv", 3)


def test_wait_ends_when_its_time_has_passed(emulator: Emulator) -> None:
    client = emulator.client("stepfunctions")
    definition = {
        "StartAt": "Wait",
        "States": {"Wait": {"Type": "Wait", "Seconds": 3600, "End": True}},
    }
    machine = client.create_state_machine(
        name="waits", definition=json.dumps(definition), roleArn=ROLE
    )["stateMachineArn"]
    run = client.start_execution(stateMachineArn=machine, name="one")["executionArn"]

    def has_event(kind: str) -> bool:
        history = client.get_execution_history(executionArn=run)["events"]
        return any(event["type"] == kind for event in history)

    eventually(lambda: has_event("WaitStateEntered"))
    emulator.let_pass(3000)
    assert client.describe_execution(executionArn=run)["status"] == "RUNNING"

    def has_succeeded() -> bool:
        emulator.let_pass(600)
        return bool(client.describe_execution(executionArn=run)["status"] == "SUCCEEDED")

    eventually(has_succeeded)
