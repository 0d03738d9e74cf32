"""The sections about classification quality: confusion matrix, curves, calibration, length."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from processing import names
from processing.evaluation import calibration
from processing.evaluation.score_histogram import ScoreCounts
from processing.evaluation.significance import wilson
from processing.report import figures
from processing.report.context import ReportContext
from processing.report.format import count, percent
from processing.report.html import Html, element, figure, section, text

Numbers = npt.NDArray[np.float64]

_LENGTH_GROUPS = 10
_CURVE_POINTS = 200


def confusion_matrix(context: ReportContext) -> Html:
    """Build the confusion matrix, with each count's share of its row."""
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
    matrix = element(
        "table",
        element("caption", text("Reviews by actual class (rows) and predicted class (columns)")),
        element("thead", head),
        element("tbody", *body),
        class_="matrix",
    )
    return section(
        "confusion-matrix",
        "Confusion matrix",
        [
            f"A score above 0.5 predicts {positive}.",
            f"Precision: {percent(context.metric('precision'))} of the reviews predicted "
            f"{positive} are {positive}. Recall: {percent(context.metric('recall'))} of the "
            f"{positive} reviews are predicted {positive}. F1, their harmonic mean: "
            f"{percent(context.metric('f1'))}.",
        ],
        matrix,
    )


def curves(context: ReportContext) -> Html:
    """Build the ROC and precision-recall curves."""
    curve = context.evaluation[names.METRICS]["receiver_operating_characteristic_curve"]
    false_rates, true_rates = (
        np.array(curve[name]) for name in ("false_positive_rates", "true_positive_rates")
    )
    recall_at_a_tenth = float(np.interp(0.1, false_rates, true_rates))
    recall, precision = precision_recall(context.results.scores)
    average = average_precision(recall, precision)
    share = context.class_sizes[1] / context.reviews
    false_rate, true_rate = context.metric("false_positive_rate"), context.metric("recall")
    kept = _thinned(len(recall))
    negative, positive = context.labels
    return section(
        "curves",
        "ROC and precision-recall",
        [
            "The curves cover all classification thresholds. The marked point is the threshold of "
            "0.5 that the predictions use."
        ],
        element(
            "div",
            figure(
                figures.roc(
                    false_rates,
                    true_rates,
                    (false_rate, true_rate),
                    f"ROC curve with an area under the curve of {context.metric('auc'):.4f}.",
                ),
                f"ROC curve. The area under the curve (AUC), {context.metric('auc'):.4f}, is the "
                f"probability that a random {positive} review has a higher score than a random "
                f"{negative} review. At a false positive rate of 10%, recall is "
                f"{percent(recall_at_a_tenth)}.",
            ),
            figure(
                figures.precision_recall(
                    recall[kept],
                    precision[kept],
                    (true_rate, context.metric("precision")),
                    share,
                    f"Precision-recall curve with an average precision of {average:.4f}.",
                ),
                f"Precision-recall curve. The average precision is {average:.4f}; that of a random "
                f"classifier is {share:.4f}, the share of {positive} reviews.",
            ),
            class_="pair",
        ),
    )


def calibration_and_length(context: ReportContext) -> Html:
    """Build the calibration curve and the accuracy by review length."""
    return section(
        "calibration",
        "Calibration and review length",
        [
            "The scores of a calibrated model are probabilities: of the reviews with a score of "
            f"0.8, 80% are {context.labels[1]}.",
            "Bars are 95% confidence intervals. Where a bar doesn’t reach the dashed line, the "
            "difference is significant.",
        ],
        element("div", _calibration(context), _accuracy_by_length(context), class_="pair"),
    )


