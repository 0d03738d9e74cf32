"""Versions in a model package group, and which of them a user means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from operations.errors import CliError, UsageError
from operations.program import ELSEWHERE

APPROVED, PENDING, REJECTED = "Approved", "PendingManualApproval", "Rejected"


@dataclass(frozen=True)
class ModelVersion:
    """A model package. approval: its ModelApprovalStatus. registered: when it was created."""

    number: int
    arn: str
    approval: str
    registered: datetime

    @property
    def is_approved(self) -> bool:
        """Whether it is approved."""
        return self.approval == APPROVED

    def __str__(self) -> str:
        return f"version {self.number} ({self.approval})"


def evaluation_uri(package: Mapping[str, Any]) -> str | None:
    """Return the URI of a model package's evaluation report; None if it has none."""
    quality = package.get("ModelMetrics", {}).get("ModelQuality", {})
    uri: str | None = quality.get("Statistics", {}).get("S3Uri")
    return uri


V = TypeVar("V", bound=ModelVersion)


def newest_approved(versions: Iterable[V]) -> V | None:
    """Return the newest approved version. versions: newest first."""
    return _first(version for version in versions if version.is_approved)


def newest_usable(versions: Iterable[V]) -> V | None:
    """Return the newest approved version, else the newest that isn't rejected.

    versions: newest first.
    """
    not_rejected = [version for version in versions if version.approval != REJECTED]
    return newest_approved(not_rejected) or _first(not_rejected)


def newest_pending(versions: Sequence[V], group: str) -> V:
    """Return the newest version that waits for approval. Raise CliError, listing the versions."""
    found = _first(version for version in versions if version.approval == PENDING)
    if found is None:
        raise CliError(missing("version that waits for approval", versions, group))
    return found


def kept_versions(
    versions: Iterable[V], *, pending: bool = False, all_versions: bool = False
) -> Iterator[V]:
    """Yield the versions that a cleanup keeps: the newest, and those that are used or may be.

    versions: newest first. pending: delete versions that wait for approval, except the newest.
    all_versions: delete all.
    """
    approvals = (APPROVED,) if pending else (APPROVED, PENDING)
    for position, version in enumerate(versions):
        if not all_versions and (position == 0 or version.approval in approvals):
            yield version


def version_named(versions: Sequence[V], wanted: str, group: str) -> V:
    """Return the version with this number or ARN. Raise UsageError, listing the versions."""
    found = _first(version for version in versions if wanted in (str(version.number), version.arn))
    if found is None:
        raise UsageError(missing(f"model version {wanted}", versions, group))
    return found


def is_execution(wanted: str) -> bool:
    """Return whether ``wanted`` is an execution, rather than the number or ARN of a version."""
    return not wanted.isdecimal() and ":model-package/" not in wanted


def missing(what: str, versions: Sequence[ModelVersion], group: str) -> str:
    """Return the message for a version that doesn't exist, with those that do."""
    available = ", ".join(f"{version.number} ({version.approval})" for version in versions)
    return (
        f"{group} has no {what}; available versions: {available}"
        if versions
        else f"{group} has no model versions; train one first, {ELSEWHERE}"
    )


def _first(versions: Iterable[V]) -> V | None:
    return next(iter(versions), None)
