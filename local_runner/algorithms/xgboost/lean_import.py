"""XGBoost without the packages that it imports if they are installed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

_NAMES = ("pandas", "sklearn", "xgboost.plotting")


@contextmanager
def without_optional_packages() -> Iterator[None]:
    """Import XGBoost in this block, without its interfaces for pandas, scikit-learn and plots.

    They aren't used here, and would take three quarters of the start-up time.
    """
    missing = [name for name in _NAMES if name not in sys.modules]
    sys.modules.update(dict.fromkeys(missing))  # type: ignore[arg-type]
    try:
        yield
    finally:
        # Metrics need scikit-learn, which looks for pandas among the imported modules.
        for name in missing:
            del sys.modules[name]
