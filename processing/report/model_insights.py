"""Learning curves and the most important terms, computed from the model and samples of its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from processing.errors import DataError
from processing.features.ngram_scores import SCORE_NAMES
from processing.model.booster import load_booster, matrix, predict
from processing.model.feature_rows import FeatureRows
from processing.names import LIBSVM, NGRAMS
from processing.report.inputs import EvaluationInputs
from processing.report.samples import sample_rows

_POINTS = 12
_TERMS = 20
_ROWS_PER_TERM = 10
"""Of rows with the term, and of rows without it: enough for a mean effect with the right sign."""


@dataclass(frozen=True)
class LearningCurve:
    """Log loss and error rate of a sample of rows by boosting round; lists of equal length."""

    rows: int
    log_loss: list[float]
    error_rate: list[float]


@dataclass(frozen=True)
class ImportantTerm:
    """A feature that the trees use.

    gain_share: share of the gain of all features. effect: the mean SHAP value, in log-odds, of rows
    where the feature is positive, minus that of the other rows; None if either kind is missing.
    """

    name: str
    gain_share: float
    effect: float | None


@dataclass(frozen=True)
class ModelInsights:
    """The learning curves at ``rounds``, and the terms of the largest gain.

    used: how many of the ``features`` the trees use.
    """

    rounds: list[int]
    train: LearningCurve
    validation: LearningCurve
    terms: list[ImportantTerm]
    used: int
    features: int


def inspect_model(inputs: EvaluationInputs) -> ModelInsights:
    """Compute the insights. Raise DataError if model, vocabulary and rows don't fit together."""
    booster = load_booster(inputs.model)
    feature_format = inputs.vocabulary["feature_format"]
    splits = inputs.manifest["splits"]
    train = sample_rows(inputs.train, splits["train"]["rows"], feature_format)
    validation = sample_rows(inputs.validation, splits["validation"]["rows"], feature_format)
    names = feature_names(inputs.vocabulary)
    rounds = _rounds(booster.num_boosted_rounds())
    gains = {int(name[1:]): gain for name, gain in _gains(booster).items()}
    if max(gains, default=0) >= len(names):
        raise DataError(
            "the model has more features than the vocabulary; use the outputs of one execution"
        )
    return ModelInsights(
        rounds=rounds,
        train=_learning_curve(booster, train, rounds),
        validation=_learning_curve(booster, validation, rounds),
        terms=_terms(booster, gains, names, validation),
        used=len(gains),
        features=len(names),
    )


def feature_names(vocabulary: Mapping[str, Any]) -> list[str]:
    """Return the name of each column of the features, including libsvm's padding columns.

    >>> vocabulary = {"features": "stems", "feature_format": "text/csv", "terms": ["bad", "good"]}
    >>> feature_names(vocabulary)
    ['bad', 'good']
    >>> feature_names({**vocabulary, "features": "ngrams", "feature_format": "text/libsvm"})[2:5]
    ['good', 'log-count ratios, words', 'log-count ratios, pairs']
    """
    names = list(vocabulary["terms"])
    if vocabulary["features"] == NGRAMS:
        names += SCORE_NAMES
    return ["padding", *names, "padding"] if vocabulary["feature_format"] == LIBSVM else names


def _rounds(total: int) -> list[int]:
    """Return up to `_POINTS` rounds from 1 to ``total``, denser at the start of the curve.

    >>> _rounds(317)
    [1, 4, 11, 25, 43, 66, 95, 129, 168, 213, 262, 317]
    """
    steps = np.linspace(0, 1, _POINTS) ** 2
    rounds: list[int] = np.unique((1 + (total - 1) * steps).round().astype(int)).tolist()
    return rounds


def _gains(booster: Any) -> dict[str, float]:
    """Return the total gain of the splits on each feature, by XGBoost's names f0, f1 and so on."""
    booster.feature_names = None
    gains: dict[str, float] = booster.get_score(importance_type="total_gain")
    return gains


def _learning_curve(booster: Any, rows: FeatureRows, rounds: Sequence[int]) -> LearningCurve:
    """Evaluate each tree once: a point adds the trees since the previous one to the margins."""
    features = matrix(rows.features)
    losses, errors = [], []
    previous = 0
    for last in rounds:
        margins = predict(booster, features, iteration_range=(previous, last), output_margin=True)
        features.set_base_margin(margins)
        previous = last
        # log(1 + exp(-margin)) for a positive row, without overflow for any margin.
        signed = np.where(rows.labels == 1, margins, -margins).astype(np.float64)
        losses.append(float(np.logaddexp(0.0, -signed).mean()))
        errors.append(float(((margins > 0) != (rows.labels == 1)).mean()))
    return LearningCurve(len(rows), losses, errors)


def _terms(
    booster: Any, gains: Mapping[int, float], names: Sequence[str], rows: FeatureRows
) -> list[ImportantTerm]:
    """Return the features of the largest gain in descending order, ties by column."""
    top = sorted(gains, key=lambda column: (-gains[column], column))[:_TERMS]
    if not top:
        return []
    present = _dense(rows.features[:, top] > 0)
    chosen = _informative_rows(present)
    features = matrix(rows.features[chosen])
    contributions = predict(booster, features, pred_contribs=True)
    total = sum(gains.values())
    return [
        ImportantTerm(
            names[column],
            gains[column] / total,
            _effect(contributions[:, column], present[chosen, index]),
        )
        for index, column in enumerate(top)
    ]


def _informative_rows(present: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Return the indices of some rows with and some rows without each term (a column each).

    SHAP values of thousands of rows take seconds, and among a few hundred rows chosen without
    regard to the terms, many of the terms wouldn't occur.
    """
    chosen: set[int] = set()
    for column in present.T:
        for kind in (column, ~column):
            chosen.update(np.flatnonzero(kind)[:_ROWS_PER_TERM].tolist())
    return np.array(sorted(chosen), dtype=np.int64)


def _effect(contributions: npt.NDArray[np.float32], present: npt.NDArray[np.bool_]) -> float | None:
    if present.all() or not present.any():
        return None
    return float(contributions[present].mean() - contributions[~present].mean())


def _dense(values: Any) -> npt.NDArray[np.bool_]:
    dense: npt.NDArray[np.bool_] = values.toarray() if hasattr(values, "toarray") else values
    return dense
