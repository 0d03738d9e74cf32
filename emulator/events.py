"""EventBridge's default bus: delivers events of AWS services to the targets of matching rules.

moto delivers custom events only, and neither to SNS nor to Step Functions.
"""

from __future__ import annotations

import json
import logging
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError
from moto.events.models import EventPattern

from emulator.clients import Clients, Place

_LOG = logging.getLogger(__name__)
_STRING = re.compile(r'("(?:[^"\\]|\\.)*")')
_VARIABLE = re.compile("<([^<>]+)>")

Event = Mapping[str, Any]


class Events:
    """The default bus of every account and region."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def emit(
        self,
        place: Place,
        detail_type: str,
        resources: Sequence[str],
        detail: Mapping[str, Any],
        source: str = "aws.sagemaker",
    ) -> None:
        """Send an event to the targets of every enabled rule whose pattern matches."""
        event = {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": detail_type,
            "source": source,
            "account": place.account,
            "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "region": place.region,
            "resources": list(resources),
            "detail": {key: value for key, value in detail.items() if value is not None},
        }
        for target in self._targets(place, event):
            try:
                self._deliver(place, target["Arn"], message(target, event))
            except ClientError as error:  # EventBridge would retry, and then drop the event
                _LOG.warning("event not delivered to %s: %s", target["Arn"], error)

    def _targets(self, place: Place, event: Event) -> Iterator[Mapping[str, Any]]:
        rules = self._clients("events", place)
        for page in rules.get_paginator("list_rules").paginate():
            for rule in page["Rules"]:
                if rule["State"] == "ENABLED" and _matches(rule, event):
                    yield from rules.list_targets_by_rule(Rule=rule["Name"])["Targets"]

    def _deliver(self, place: Place, arn: str, text: str) -> None:
        service = arn.split(":")[2]
        client = self._clients({"states": "stepfunctions"}.get(service, service), place)
        if service == "sns":
            client.publish(TopicArn=arn, Message=text)
        elif service == "sqs":
            url = client.get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"]
            client.send_message(QueueUrl=url, MessageBody=text)
        elif service == "states":
            client.start_execution(stateMachineArn=arn, input=text)
        else:
            _LOG.warning("events can't be delivered to %s", arn)


def _matches(rule: Mapping[str, Any], event: Event) -> bool:
    """Whether the rule has a pattern, not only a schedule, that matches the event."""
    pattern: Any = EventPattern.load(rule.get("EventPattern"))
    return "EventPattern" in rule and bool(pattern.matches_event(dict(event)))


def message(target: Mapping[str, Any], event: Event) -> str:
    """Return what a target receives: the event, a part of it, a constant or a filled template."""
    if "Input" in target:
        return str(target["Input"])
    if "InputPath" in target:
        return json.dumps(_at(event, target["InputPath"]))
    transformer = target.get("InputTransformer")
    if transformer is None:
        return json.dumps(event)
    paths, text = transformer.get("InputPathsMap", {}), str(transformer["InputTemplate"])

    def filled(part: str, is_quoted: bool) -> str:
        def value_of(found: re.Match[str]) -> str:
            if found[1] not in paths:
                return found[0]
            value = _at(event, paths[found[1]])
            return value if is_quoted and isinstance(value, str) else json.dumps(value)

        return _VARIABLE.sub(value_of, part)

    parts = _STRING.split(text)  # every second one is a string
    return "".join(filled(part, bool(number % 2)) for number, part in enumerate(parts))


def _at(event: Event, path: str) -> Any:
    """Return the value at a path such as ``$.detail.stepName``, or "" if there is none."""
    value: Any = event
    for key in path.removeprefix("$").strip(".").split("."):
        value = value.get(key, "") if isinstance(value, Mapping) else ""
    return value
