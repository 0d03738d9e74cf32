"""S3's events: what moto would send to custom rules alone is delivered like any other event."""

from __future__ import annotations

import uuid
from typing import Any

from moto.s3 import notifications

from emulator.clients import Place
from emulator.events import Events

_KINDS = ("Object Created", "Object Deleted")
"""moto would also report access-control lists that a PutObject sets."""


def deliver_s3_events(events: Events) -> None:
    """Deliver the events of every bucket that sends them to EventBridge."""

    def send(account: str, bucket: Any, event: str, key: Any) -> None:
        kind = notifications._detail_type(event)
        if kind not in _KINDS:
            return
        detail = {
            "version": "0",
            "bucket": {"name": bucket.name},
            "object": {
                "key": key.name,
                "size": key.size,
                "etag": key.etag.strip('"'),
                "version-id": key.version_id,
                "sequencer": uuid.uuid4().hex[:16].upper(),
            },
            "request-id": uuid.uuid4().hex[:16].upper(),
            "requester": account,
            "reason": event.partition(":")[2],
        }
        place = Place(bucket.region_name, account)
        events.emit(place, kind, [bucket.arn], detail, source="aws.s3")

    replaced: Any = notifications
    replaced._send_event_bridge_message = send
