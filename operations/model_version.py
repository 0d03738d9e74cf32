"""Versions in a model package group, and which of them a user means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from operations.errors import UsageError

APPROVED, PENDING, REJECTED = "Approved", "PendingManualApproval", "Rejected"


@dataclass(frozen=True)
class ModelVersion:
    """A model package. approval: its ModelApprovalStatus."""

    number: int
    arn: str
    approval: str

    def __str__(self) -> str:
        return f"version {self.number} ({self.approval})"


V = TypeVar("V", bound=ModelVersion)


def newest_usable(versions: Sequence[V], group: str) -> tuple[V, str]:
    """Return the newest approved version, else the newest that isn't rejected, and which it is.

    versions: newest first. Raise UsageError if there is none.
    """
    if approved := _first(version for version in versions if version.approval == APPROVED):
        return approved, "the newest approved version"
    if pending := _first(version for version in versions if version.approval != REJECTED):
        return pending, "the newest version; none is approved"
    if versions:
        raise UsageError(f"every model version in {group} is rejected; choose one with --model")
    raise _unknown("model version", versions, group)


def version_named(versions: Sequence[V], wanted: str, group: str) -> V:
    """Return the version with this number or ARN. Raise UsageError, listing the versions."""
    found = _first(version for version in versions if wanted in (str(version.number), version.arn))
    if found is None:
        raise _unknown(f"model version {wanted}", versions, group)
    return found


def is_execution(wanted: str) -> bool:
    """Whether ``wanted`` is an execution, rather than the number or ARN of a version."""
    return not wanted.isdecimal() and ":model-package/" not in wanted


def _first(versions: Iterable[V]) -> V | None:
    return next(iter(versions), None)


def _unknown(what: str, versions: Sequence[ModelVersion], group: str) -> UsageError:
    available = ", ".join(f"{version.number} ({version.approval})" for version in versions)
    return UsageError(
        f"{group} has no {what}; available versions: {available}"
        if versions
        else f"{group} has no model versions; train one first"
    )
