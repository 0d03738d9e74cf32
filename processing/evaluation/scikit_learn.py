"""scikit-learn without pandas."""

from processing.lean_import import hidden

with hidden("pandas"):
    from sklearn import calibration, metrics

__all__ = ["calibration", "metrics"]
