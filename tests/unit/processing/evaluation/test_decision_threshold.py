"""The choice of the decision threshold, compared with scikit-learn's curves."""

from __future__ import annotations

import re
from functools import partial

import numpy as np
import pytest
from sklearn import metrics
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import TunedThresholdClassifierCV

from processing.errors import DataError
from processing.evaluation.decision_threshold import (
    RATES,
    Outcomes,
    chosen_threshold,
    costs_of,
)
from processing.evaluation.predictions import Classes, Flags, Scores
from processing.names import DecisionThreshold

GOALS = ("accuracy", "f1", "precision>=0.7", "recall>=0.8", "cost(fp=1,fn=5)", "cost(fp=2.5,fn=1)")


def sample(seed: int, rows: int = 60, digits: int = 17) -> tuple[Classes, Scores]:
    """Return labels and scores that are higher for positives; equal scores with few digits."""
    random = np.random.default_rng(seed)
    labels = (random.random(rows) < 0.4).astype(np.uint8)
    scores = 1 / (1 + np.exp(-random.normal(labels - 0.5, 1.0)))
    return labels, np.round(scores, digits)


def value(goal: str, labels: Classes, scores: Scores) -> float:
    chosen: float = chosen_threshold(goal, labels, scores)[DecisionThreshold.VALUE]
    return chosen


def objective(goal: str, labels: Classes, predicted: Flags) -> float:
    """Return what a goal maximizes, by scikit-learn; -inf where the goal isn't met."""
    rates = {
        "accuracy": metrics.accuracy_score,
        "f1": partial(metrics.f1_score, zero_division=0),
        "precision": partial(metrics.precision_score, zero_division=0),
        "recall": metrics.recall_score,
    }
    if costs := costs_of(goal):
        matrix = metrics.confusion_matrix(labels, predicted)
        return -float(costs[0] * matrix[0, 1] + costs[1] * matrix[1, 0])
    metric, _, least = goal.partition(">=")
    measured = float(rates[metric](labels, predicted))
    if not least:
        return measured
    other = rates["recall" if metric == "precision" else "precision"]
    return float(other(labels, predicted)) if measured >= float(least) else -np.inf


@pytest.mark.parametrize("goal", GOALS)
@pytest.mark.parametrize("digits", [17, 2, 1])
@pytest.mark.parametrize("seed", range(3))
def test_no_threshold_of_scikit_learns_curve_is_better(goal: str, digits: int, seed: int) -> None:
    labels, scores = sample(seed, digits=digits)
    *_, thresholds = metrics.precision_recall_curve(labels, scores)
    # scikit-learn predicts a score equal to the threshold as positive.
    others = [objective(goal, labels, scores >= it) for it in (*thresholds, 1.1)]
    own = objective(goal, labels, scores > value(goal, labels, scores))
    assert own == pytest.approx(max(others), abs=1e-12)


def test_best_f1_predicts_as_scikit_learns_tuned_classifier_does() -> None:
    labels, scores = sample(7, rows=400)

    class Given(DummyClassifier):  # type: ignore[misc]
        def predict_proba(self, X: Scores) -> Scores:  # noqa: N803 - its name in scikit-learn
            return np.column_stack([1 - X[:, 0], X[:, 0]])

    rows = scores[:, np.newaxis]
    tuned = TunedThresholdClassifierCV(
        Given().fit(rows, labels),
        scoring="f1",
        cv="prefit",
        refit=False,
        thresholds=np.unique(scores),
    ).fit(rows, labels)
    own = scores > value("f1", labels, scores)
    assert metrics.f1_score(labels, own) == pytest.approx(tuned.best_score_)
    assert np.array_equal(own, tuned.predict(rows) == 1)


@pytest.mark.parametrize("goal", GOALS)
def test_section_has_the_metrics_of_the_chosen_threshold_on_the_validation_set(goal: str) -> None:
    labels, scores = sample(1)
    found = chosen_threshold(goal, labels, scores)
    predicted = scores > found["value"]
    values = dict(found["validation"])
    assert found["goal"] == goal
    assert values.pop("reviews") == len(labels)
    if costs := costs_of(goal):
        (_, false_positive), (false_negative, _) = metrics.confusion_matrix(labels, predicted)
        cost = (costs[0] * false_positive + costs[1] * false_negative) / len(labels)
        assert values.pop("cost") == pytest.approx(cost)
    assert values == {
        "accuracy": pytest.approx(metrics.accuracy_score(labels, predicted)),
        "f1": pytest.approx(metrics.f1_score(labels, predicted)),
        "precision": pytest.approx(metrics.precision_score(labels, predicted)),
        "recall": pytest.approx(metrics.recall_score(labels, predicted)),
    }


