"""The versions of a model package group and their approval: the same rules on AWS and local."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

from operations.evaluation_report import EvaluationReport
from operations.models.version import (
    APPROVED,
    ModelVersion,
    is_execution,
    newest_pending,
    version_named,
)

Approval = Literal["Approved", "Rejected"]


class ModelRegistry(Protocol):
    """A model package group."""

    @property
    def group(self) -> str:
        """Its name for messages."""

    def versions(self) -> Sequence[ModelVersion]:
        """Return all versions, newest first."""

    def registered_by(self, execution: str) -> str:
        """Return the ARN of the version that an execution registered. Raise UsageError."""

    def description(self, version: ModelVersion) -> Mapping[str, Any]:
        """Return the version as DescribeModelPackage does."""

    def evaluations(self, versions: Sequence[ModelVersion]) -> Iterable[EvaluationReport | None]:
        """Yield the evaluation report of each version, None for one that can't be read."""

    def required_evaluation(self, version: ModelVersion) -> EvaluationReport | None:
        """Return the evaluation report; None if there never was one. Raise CliError."""

    def set_approval(self, version: ModelVersion, approval: Approval, comment: str | None) -> None:
        """Set the approval status, and the comment unless it is None."""

    def used_for_scoring(self, versions: Iterable[ModelVersion]) -> ModelVersion | None:
        """Return the version that new reviews are scored with by default."""

    def command(self, *words: str) -> str:
        """Return a command for the user to run next."""


@dataclass(frozen=True)
class EvaluatedVersion:
    """A version and its evaluation report; None if it can't be read."""

    version: ModelVersion
    evaluation: EvaluationReport | None


@dataclass(frozen=True)
class VersionList:
    """The newest versions of a group, and the version that scoring uses."""

    group: str
    versions: Sequence[EvaluatedVersion]
    for_scoring: ModelVersion | None


@dataclass(frozen=True)
class Decision:
    """A decision about a version.

    before: the version before the decision. after: its approval status. chosen: whether it was
    chosen because it is the newest that waits for approval. scored_with, scoring_with: the
    version that scoring uses, before and after the decision.
    """

    before: ModelVersion
    after: Approval
    evaluation: EvaluationReport | None
    chosen: bool
    scored_with: ModelVersion | None
    scoring_with: ModelVersion | None

    @property
    def changed(self) -> bool:
        """Whether the version didn't have this status before."""
        return self.before.approval != self.after


def newest_versions(registry: ModelRegistry, limit: int) -> VersionList:
    """Return the newest versions with their evaluations."""
    versions = registry.versions()
    shown = versions[:limit]
    evaluated = zip(shown, registry.evaluations(shown), strict=True)
    return VersionList(
        registry.group,
        [EvaluatedVersion(*each) for each in evaluated],
        registry.used_for_scoring(versions),
    )


def version_to_use(registry: ModelRegistry, wanted: str) -> ModelVersion:
    """Return a version, given by its number, its ARN, or the execution that registered it.

    Raise UsageError if there is none.
    """
    return _named(registry, wanted, registry.versions())


def decide(
    registry: ModelRegistry, wanted: str | None, approval: Approval, comment: str | None
) -> Decision:
    """Approve or reject a version, unless it already is.

    wanted: a number, an ARN, or the execution that registered it; None for the newest that waits
    for approval. Raise UsageError without such a version, CliError if none waits for approval or
    the evaluation of a version to approve can't be read.
    """
    versions = registry.versions()
    if wanted is None:
        before = newest_pending(versions, registry.group)
    else:
        before = _named(registry, wanted, versions)
    changes = before.approval != approval
    if changes and approval == APPROVED:
        evaluation = registry.required_evaluation(before)
    else:
        [evaluation] = registry.evaluations([before])
    if changes:
        registry.set_approval(before, approval, comment)
    return Decision(
        before=before,
        after=approval,
        evaluation=evaluation,
        chosen=wanted is None,
        scored_with=registry.used_for_scoring(versions),
        scoring_with=registry.used_for_scoring(_with_approval(versions, before, approval)),
    )


def _named(registry: ModelRegistry, wanted: str, versions: Sequence[ModelVersion]) -> ModelVersion:
    arn = registry.registered_by(wanted) if is_execution(wanted) else wanted
    return version_named(versions, arn, registry.group)


def _with_approval(
    versions: Sequence[ModelVersion], changed: ModelVersion, approval: str
) -> Iterator[ModelVersion]:
    for version in versions:
        yield replace(version, approval=approval) if version is changed else version
