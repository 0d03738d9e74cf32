"""The endpoint, its deployments, and what `undeploy` deletes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from operations.aws.client import Deployment
from operations.aws.hosting.deployments import ModelDeployment
from operations.aws.hosting.endpoint import Endpoint
from operations.aws.hosting.resources import HostingResources
from operations.aws.maintenance.cleanup import Deleted
from operations.views.printing import (
    age,
    duration,
    print_json,
    print_line,
    print_pairs,
    print_table,
)

_RESULTS = {
    "AlreadyServed": "already served",
    "ApprovedVersionIsServed": "kept",
    "Deployed": "deployed",
    "NewerVersionIsApproved": "skipped",
    "NothingIsServed": "nothing to do",
}
_REASONS = {
    "ApprovedVersionIsServed": "the served version is still approved",
    "NewerVersionIsApproved": "another version is the newest approved one",
    "NothingIsServed": "no version is served",
}


def print_endpoint(
    deployment: Deployment,
    endpoint: Endpoint | None,
    deployments: Sequence[ModelDeployment],
    now: datetime,
    *,
    as_json: bool,
) -> None:
    """Print the endpoint's state and its last deployments."""
    if as_json:
        state = asdict(endpoint) if endpoint else None
        if state and endpoint:
            state |= {
                "updated": endpoint.updated.isoformat(),
                "version_number": number_of(endpoint.version),
            }
        print_json({"deployments": [_document(found) for found in deployments], "endpoint": state})
        return
    if endpoint is None:
        print_line(f"endpoint {deployment.name} doesn't exist yet; approving a version deploys it")
    else:
        _print_state(endpoint, now)
    if deployments:
        print_line("")
        print_table(
            ("started", "duration", "version", "result", "reason"),
            [_row(found, now) for found in deployments],
            numbers=("version",),
        )


def print_deployment(deployment: Deployment, found: ModelDeployment, *, as_json: bool) -> None:
    """Print a deployment that was started, or that has ended."""
    if as_json:
        print_json(_document(found))
        return
    print_pairs(
        (
            ("deployment", found.arn),
            ("version", number_of(found.version) or "unknown"),
            ("result", _result(found)),
            *((("reason", found.reason),) if found.reason else ()),
        )
    )
    if found.is_running:
        print_pairs((("next", deployment.command("endpoint")),))


def print_removal(
    deployment: Deployment, found: HostingResources, deleted: Deleted | None, *, as_json: bool
) -> None:
    """Print what is to be deleted (``deleted`` is None), or the result of the deletion."""
    failures = dict(deleted.failures) if deleted else {}
    if as_json:
        print_json({**asdict(found), "dry_run": deleted is None, "failures": failures})
        return
    for kind, names in asdict(found).items():
        print_line(f"{kind}: {len(names)}")
        for name in names:
            print_line(f"  {name}")
    for name, reason in failures.items():
        print_line(f"{name}: {reason}")
    if deleted is None:
        print_line("nothing was deleted; use --yes to delete these resources")
        return
    print_line(f"deleted: {deleted.count}, failed: {len(failures)}")
    print_line(
        "the next approval deploys again; to prevent that, remove `endpoint` from the settings of "
        f"{deployment.environment} and deploy the stack"
    )


def number_of(version: str | None) -> str | None:
    """Return the number at the end of a version's ARN."""
    return version.rpartition("/")[2] if version else None


def _print_state(endpoint: Endpoint, now: datetime) -> None:
    reason = (("reason", endpoint.failure_reason),) if endpoint.failure_reason else ()
    print_pairs(
        (
            ("endpoint", endpoint.name),
            ("state", endpoint.status),
            *reason,
            ("version", number_of(endpoint.version) or "unknown"),
            ("capacity", _capacity(endpoint.capacity)),
            ("updated", age(endpoint.updated, now)),
            ("url", endpoint.url),
        )
    )


def _capacity(capacity: Mapping[str, Any]) -> str:
    if "memory_mb" in capacity:
        limit = capacity["max_concurrency"]
        return f"serverless, {capacity['memory_mb']} MB, at most {limit} requests at a time"
    return f"{capacity['count']} x {capacity['type']}" if capacity else "unknown"


def _row(found: ModelDeployment, now: datetime) -> tuple[str, ...]:
    seconds = ((found.ended or now) - found.started).total_seconds()
    return (
        age(found.started, now),
        duration(max(seconds, 0)),
        number_of(found.version) or "",
        _result(found),
        found.reason or _REASONS.get(found.outcome or "", ""),
    )


def _result(found: ModelDeployment) -> str:
    if found.succeeded:
        return _RESULTS.get(found.outcome or "", found.outcome or "succeeded")
    return found.status.lower().replace("_", " ")


def _document(found: ModelDeployment) -> dict[str, Any]:
    return {
        **asdict(found),
        "started": found.started.isoformat(),
        "ended": found.ended.isoformat() if found.ended else None,
        "version_number": number_of(found.version),
    }