def precision_recall(counts: ScoreCounts) -> tuple[Numbers, Numbers]:
    """Return recall, ascending from 0, and precision at each distinct score.

    >>> from processing.evaluation.score_histogram import score_counts
    >>> counts = score_counts(np.array([0.9, 0.8, 0.7]), np.array([1, 0, 1], np.uint8))
    >>> [values.round(2).tolist() for values in precision_recall(counts)]
    [[0.0, 0.5, 0.5, 1.0], [1.0, 1.0, 0.5, 0.67]]
    """
    true = np.cumsum(counts.positives[::-1])
    predicted = np.cumsum(counts.reviews[::-1])
    recall, precision = true / true[-1], true / predicted
    return np.append(0.0, recall), np.append(1.0, precision)


def average_precision(recall: Numbers, precision: Numbers) -> float:
    """Return the mean of the precisions, each weighted by the increase in recall.

    >>> average_precision(np.array([0, 0.5, 0.5, 1]), np.array([1, 1, 0.5, 0.75]))
    0.875
    """
    return float(np.sum(np.diff(recall) * precision[1:]))


def length_groups(context: ReportContext) -> list[tuple[str, int, int]]:
    """Return up to ten groups of reviews of similar length: name, reviews, correct predictions."""
    lengths = context.results.lengths
    longest = len(lengths.reviews) - 1
    total, cumulative = int(lengths.reviews.sum()), np.cumsum(lengths.reviews)
    bounds = {
        int(np.searchsorted(cumulative, total * group / _LENGTH_GROUPS))
        for group in range(1, _LENGTH_GROUPS + 1)
    }
    groups, low = [], int(np.flatnonzero(lengths.reviews)[0])
    for high in sorted(bounds):
        name = f"{low:,}" if high == low else f"{low:,}–{high:,}"
        name = f"{low:,}+" if high == longest else name
        within = slice(low, high + 1)
        groups.append((name, int(lengths.reviews[within].sum()), int(lengths.right[within].sum())))
        low = high + 1
    return groups


def _cell(context: ReportContext, actual: str, predicted: str) -> Html:
    row = context.confusion_matrix[actual]
    share = element("small", text(f"{percent(row[predicted] / sum(row.values()))} of the row"))
    class_ = "correct" if actual == predicted else "error"
    return element("td", text(count(row[predicted])), share, class_=class_)


def _calibration(context: ReportContext) -> Html:
    bins = calibration.reliability(context.results.scores)
    shares = bins.positives / bins.reviews
    worst = int(np.argmax(np.abs(shares - bins.scores)))
    error = context.evaluation["calibration"]["expected_calibration_error"]
    extreme = (bins.scores < 0.1) | (bins.scores > 0.9)
    return figure(
        figures.calibration(
            bins, "Calibration curve: fraction of positives by score, above a histogram of scores."
        ),
        f"Calibration curve. The expected calibration error (ECE) is {error:.3f}; the largest "
        f"deviation is {abs(shares[worst] - bins.scores[worst]):.3f} at a score of "
        f"{bins.scores[worst]:.2f}. {percent(bins.reviews[extreme].sum() / context.reviews)} of "
        "the reviews score below 0.1 or above 0.9.",
    )


def _accuracy_by_length(context: ReportContext) -> Html:
    groups = length_groups(context)
    shares = [correct / reviews for _, reviews, correct in groups]
    best, worst = int(np.argmax(shares)), int(np.argmin(shares))
    svg = figures.accuracy_by_length(
        [name for name, _, _ in groups],
        shares,
        [wilson(correct, reviews) for _, reviews, correct in groups],
        context.metric("accuracy"),
        "Accuracy of groups of reviews by their number of words.",
    )
    return figure(
        svg,
        "Accuracy by review length, in words after preprocessing, in groups of about "
        f"{count(groups[0][1])} reviews. Highest: {percent(shares[best])} for {groups[best][0]} "
        f"words; lowest: {percent(shares[worst])} for {groups[worst][0]} words.",
    )


def _thinned(points: int) -> npt.NDArray[np.int64]:
    """Return the indices of at most `_CURVE_POINTS` points, including both ends."""
    indices = np.linspace(0, points - 1, min(points, _CURVE_POINTS)).round()
    return indices.astype(np.int64)