def test_order_of_the_rows_does_not_matter() -> None:
    labels, scores = sample(2, digits=2)
    order = np.random.default_rng(0).permutation(len(labels))
    for goal in GOALS:
        assert chosen_threshold(goal, labels, scores) == chosen_threshold(
            goal, labels[order], scores[order]
        )


@pytest.mark.parametrize(
    ("goal", "labels", "scores", "expected"),
    [
        pytest.param("f1", [0, 1], [0.4, 0.6], 0.5, id="the middle between two scores"),
        pytest.param("f1", [0, 1], [0.73114, 0.73142], 0.7313, id="with as few digits as fit"),
        pytest.param("accuracy", [0, 1, 0, 1], [0.1, 0.3, 0.8, 0.9], 0.2, id="the closest to 0.5"),
        pytest.param("accuracy", [0, 1, 0, 1], [0.2, 0.4, 0.6, 0.8], 0.7, id="then the higher"),
        pytest.param("recall>=1", [0, 1], [0.5, 0.5], 0.2, id="all are positive"),
        pytest.param("cost(fp=9,fn=1)", [1, 0], [0.2, 0.8], 0.9, id="all are negative"),
        pytest.param("precision>=0.5", [1, 0, 1], [0.9, 0.5, 0.2], 0.1, id="all that meet it"),
    ],
)
def test_equal_choices_are_decided(
    goal: str, labels: list[int], scores: list[float], expected: float
) -> None:
    assert value(goal, np.array(labels, np.uint8), np.array(scores)) == expected


def test_unreachable_goal_names_the_best_value_and_its_threshold() -> None:
    labels, scores = np.array([0, 1, 0], np.uint8), np.array([0.9, 0.6, 0.3])
    with pytest.raises(DataError) as caught:
        chosen_threshold("precision>=0.95", labels, scores)
    assert str(caught.value) == (
        "DecisionThreshold precision>=0.95 can't be met: the highest precision on the 3 reviews of "
        "the validation set is 0.50000, at the threshold 0.45000; lower the goal, or train a "
        "better model"
    )


def test_goal_needs_a_validation_set_with_both_classes() -> None:
    with pytest.raises(DataError, match="same"):
        chosen_threshold("f1", np.ones(3, np.uint8), np.array([0.1, 0.5, 0.9]))


def test_outcomes_are_scikit_learns_confusion_matrix() -> None:
    labels, scores = sample(5, digits=2)
    thresholds = np.array([0.0, 0.25, 0.5, 0.99])
    found = Outcomes.at(thresholds, labels, scores)
    for number, threshold in enumerate(thresholds):
        (tn, fp), (fn, tp) = metrics.confusion_matrix(labels, scores > threshold)
        assert (
            found.true_negative[number],
            found.false_positive[number],
            found.false_negative[number],
            found.true_positive[number],
        ) == (tn, fp, fn, tp)
    assert found.reviews == len(labels)


@pytest.mark.parametrize("rate", RATES)
def test_rate_of_nothing_is_zero(rate: str) -> None:
    found = Outcomes.at(np.array([0.9]), np.array([1, 1], np.uint8), np.array([0.1, 0.2]))
    assert found.rate(rate).tolist() == [0.0]


@pytest.mark.parametrize(
    "accepted",
    [
        *("0.5", ".5", "0.05", "0.999", "accuracy", "f1", "precision>=0.95", "recall>=1"),
        *("precision>=1.0", "cost(fp=1,fn=5)", "cost(fp=0.5,fn=10)", "cost(fp=.5,fn=2.50)"),
    ],
)
def test_pattern_accepts_numbers_and_goals(accepted: str) -> None:
    assert re.fullmatch(DecisionThreshold.PATTERN, accepted)
