"""The evaluation report."""

from __future__ import annotations

from pathlib import Path

from processing.report.context import ReportContext
from processing.report.document import contents, document
from processing.report.format import percent
from processing.report.markup import element
from processing.report.sections import data, headline, model, ranking, threshold
from processing.report.svg import chart_style

_CONTENTS = {
    "baselines": "Baselines",
    "confusion-matrix": "Confusion matrix",
    "curves": "ROC and precision-recall",
    "threshold": "Decision threshold",
    "calibration": "Calibration and review length",
    "learning-curves": "Learning curves",
    "terms": "Most important terms",
    "errors": "Largest errors",
    "data": "Data",
    "provenance": "Provenance",
}


def write_report(path: Path, context: ReportContext) -> None:
    """Write the report."""
    content = render(context)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")


def render(context: ReportContext) -> str:
    """Render the report as one self-contained HTML document."""
    title = f"{percent(context.metric('accuracy'))} accuracy: evaluation report"
    with chart_style():
        main = element(
            "main",
            headline.header(context),
            headline.metric_tiles(context),
            contents(_CONTENTS),
            headline.baselines(context),
            ranking.confusion_matrix(context),
            ranking.curves(context),
            threshold.decision_threshold(context),
            ranking.calibration_and_length(context),
            model.learning_curves(context),
            model.terms(context),
            model.errors(context),
            data.data(context),
            data.provenance(context),
        )
    return document(title, main, with_text=bool(context.snippets))
