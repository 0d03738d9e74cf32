"""The limit of accuracy that an execution may lose against the baseline of a comparison."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from processing.names import Compared


def excessive_losses(comparison: Mapping[str, Any], allowed_loss: float) -> Iterator[str]:
    """Yield a sentence for each execution that loses more accuracy than allowed.

    That is so if the whole 95% interval of its loss is above the limit, which chance alone rarely
    causes. Also for one whose accuracy isn't known, if the baseline has an evaluation. comparison:
    the content of ``comparison.json``.
    """
    baseline, *others = comparison[Compared.EXECUTIONS]
    if baseline[Compared.REASON]:
        return
    for execution, compared in zip(others, comparison[Compared.COMPARISONS], strict=True):
        test = compared[Compared.TEST]
        if execution[Compared.REASON]:
            yield f"{execution[Compared.NAME]} has no evaluation: {execution[Compared.REASON]}"
        elif test is None:
            yield (
                f"the accuracies of {baseline[Compared.NAME]} and {execution[Compared.NAME]} can't "
                "be compared: an evaluation has no confusion matrix"
            )
        elif -test[Compared.HIGH] > allowed_loss:
            yield (
                f"{compared[Compared.NAME]} loses {_points(-test[Compared.DIFFERENCE])} percentage "
                f"points of accuracy compared with {compared[Compared.BASELINE]} (95% CI "
                f"{_points(-test[Compared.HIGH])} to {_points(-test[Compared.LOW])}); "
                f"{_points(allowed_loss)} are allowed"
            )


def _points(share: float) -> str:
    """Return a share in percentage points.

    >>> _points(0.0134)
    '1.34'
    """
    return f"{100 * share:.2f}"
