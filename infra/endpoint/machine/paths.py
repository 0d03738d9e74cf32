"""Where the state machine keeps what it found out, and the state that reports failures."""

from __future__ import annotations

NAME, VERSION, NUMBER = "$.target.name", "$.target.version", "$.target.number"
"""Paths of the version that is deployed: the name of its resources, its ARN and number."""

VARIABLES = "$.variables.all"
"""Path of the variables of its container."""

REPORT = "Report"
"""The state that reports the failure at `ERROR`."""

LIVE_CONFIG, LIVE_MODEL, LIVE_VERSION = "$.live.config", "$.live.model", "$.live.version"
"""Paths of what the endpoint serves before the deployment; empty texts if there is none."""

LIVE_TYPES = "$.live.types"
"""The instance types that serve it; none of a serverless endpoint."""

IS_LIVE, IS_CANDIDATE = "$.endpoints.isLive", "$.endpoints.isCandidate"
"""Whether the endpoint and its candidate exist."""

IS_DELETING = "$.endpoints.isDeleting"
"""Whether one of them is being deleted."""
