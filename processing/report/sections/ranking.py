"""The sections about classification quality: confusion matrix, curves, calibration, length."""

from __future__ import annotations

import numpy as np

from processing import names
from processing.evaluation.calibration import calibration_curve
from processing.evaluation.length_groups import LengthGroup, length_groups
from processing.evaluation.metrics import average_precision, precision_recall_curve
from processing.evaluation.significance import wilson
from processing.report import figures
from processing.report.context import ReportContext
from processing.report.format import count, count_of, percent, quoted
from processing.report.markup import Html, element, figure, section, text


def confusion_matrix(context: ReportContext) -> Html:
    """Build the confusion matrix, with each count's share of its row."""
    positive = quoted(context.labels[1])
    return section(
        "confusion-matrix",
        "Confusion matrix",
        [
            f"A score above {context.threshold} predicts {positive}.",
            f"Precision: {percent(context.metric('precision'))} of the reviews predicted "
            f"{positive} are {positive}. Recall: {percent(context.metric('recall'))} of the "
            f"{positive} reviews are predicted {positive}. F1, the harmonic mean of both: "
            f"{percent(context.metric('f1'))}.",
        ],
        _confusion_table(context),
    )


def curves(context: ReportContext) -> Html:
    """Build the ROC and precision-recall curves."""
    return section(
        "curves",
        "ROC and precision-recall",
        [
            "The curves cover all decision thresholds. The marked point is the threshold of "
            f"{context.threshold} that the predictions use."
        ],
        element("div", _roc(context), _precision_recall(context), class_="pair"),
    )


def calibration_and_length(context: ReportContext) -> Html:
    """Build the calibration curve and the accuracy by review length."""
    return section(
        "calibration",
        "Calibration and review length",
        [
            "The scores of a calibrated model are probabilities: of the reviews with a score of "
            f"0.8, 80% are {quoted(context.labels[1])}.",
            "Bars are 95% confidence intervals. Where a bar doesn’t reach the dashed line, the "
            "difference is significant.",
        ],
        element("div", _calibration(context), _accuracy_by_length(context), class_="pair"),
    )


def _confusion_table(context: ReportContext) -> Html:
    negative, positive = context.labels
    head = element(
        "tr",
        element("td", class_="corner"),
        *(element("th", text(f"predicted {label}"), scope="col") for label in (negative, positive)),
    )
    body = [
        element(
            "tr",
            element("th", text(f"actual {name}"), scope="row"),
            *(_cell(context, actual, predicted) for predicted in "01"),
        )
        for actual, name in (("0", negative), ("1", positive))
    ]
    return element(
        "table",
        element("caption", text("Reviews by actual class (rows) and predicted class (columns)")),
        element("thead", head),
        element("tbody", *body),
        class_="matrix",
    )


def _cell(context: ReportContext, actual: str, predicted: str) -> Html:
    row = context.confusion_matrix[actual]
    share = element("small", text(f"{percent(row[predicted] / sum(row.values()))} of the row"))
    class_ = "correct" if actual == predicted else "error"
    return element("td", text(count(row[predicted])), share, class_=class_)


def _roc(context: ReportContext) -> Html:
    curve = context.evaluation[names.METRICS]["receiver_operating_characteristic_curve"]
    false_rates, true_rates = (
        np.array(curve[name]) for name in ("false_positive_rates", "true_positive_rates")
    )
    recall_at_a_tenth = float(np.interp(0.1, false_rates, true_rates))
    area = f"{context.metric('auc'):.4f}"
    negative, positive = map(quoted, context.labels)
    svg = figures.roc(
        false_rates,
        true_rates,
        (context.metric("false_positive_rate"), context.metric("recall")),
        f"threshold {context.threshold}",
        f"ROC curve with an area under the curve of {area}.",
    )
    return figure(
        svg,
        f"ROC curve. The area under the curve (AUC), {area}, is the probability that a random "
        f"{positive} review has a higher score than a random {negative} review. At a false "
        f"positive rate of 10%, recall is {percent(recall_at_a_tenth)}.",
    )


def _precision_recall(context: ReportContext) -> Html:
    labels, scores = context.predictions.labels, context.predictions.scores
    recall, precision = precision_recall_curve(labels, scores)
    average = average_precision(labels, scores)
    share = context.class_sizes[1] / context.reviews
    svg = figures.precision_recall(
        recall,
        precision,
        (context.metric("recall"), context.metric("precision")),
        f"threshold {context.threshold}",
        share,
        f"Precision-recall curve with an average precision of {average:.4f}.",
    )
    return figure(
        svg,
        f"Precision-recall curve. The average precision is {average:.4f}; that of a random "
        f"classifier is {share:.4f}, the share of {quoted(context.labels[1])} reviews.",
    )


def _calibration(context: ReportContext) -> Html:
    curve = calibration_curve(context.predictions.labels, context.predictions.scores)
    deviations = np.abs(curve.positive_shares - curve.scores)
    worst = int(np.argmax(deviations))
    error = context.evaluation["calibration"]["expected_calibration_error"]
    extreme = (curve.scores < 0.1) | (curve.scores > 0.9)
    return figure(
        figures.calibration(
            curve,
            "Calibration curve: fraction of positives by score, above a histogram of scores.",
        ),
        f"Calibration curve. The expected calibration error (ECE) is {error:.3f}; the largest "
        f"deviation is {deviations[worst]:.3f} at a score of {curve.scores[worst]:.2f}. "
        f"{percent(curve.reviews[extreme].sum() / context.reviews)} of "
        "the reviews score below 0.1 or above 0.9.",
    )


def _accuracy_by_length(context: ReportContext) -> Html:
    groups = length_groups(context.predictions)
    lengths = [_length(group) for group in groups]
    shares = [group.correct / group.reviews for group in groups]
    best, worst = int(np.argmax(shares)), int(np.argmin(shares))
    svg = figures.accuracy_by_length(
        lengths,
        shares,
        [wilson(group.correct, group.reviews) for group in groups],
        context.metric(names.ACCURACY),
        "Accuracy of groups of reviews by their number of words.",
    )
    size = count_of(groups[0].reviews, "review")
    best_group, worst_group = (
        f"{percent(shares[index])} for {lengths[index]} words" for index in (best, worst)
    )
    return figure(
        svg,
        f"Accuracy by review length, in words after preprocessing, in groups of about {size}. "
        f"Highest: {best_group}; lowest: {worst_group}.",
    )


def _length(group: LengthGroup) -> str:
    if group.shortest == group.longest:
        return f"{group.shortest:,}"
    return f"{group.shortest:,}–{group.longest:,}"
