"""Model versions, decisions about them and promotions, local and on AWS."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from operations.models.registry import Decision, EvaluatedVersion, VersionList
from operations.models.version import PENDING, ModelVersion
from operations.program import ELSEWHERE
from operations.views.model import print_metrics
from operations.views.printing import age, print_json, print_line, print_table, print_warning
from processing import names

if TYPE_CHECKING:
    from operations.aws.promotion.promote import Promotion

Command = Callable[..., str]
"""Returns a command for the user to run next, from its words."""


def print_versions(found: VersionList, now: datetime, command: Command, *, as_json: bool) -> None:
    """Print versions, and which one scoring uses."""
    if as_json:
        print_json({"versions": [_document(each, found.for_scoring) for each in found.versions]})
        return
    if not found.versions:
        print_line(f"{found.group} has no model versions; train one first, {ELSEWHERE}")
        return
    print_table(
        ("version", "status", "accuracy", "gate", "execution", "registered", "scoring"),
        (_row(each, found.for_scoring, now) for each in found.versions),
        numbers=("version", "accuracy"),
    )
    newest = found.versions[0].version
    if found.for_scoring is None:
        print_line(
            "\nscoring needs an approved version: "
            f"{command('approve', str(newest.number))} approves the newest"
        )
    else:
        print_line(f"\nscoring uses {found.for_scoring}")


def _row(
    evaluated: EvaluatedVersion, for_scoring: ModelVersion | None, now: datetime
) -> tuple[str, ...]:
    version, report = evaluated.version, evaluated.evaluation
    gate = report.gate if report else None
    return (
        str(version.number),
        version.approval,
        f"{report.accuracy:.5f}" if report else "unknown",
        f"{gate.metric} {gate.measured:.5f}" if gate and gate.metric != names.ACCURACY else "",
        (report.execution_id if report else None) or "unknown",
        age(version.registered, now),
        "used" if _is(version, for_scoring) else "",
    )


def _document(evaluated: EvaluatedVersion, for_scoring: ModelVersion | None) -> dict[str, Any]:
    version, report = evaluated.version, evaluated.evaluation
    return {
        "accuracy": report.accuracy if report else None,
        "approval": version.approval,
        "arn": version.arn,
        "execution_id": report.execution_id if report else None,
        "gate": asdict(report.gate) if report and report.gate else None,
        "registered": version.registered.isoformat(),
        "used_for_scoring": _is(version, for_scoring),
        "version": version.number,
    }


def print_decision(decision: Decision, *, as_json: bool) -> None:
    """Print the approval status of a version, its metrics, and the version that scoring uses."""
    report, version = decision.evaluation, decision.before
    if as_json:
        print_json(
            {
                "approval_after": decision.after,
                "approval_before": version.approval,
                "arn": version.arn,
                "changed": decision.changed,
                "metrics": report and report.values,
                "scoring_version": decision.scoring_with and decision.scoring_with.number,
                "version": version.number,
            }
        )
    else:
        _print_decision(decision)
    was_approved = decision.changed and _is_approved(decision.scored_with)
    if was_approved and not _is_approved(decision.scoring_with):
        print_warning(f"no version is approved any more: {_scoring(decision)}")


def _print_decision(decision: Decision) -> None:
    version, report = decision.before, decision.evaluation
    if decision.chosen:
        print_line(f"version {version.number} is the newest that waits for approval\n")
    if report:
        print_metrics(report)
    else:
        print_line("the version has no evaluation report")
    if not decision.changed:
        print_line(f"\nversion {version.number} is already {version.approval}; nothing was changed")
        return
    print_line(f"\nversion {version.number}: {version.approval} -> {decision.after}")
    if _is_approved(decision.scoring_with):
        print_line(_scoring(decision))


def _scoring(decision: Decision) -> str:
    if decision.scoring_with is None:
        return "scoring stops until a version is approved"
    is_same = _is(decision.scoring_with, decision.scored_with)
    return f"scoring {'still' if is_same else 'now'} uses version {decision.scoring_with.number}"


def print_promotion(promotion: Promotion, command: Command, *, as_json: bool) -> None:
    """Print the promoted version, its metrics, and the version of the other environment."""
    report, registered = promotion.evaluation, promotion.registered
    if as_json:
        print_json(
            {
                "approval": registered.approval,
                "arn": registered.arn,
                "changed": promotion.copied is not None,
                "metrics": report and report.values,
                "source_arn": promotion.source.arn,
                "source_version": promotion.source.number,
                "version": registered.number,
            }
        )
        return
    if report:
        print_metrics(report)
    else:
        print_line("the version has no evaluation report")
    source = f"{promotion.source_group} version {promotion.source.number}"
    print_line(f"\n{source} -> {promotion.group} {registered}")
    if promotion.copied is None:
        print_line("it was promoted before; nothing was changed")
    else:
        print_line(f"copied {promotion.copied} artifacts")
    if registered.approval == PENDING:
        print_line(f"{command('approve', str(registered.number))} approves it")


def counted_approvals(versions: Iterable[ModelVersion]) -> str:
    """Return the number of versions with each approval, such as 1 Approved, 2 Rejected."""
    found = Counter(version.approval for version in versions)
    return ", ".join(f"{count} {approval}" for approval, count in sorted(found.items()))


def _is(version: ModelVersion, other: ModelVersion | None) -> bool:
    return other is not None and version.number == other.number


def _is_approved(version: ModelVersion | None) -> bool:
    return version is not None and version.is_approved
