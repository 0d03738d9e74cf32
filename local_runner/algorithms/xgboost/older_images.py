"""Differences of images older than 3.0-5 that pipelines notice.

Source: the container's code, branches 0.90-1 to 1.7-1 (aws/sagemaker-xgboost-container).
"""

from __future__ import annotations

from collections.abc import Mapping

from local_runner.algorithms.xgboost.rules import Choice, Number, Rule

IMAGE_VERSION = "3.0-5"
"""The version that is emulated by default."""

OLDER_HYPERPARAMETERS = ("silent", "single_precision_histogram")
"""Hyperparameters of older images, without a meaning in XGBoost 3."""


def older_rules(version: str) -> Mapping[str, Rule]:
    """Return the rules of hyperparameters that only this older version accepts.

    >>> [list(older_rules(version)) for version in ("1.0-1", "1.5-1", "1.7-1")]
    [['silent'], ['single_precision_histogram'], []]
    """
    if _release(version) < (1, 2):
        return {"silent": Number(whole=True, at_least=0, at_most=1)}
    if _release(version) < (1, 7):
        return {"single_precision_histogram": Choice(("true", "false"))}
    return {}


def pickles_models(version: str) -> bool:
    """Return whether the version writes the model as a pickle, which its users' scripts load.

    >>> [pickles_models(version) for version in ("1.2-2", "1.3-1", "3.0-5")]
    [True, False, False]
    """
    return _release(version) < (1, 3)


def ignores_extra_column(version: str) -> bool:
    """Return whether libsvm requests may be one column wider than the model.

    XGBoost 1.0 ignores that column, so libsvm rows that count columns from 1 are accepted; 1.2
    refuses them (both run on 2026-11-29).
    """
    return _release(version) < (1, 2)


def measures_margins(version: str) -> bool:
    """Return whether the metrics that the version computes itself are of margins.

    XGBoost passed them since 1.2; to 3.0-5 it passes what the objective returns.

    >>> [measures_margins(version) for version in ("1.0-1", "1.2-2", "1.7-1", "3.0-5")]
    [False, True, True, False]
    """
    return (1, 2) <= _release(version) < (3, 0)


def rounds_classes(version: str) -> bool:
    """Return whether a prediction is rounded to a class, which needs no margin.

    >>> [rounds_classes(version) for version in ("1.0-1", "1.2-2")]
    [True, False]
    """
    return _release(version) < (1, 2)


def _release(version: str) -> tuple[int, int]:
    major, minor = version.split("-", 1)[0].split(".")
    return int(major), int(minor)
