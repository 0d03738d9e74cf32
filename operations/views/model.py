"""Reports and versions, printed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from operations.evaluation_report import Report
from operations.views.printing import print_json, print_line, print_pairs, print_table

if TYPE_CHECKING:  # boto3, which a local report doesn't pay for
    from operations.aws.model_versions import Version


def print_report(report: Report, as_json: bool) -> None:
    """An evaluation report: its metrics as a table, or all of it as JSON."""
    if as_json:
        print_json(report.document)
        return
    classes = report.classes
    taken_for = [f"taken for {name}" for name in classes.values()]
    print_metrics(report)
    print_line("")
    print_table(
        ("reviews", *taken_for),
        (
            (name, *(str(report.confusion[label][taken]) for taken in classes))
            for label, name in classes.items()
        ),
        numbers=taken_for,
    )
    print_line("")
    print_pairs([*_champion(report), ("report", report.uri)])


def print_metrics(report: Report) -> None:
    """The metrics that are one number each."""
    print_table(
        ("metric", "value", "deviation"),
        (
            (name, f"{value:.5f}", f"{deviation:.5f}")
            for name, (value, deviation) in report.metrics.items()
        ),
        numbers=("value", "deviation"),
    )


def print_decided(before: Version, after: str, report: Report | None, as_json: bool) -> None:
    """A version, what it was before, and what was measured of it when it was registered."""
    metrics = {name: value for name, (value, _) in report.metrics.items()} if report else None
    if as_json:
        print_json(
            {
                "approval_after": after,
                "approval_before": before.approval,
                "arn": before.arn,
                "metrics": metrics,
                "version": before.number,
            }
        )
        return
    if report:
        print_metrics(report)
    else:
        print_line("there is no evaluation of it")
    print_line(f"\nversion {before.number}: {before.approval} -> {after}")


def _champion(report: Report) -> list[tuple[str, str]]:
    champion = report.document.get("champion")
    if not champion or not champion.get("model_package_arn"):
        return []
    return [
        ("champion", champion["model_package_arn"]),
        ("difference", f"{champion['difference']:+.5f} in accuracy{_by_chance(champion)}"),
    ]


def _by_chance(champion: Mapping[str, Any]) -> str:
    """How often equal models would differ so much, as Evaluate has tested it."""
    return f", p = {champion['test']['p_value']:.3g}" if "test" in champion else ""
