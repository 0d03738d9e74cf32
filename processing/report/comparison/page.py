"""The HTML page of a comparison."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from processing.names import Compared
from processing.report.comparison import sections
from processing.report.comparison.headline import evaluated, header, tested, title
from processing.report.document import contents, document
from processing.report.markup import element
from processing.report.svg import chart_style


def render(comparison: Mapping[str, Any]) -> str:
    """Render the content of ``comparison.json`` as one self-contained HTML document."""
    shown = {"differences": ("What differs", sections.differences)}
    if tested(comparison):
        shown["accuracy"] = "Accuracy", sections.accuracy
    if any(it[Compared.METRICS] for it in comparison[Compared.COMPARISONS]):
        shown["metrics"] = "Metrics", sections.metrics
    if evaluated(comparison):
        shown["errors"] = "Errors by class", sections.errors
        if sections.calibrated(comparison):  # older evaluations have no curve
            shown["calibration"] = "Calibration", sections.calibration
        shown["changed"] = "Reviews that changed sides", sections.changed
    with chart_style():
        main = element(
            "main",
            header(comparison),
            contents({key: heading for key, (heading, _) in shown.items()}),
            *(build(comparison) for _, build in shown.values()),
        )
    has_text = any(
        Compared.TEXT in example
        for compared in comparison[Compared.COMPARISONS]
        for side in (compared[Compared.CHANGED] or {}).values()
        for example in side[Compared.EXAMPLES]
    )
    return document(title(comparison), main, with_text=has_text)
