"""The page about scored reviews over time: accuracy of those with labels, and drift."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from processing import names
from processing.evaluation.drift import LARGE_DRIFT, SMALL_DRIFT
from processing.names import Feedback
from processing.report.document import contents, document, overview
from processing.report.format import count, count_of, percent, utc
from processing.report.markup import Html, element, figure, join, paragraph, section, table, text
from processing.report.scoring import charts
from processing.report.scoring.charts import Point
from processing.report.svg import chart_style

Document = Mapping[str, Any]


def render(feedback: Document) -> str:
    """Render the content of ``feedback.json`` as one self-contained HTML document."""
    shown = {}
    if _labeled(feedback):
        shown["accuracy"] = "Accuracy", _accuracy
    if _with_drift(feedback):
        shown["drift"] = "Drift", _drift
    shown["executions"] = "Executions", _executions
    with chart_style():
        main = element(
            "main",
            _header(feedback),
            contents({key: heading for key, (heading, _) in shown.items()}),
            *(build(feedback) for _, build in shown.values()),
        )
    return document(_title(feedback), main, with_text=False)


def _labeled(feedback: Document) -> list[Document]:
    """Return the executions with labeled reviews, oldest first."""
    return [it for it in feedback[Feedback.EXECUTIONS] if it[names.ACCURACY]]


def _with_drift(feedback: Document) -> list[Document]:
    return [
        it
        for it in feedback[Feedback.EXECUTIONS]
        if it[names.DRIFT][names.DRIFT_STATUS] == names.DRIFT_MEASURED
    ]


def _title(feedback: Document) -> str:
    accuracy = feedback[Feedback.TOTAL][names.ACCURACY]
    executions = count_of(len(feedback[Feedback.EXECUTIONS]), "scoring execution")
    if accuracy is None:
        return f"Drift of {executions}"
    return f"{percent(accuracy[names.VALUE])} accuracy of {executions}"


def _header(feedback: Document) -> Html:
    executions, total = feedback[Feedback.EXECUTIONS], feedback[Feedback.TOTAL]
    facts = {
        "Executions": count(len(executions)),
        "Scored reviews": count(sum(it[names.ROWS] - it[names.UNSCORED] for it in executions)),
        "With a label": count(total[Feedback.LABELED]),
        "From": utc(executions[0][Feedback.STARTED]),
        "To": utc(executions[-1][Feedback.STARTED]),
    }
    top = overview("Scored reviews over time", facts.items())
    return element("header", top, element("div", *_summary(total)))


def _summary(total: Document) -> list[Html]:
    accuracy = total[names.ACCURACY]
    if accuracy is None:
        return [element("h1", text("No scored review has a label"))]
    correct = (
        f"{count(total[Feedback.CORRECT])} of {count_of(total[Feedback.LABELED], 'labeled review')}"
    )
    return [
        element(
            "h1",
            element("strong", text(percent(accuracy[names.VALUE]))),
            text(f" accuracy: {correct} classified correctly"),
        ),
        paragraph(f"95% confidence interval (Wilson): {_interval(accuracy)}."),
    ]


def _interval(found: Mapping[str, float]) -> str:
    """Return the bounds of a share's interval."""
    return f"{percent(found[Feedback.LOW])} to {percent(found[Feedback.HIGH])}"


def _accuracy(feedback: Document) -> Html:
    points = [
        Point(
            label,
            it[names.ACCURACY][names.VALUE],
            it[names.ACCURACY][Feedback.LOW],
            it[names.ACCURACY][Feedback.HIGH],
            it[Feedback.TEST_ACCURACY],
        )
        for it, label in _with_times(_labeled(feedback))
    ]
    svg = charts.accuracy_trend(
        points,
        "Accuracy of the labeled reviews of each execution, with 95% confidence intervals: "
        f"{_listed(points)}.",
    )
    return section(
        "accuracy",
        "Accuracy",
        [
            "If the accuracy on the test set is within an interval, the difference isn’t "
            "significant.",
            "Labels of a random sample of the reviews are representative; labels of complaints "
            "aren’t.",
        ],
        figure(
            svg,
            "Each execution with labels, oldest first, with its 95% confidence interval (Wilson). "
            "Grey: accuracy of its model version on the test set.",
        ),
    )


def _listed(points: Sequence[Point]) -> str:
    return "; ".join(f"{it.name}: {percent(it.value)}" for it in points)


def _drift(feedback: Document) -> Html:
    points = [
        Point(label, it[names.DRIFT][names.MAX_DRIFT], 0, 0)
        for it, label in _with_times(_with_drift(feedback))
    ]
    listed = "; ".join(f"{it.name}: {it.value:.3f}" for it in points)
    return section(
        "drift",
        "Drift",
        ["The largest of the measures of drift; the page of each execution shows all of them."],
        figure(
            charts.drift_trend(points, f"Largest measure of drift by execution: {listed}."),
            f"Each execution, oldest first. Dashed: {SMALL_DRIFT}, below which nothing has "
            f"changed by the usual rule of thumb, and {LARGE_DRIFT}, above which the change is "
            "large.",
        ),
    )


def _executions(feedback: Document) -> Html:
    columns = ["execution", "reviews#", "labeled#", "accuracy#", "test set#"]
    columns += ["precision#", "recall#", "drift#"]
    rows = [_row(it) for it in reversed(feedback[Feedback.EXECUTIONS])]
    return section(
        "executions",
        "Executions",
        [
            "Newest first. Accuracy with its 95% confidence interval. Test set: accuracy of the "
            "model version when it was evaluated. "
            "Precision and recall are those of the positive class."
        ],
        table("Scoring executions", columns, rows),
    )


def _row(execution: Document) -> list[Html]:
    test = execution[Feedback.TEST_ACCURACY]
    version = str(execution[Feedback.MODEL_VERSION] or "").rpartition("/")[2]
    name = element("span", text(f"{execution[Feedback.NAME]} "), class_="id")
    about = [utc(execution[Feedback.STARTED]), *([f"version {version}"] if version else [])]
    return [
        join([name, *(element("small", text(it)) for it in about)]),
        text(count(execution[names.ROWS])),
        text(count(execution[Feedback.LABELED])),
        _accuracy_with_interval(execution[names.ACCURACY]),
        text("–" if test is None else percent(test)),
        _share(execution[Feedback.PRECISION]),
        _share(execution[Feedback.RECALL]),
        text(_drift_of(execution[names.DRIFT])),
    ]


def _accuracy_with_interval(found: Mapping[str, float] | None) -> Html:
    return join([_share(found), element("small", text(_interval(found)))]) if found else text("–")


def _share(found: Mapping[str, float] | None) -> Html:
    return text("–" if found is None else percent(found[names.VALUE]))


def _drift_of(drift: Document) -> str:
    is_known = drift[names.DRIFT_STATUS] == names.DRIFT_MEASURED
    return f"{drift[names.MAX_DRIFT]:.3f}" if is_known else names.DRIFT_UNKNOWN


def _with_times(executions: Sequence[Document]) -> list[tuple[Document, str]]:
    """Return each execution with the day on which it started; with the time if all did on one."""
    times = [utc(it[Feedback.STARTED]) for it in executions]
    one_day = len({time[:10] for time in times}) == 1
    return [(it, time[11:16] if one_day else time[:10]) for it, time in zip(executions, times)]
