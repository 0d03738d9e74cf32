"""What the model learned: how its error fell round by round, and which terms it goes by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from processing.errors import DataError
from processing.model.booster import import_xgboost, matrix
from processing.names import EVIDENCE, LIBSVM
from processing.report.inputs import Inputs
from processing.report.samples import Sample, sample

_POINTS = 12
_TERMS = 20
_ROWS_A_TERM = 10
"""Of either kind, with the term and without: enough to see which way it points."""

_PHRASES = ("words", "2-word phrases", "3-word phrases")


@dataclass(frozen=True)
class Curve:
    """Log loss and share of errors of n sampled rows after so many rounds, all of one length."""

    rows: int
    log_loss: list[float]
    error: list[float]


@dataclass(frozen=True)
class Term:
    """A column that the trees ask for.

    share: of all gain. push: by how much the mean contribution to the score is higher, in
    log-odds, where the column is positive than where it isn't; None if one of these never occurs.
    """

    name: str
    share: float
    push: float | None


@dataclass(frozen=True)
class Learned:
    """The model's rounds, its curves at ``rounds`` of them, its most telling terms.

    used: how many of the ``columns`` any tree asks for.
    """

    rounds: list[int]
    train: Curve
    validation: Curve
    terms: list[Term]
    used: int
    columns: int


def learned(inputs: Inputs) -> Learned:
    """Looks into the model, with bounded samples of its rows. Raises DataError if it can't."""
    booster = _booster(inputs.model)
    form = inputs.vocabulary["feature_format"]
    splits = inputs.manifest["splits"]
    train = sample(inputs.train, splits["train"]["rows"], form)
    validation = sample(inputs.validation, splits["validation"]["rows"], form)
    names = column_names(inputs.vocabulary)
    total = booster.num_boosted_rounds()
    rounds = _rounds(total)
    gains = {int(name[1:]): gain for name, gain in _gains(booster).items()}
    if max(gains, default=0) >= len(names):
        raise DataError("the model has more columns than the vocabulary; give those of one run")
    return Learned(
        rounds=rounds,
        train=_curve(booster, train, rounds),
        validation=_curve(booster, validation, rounds),
        terms=_terms(booster, gains, names, validation),
        used=len(gains),
        columns=len(names),
    )


def column_names(vocabulary: Mapping[str, Any]) -> list[str]:
    """What each column of the features is called, the constants of libsvm's layout among them.

    >>> vocabulary = {"features": "stems", "feature_format": "text/csv", "terms": ["bad", "good"]}
    >>> column_names(vocabulary)
    ['bad', 'good']
    >>> column_names({**vocabulary, "features": "evidence", "feature_format": "text/libsvm"})[2:5]
    ['good', 'evidence of words, in sum', 'evidence of words, on average']
    """
    names = list(vocabulary["terms"])
    if vocabulary["features"] == EVIDENCE:
        for phrases in _PHRASES:
            names += [f"evidence of {phrases}, in sum", f"evidence of {phrases}, on average"]
    return ["constant", *names, "constant"] if vocabulary["feature_format"] == LIBSVM else names


def _rounds(total: int) -> list[int]:
    """From the first to the last, denser at the beginning, where the most is learned.

    >>> _rounds(317)
    [1, 4, 11, 25, 43, 66, 95, 129, 168, 213, 262, 317]
    """
    steps = np.linspace(0, 1, _POINTS) ** 2
    rounds: list[int] = np.unique((1 + (total - 1) * steps).round().astype(int)).tolist()
    return rounds


def _booster(model: bytes) -> Any:
    xgboost = import_xgboost()
    loaded = xgboost.Booster()
    try:
        loaded.load_model(bytearray(model))
    except xgboost.core.XGBoostError as error:
        reason = str(error).split("\n", 1)[0]
        raise DataError(f"the model can't be loaded ({reason}); take the one of Train") from None
    return loaded


def _gains(booster: Any) -> dict[str, float]:
    """The gain of all splits on each column, by XGBoost's names f0, f1 and so on."""
    booster.feature_names = None
    gains: dict[str, float] = booster.get_score(importance_type="total_gain")
    return gains


def _curve(booster: Any, rows: Sample, rounds: Sequence[int]) -> Curve:
    """Each point adds the trees since the last one to the margins, so that all cost one scoring."""
    features = matrix(rows.features)
    losses, errors = [], []
    done = 0
    for upto in rounds:
        margins = _predicted(booster, features, iteration_range=(done, upto), output_margin=True)
        features.set_base_margin(margins)
        done = upto
        # log(1 + exp(-margin)) for a positive row, of a margin of either sign.
        signed = np.where(rows.labels == 1, margins, -margins).astype(np.float64)
        losses.append(float(np.logaddexp(0.0, -signed).mean()))
        errors.append(float(((margins > 0) != (rows.labels == 1)).mean()))
    return Curve(len(rows), losses, errors)


def _terms(
    booster: Any, gains: Mapping[int, float], names: Sequence[str], rows: Sample
) -> list[Term]:
    """The columns of the largest gain, the largest first; ties by column."""
    top = sorted(gains, key=lambda column: (-gains[column], column))[:_TERMS]
    if not top:
        return []
    positive = _dense(rows.features[:, top] > 0)
    chosen = _telling_rows(positive)
    features = matrix(rows.features[chosen])
    contributions = _predicted(booster, features, pred_contribs=True)
    total = sum(gains.values())
    return [
        Term(
            names[column],
            gains[column] / total,
            _push(contributions[:, column], positive[chosen, place]),
        )
        for place, column in enumerate(top)
    ]


def _telling_rows(positive: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Some rows with, and some without each term; ``positive`` has a column for each.

    Contributions take seconds for thousands of rows, and in a few hundred taken blindly many a
    term wouldn't occur.
    """
    chosen: set[int] = set()
    for column in positive.T:
        for kind in (column, ~column):
            chosen.update(np.flatnonzero(kind)[:_ROWS_A_TERM].tolist())
    return np.array(sorted(chosen), dtype=np.int64)


def _push(contributions: npt.NDArray[np.float32], positive: npt.NDArray[np.bool_]) -> float | None:
    if positive.all() or not positive.any():
        return None
    return float(contributions[positive].mean() - contributions[~positive].mean())


def _predicted(booster: Any, matrix: Any, **how: Any) -> Any:
    try:
        return booster.predict(matrix, validate_features=False, **how)
    except import_xgboost().core.XGBoostError as error:
        reason = str(error).split("\n", 1)[0]
        raise DataError(
            f"the model doesn't fit the rows ({reason}); give those of one run"
        ) from None


def _dense(matrix: Any) -> npt.NDArray[np.bool_]:
    dense: npt.NDArray[np.bool_] = matrix.toarray() if hasattr(matrix, "toarray") else matrix
    return dense
