"""The top of the report: the execution and its dataset, and the verdict of the quality gate."""

from __future__ import annotations

import re
from collections.abc import Iterator

from processing import names
from processing.report.context import ReportContext
from processing.report.format import count, decimals, utc
from processing.report.markup import Html, element, paragraph, text
from processing.report.reference_models import champion_version

_METRICS = {"auc": "AUC", "f1": "F1"}
_HASH = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SHORT = 10


def gate(context: ReportContext) -> Html:
    """Build the verdict of the quality gate, with each value that it requires."""
    passed = context.evaluation[names.GATE][names.GATE_PASSED]
    return element(
        "div",
        element("h2", text(f"Quality gate: {'passed' if passed else 'rejected'}")),
        *map(paragraph, requirements(context)),
        class_="gate better" if passed else "gate worse",
    )


def facts(context: ReportContext) -> Iterator[tuple[str, str]]:
    """Yield the properties of the execution and its dataset; "" if the evaluation has none."""
    known = context.evaluation[names.PROVENANCE]
    yield "Execution", known.get(names.EXECUTION, "")
    yield "Dataset", known.get(names.DATASET, "")
    splits = context.inputs.manifest["splits"]
    yield "Reviews", count(sum(rows["rows"] for rows in splits.values()))
    yield "Positive class", names.positive_class(context.evaluation[names.LABELS])
    yield "Started", utc(known.get(names.STARTED, ""))
    yield "Commit", short_commit(known.get(names.COMMIT, ""))


def short_commit(commit: str) -> str:
    """Return the first digits of a commit's hash; another name as it is.

    >>> short_commit("28634772f1d10df0e6ccd4f8bf3d31592cfedd4d"), short_commit("unknown")
    ('28634772f1', 'unknown')
    """
    return commit[:_SHORT] if _HASH.fullmatch(commit) else commit


def requirements(context: ReportContext) -> Iterator[str]:
    """Yield a sentence for each value that the quality gate requires."""
    found = context.evaluation[names.GATE]
    champion = context.evaluation.get(names.CHAMPION)
    measured, threshold = found[names.GATE_MEASURED], found[names.GATE_THRESHOLD]
    metric = _METRICS.get(found[names.GATE_METRIC], found[names.GATE_METRIC].capitalize())
    required = champion["required"] if champion else threshold
    value = f"{metric} of {decimals(measured, threshold, required)}"
    yield f"{value} {_relation(measured, threshold)} the threshold of {threshold:.10g}."
    if champion is None:
        return
    version = champion_version(context)
    if version is None:
        yield "There is no approved version to compare with."
        return
    yield (
        f"{value} {_relation(measured, required)} {decimals(required, measured)}, which is "
        f"the {decimals(champion['measured'])} of {version} minus the champion margin of "
        f"{champion['margin']:.10g}."
    )


def _relation(measured: float, required: float) -> str:
    return "meets" if measured >= required else "is below"
