"""Imports without optional packages, which XGBoost and scikit-learn import where they find them.

They are for interfaces that no job uses, and take most of the time of the import.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def hidden(*modules: str) -> Iterator[None]:
    """Make imports of these modules fail, except for modules that are already imported."""
    names = [module for module in modules if module not in sys.modules]
    sys.modules.update(dict.fromkeys(names))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]
