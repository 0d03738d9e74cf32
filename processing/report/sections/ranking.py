"""The sections that draw how scores and labels go together."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from processing import names
from processing.evaluation import calibration
from processing.evaluation.score_histogram import ScoreCounts
from processing.evaluation.significance import wilson
from processing.report import figures
from processing.report.context import Subject
from processing.report.format import count, percent
from processing.report.html import (
    Html,
    element,
    figure,
    section,
    text,
)

Numbers = npt.NDArray[np.float64]

_GROUPS = 10
_POINTS = 200


def confusion(subject: Subject) -> Html:
    """The confusion matrix, with the share of each class that was told right."""
    negative, positive = subject.labels
    head = element(
        "tr",
        element("td", class_="corner"),
        *(element("th", text(f"said {label}"), scope="col") for label in (negative, positive)),
    )
    body = [
        element(
            "tr",
            element("th", text(f"is {name}"), scope="row"),
            *(_cell(subject, label, said) for said in "01"),
        )
        for label, name in (("0", negative), ("1", positive))
    ]
    matrix = element(
        "table",
        element("caption", text("Reviews by what they are and what the model said of them")),
        element("thead", head),
        element("tbody", *body),
        class_="matrix",
    )
    return section(
        "confusion",
        "What was taken for what",
        [
            f"A score above 0.5 says {positive}. Below each count is its share of the row.",
            f"Of those that the model calls {positive}, {percent(subject.metric('precision'))} "
            f"are; of those that are, it finds {percent(subject.metric('recall'))}.",
        ],
        matrix,
    )


def ranking(subject: Subject) -> Html:
    """ROC and precision-recall curves."""
    curve = subject.evaluation[names.METRICS]["receiver_operating_characteristic_curve"]
    false_rates, true_rates = (
        np.array(curve[name]) for name in ("false_positive_rates", "true_positive_rates")
    )
    at_a_tenth = float(np.interp(0.1, false_rates, true_rates))
    recall, precision = precision_recall(subject.observed.scores)
    average = average_precision(recall, precision)
    share = subject.of_class[1] / subject.reviews
    false_rate, true_rate = subject.metric("false_positive_rate"), subject.metric("recall")
    roc = figures.roc(
        false_rates,
        true_rates,
        (false_rate, true_rate),
        "ROC curve, far above the diagonal of chance."
        if subject.metric("auc") > 0.8
        else "ROC curve beside the diagonal of chance.",
    )
    kept = _thinned(len(recall))
    recalled = figures.precision_recall(
        recall[kept],
        precision[kept],
        (true_rate, subject.metric("precision")),
        share,
        "Curve of precision over recall, beside the line of chance.",
    )
    positive = subject.labels[1]
    return section(
        "ranking",
        "How well scores rank",
        ["Neither curve depends on where the line between the classes is drawn."],
        element(
            "div",
            figure(
                roc,
                f"ROC. The area is {subject.metric('auc'):.4f}: so likely is a {positive} review "
                f"to score above a {subject.labels[0]} one. With 10 % false positives, "
                f"{percent(at_a_tenth)} of {positive} reviews are found.",
            ),
            figure(
                recalled,
                f"Precision and recall. The average precision is {average:.4f}; "
                f"chance would have {share:.4f}, the share of {positive} reviews.",
            ),
            class_="pair",
        ),
    )


def trust(subject: Subject) -> Html:
    """Calibration, and the accuracy by length."""
    return section(
        "trust",
        "When to trust it",
        [
            "A calibrated score is a probability: of reviews with 0.8, eight in ten are "
            f"{subject.labels[1]}.",
            "Bars are 95 % intervals; where they miss the dashed line, it isn’t chance.",
        ],
        element("div", _calibration(subject), _by_length(subject), class_="pair"),
    )


def precision_recall(counts: ScoreCounts) -> tuple[Numbers, Numbers]:
    """Recall, ascending from 0, and precision at each distinct score.

    >>> from processing.evaluation.score_histogram import score_counts
    >>> counts = score_counts(np.array([0.9, 0.8, 0.7]), np.array([1, 0, 1], np.uint8))
    >>> [values.round(2).tolist() for values in precision_recall(counts)]
    [[0.0, 0.5, 0.5, 1.0], [1.0, 1.0, 0.5, 0.67]]
    """
    true = np.cumsum(counts.positives[::-1])
    called = np.cumsum(counts.reviews[::-1])
    recall, precision = true / true[-1], true / called
    return np.append(0.0, recall), np.append(1.0, precision)


def average_precision(recall: Numbers, precision: Numbers) -> float:
    """The precisions' mean, each weighted by the recall that it adds; as scikit-learn's.

    >>> average_precision(np.array([0, 0.5, 0.5, 1]), np.array([1, 1, 0.5, 0.75]))
    0.875
    """
    return float(np.sum(np.diff(recall) * precision[1:]))


def length_groups(subject: Subject) -> list[tuple[str, int, int]]:
    """Reviews in up to ten groups of similar length: its name, how many, how many told right."""
    lengths = subject.observed.lengths
    last = len(lengths.reviews) - 1
    total, upto = int(lengths.reviews.sum()), np.cumsum(lengths.reviews)
    bounds = [int(np.searchsorted(upto, total * part / _GROUPS)) for part in range(1, _GROUPS + 1)]
    groups, low = [], int(np.flatnonzero(lengths.reviews)[0])
    for high in sorted(set(bounds)):
        name = f"{low:,}+" if high == last else f"{low:,}–{high:,}" if high > low else f"{low:,}"
        taken = slice(low, high + 1)
        groups.append((name, int(lengths.reviews[taken].sum()), int(lengths.right[taken].sum())))
        low = high + 1
    return groups


def _cell(subject: Subject, label: str, said: str) -> Html:
    number, row = subject.matrix[label][said], sum(subject.matrix[label].values())
    share = element("small", text(f"{percent(number / row)} of its row"))
    return element("td", text(count(number)), share, class_="hit" if label == said else "miss")


def _calibration(subject: Subject) -> Html:
    bins = calibration.reliability(subject.observed.scores)
    shares = bins.positives / bins.reviews
    worst = int(np.argmax(np.abs(shares - bins.scores)))
    told = subject.evaluation["calibration"]
    sure = (bins.scores < 0.1) | (bins.scores > 0.9)
    return figure(
        figures.calibration(bins, "Share of positive reviews over their score, by tenths."),
        f"Calibration. Scores miss the shares by {told['expected_calibration_error']:.3f} on "
        f"average (ECE), most by {abs(shares[worst] - bins.scores[worst]):.3f} at "
        f"{bins.scores[worst]:.2f}. {percent(bins.reviews[sure].sum() / subject.reviews)} of "
        "reviews score below 0.1 or above 0.9.",
    )


def _by_length(subject: Subject) -> Html:
    groups = length_groups(subject)
    shares = [right / reviews for _, reviews, right in groups]
    best, worst = int(np.argmax(shares)), int(np.argmin(shares))
    svg = figures.by_length(
        [name for name, _, _ in groups],
        shares,
        [wilson(right, reviews) for _, reviews, right in groups],
        subject.metric("accuracy"),
        "Accuracy of reviews in groups by their number of words.",
    )
    return figure(
        svg,
        f"Accuracy by words counted in a review, in groups of about {count(groups[0][1])}: best "
        f"with {groups[best][0]} words ({percent(shares[best])}), worst with {groups[worst][0]} "
        f"({percent(shares[worst])}).",
    )


def _thinned(points: int) -> npt.NDArray[np.int64]:
    """Places of at most so many points, both ends kept."""
    places = np.linspace(0, points - 1, min(points, _POINTS)).round()
    return places.astype(np.int64)
