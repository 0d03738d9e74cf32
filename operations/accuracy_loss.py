"""The limit of accuracy that an execution may lose against the baseline of a comparison."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from processing.names import Compared


def excessive_losses(comparison: Mapping[str, Any], allowed_loss: float) -> Iterator[str]:
    """Yield a sentence for each execution that loses more accuracy than allowed.

    That is so if the whole 95% interval of its loss is above the limit, which chance alone rarely
    causes. Also for one that can't be compared. comparison: the content of ``comparison.json``.
    """
    for compared in comparison[Compared.COMPARISONS]:
        name, baseline = compared[Compared.NAME], compared[Compared.BASELINE]
        test = compared[Compared.TEST]
        if test is None:
            yield f"the accuracies of {baseline} and {name} can't be compared"
        elif -test[Compared.HIGH] > allowed_loss:
            yield (
                f"{name} loses {_points(-test[Compared.DIFFERENCE])} percentage points of accuracy "
                f"compared with {baseline} (95% CI {_points(-test[Compared.HIGH])} to "
                f"{_points(-test[Compared.LOW])}); {_points(allowed_loss)} are allowed"
            )


def _points(share: float) -> str:
    """Return a share in percentage points.

    >>> _points(0.0134)
    '1.34'
    """
    return f"{100 * share:.2f}"
