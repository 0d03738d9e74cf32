"""The operations of drift detection."""

from __future__ import annotations

import json
from typing import Any

from emulator.clients import Clients
from emulator.cloudformation.drift import (
    IN_SYNC,
    Detection,
    Drift,
    detect,
)
from emulator.cloudformation.errors import refused
from emulator.cloudformation.stacks import Stacks
from emulator.service import Call, Handler


class DriftDetection:
    """The operations. A detection is complete when its call returns."""

    def __init__(self, stacks: Stacks, clients: Clients) -> None:
        self._stacks = stacks
        self._clients = clients
        self._detections: dict[str, Detection] = {}

    def handlers(self) -> dict[str, Handler]:
        """Return the operations by name."""
        return {
            "DescribeStackDriftDetectionStatus": self._status,
            "DescribeStackResourceDrifts": self._drifts,
            "DetectStackDrift": self._detect,
        }

    def _detect(self, call: Call) -> dict[str, Any]:
        detection = detect(self._stacks.stack(call), self._clients)
        self._detections[detection.identity] = detection
        return {"StackDriftDetectionId": detection.identity}

    def _status(self, call: Call) -> dict[str, Any]:
        identity = call["StackDriftDetectionId"]
        if identity not in self._detections:
            raise refused(f"Drift detection {identity} does not exist")
        detection = self._detections[identity]
        return {
            "DetectionStatus": "DETECTION_COMPLETE",
            "DriftedStackResourceCount": len(detection.drifted),
            "StackDriftDetectionId": identity,
            "StackDriftStatus": "DRIFTED" if detection.drifted else IN_SYNC,
            "StackId": detection.stack.identity,
            "Timestamp": detection.time,
        }

    def _drifts(self, call: Call) -> dict[str, Any]:
        """Return the result of the last detection, if any."""
        stack, wanted = self._stacks.stack(call), call.get("StackResourceDriftStatusFilters", ())
        detections = [item for item in self._detections.values() if item.stack is stack]
        found = [
            _described(detections[-1], drift)
            for drift in (detections[-1].drifts if detections else ())
            if not wanted or drift.status in wanted
        ]
        return {"StackResourceDrifts": found}


def _described(detection: Detection, drift: Drift) -> dict[str, Any]:
    return {
        "ActualProperties": None if drift.actual is None else json.dumps(drift.now),
        "ExpectedProperties": json.dumps(drift.resource.properties),
        "LogicalResourceId": drift.name,
        "PhysicalResourceId": drift.resource.physical_id,
        "PropertyDifferences": drift.differences,
        "ResourceType": drift.resource.kind,
        "StackId": detection.stack.identity,
        "StackResourceDriftStatus": drift.status,
        "Timestamp": detection.time,
    }
