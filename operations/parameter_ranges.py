"""Ranges of parameters, from ``pipeline_steps/parameter_ranges.json``, checked before a start.

A definition has no ranges, so without this check a job would find an invalid value, perhaps after
other jobs have run.
"""

from __future__ import annotations

import json
import math
import operator
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from operations.errors import UsageError
from processing.names import Parameter

_RANGES = Path(__file__).resolve().parents[1] / "pipeline_steps" / "parameter_ranges.json"
_BOUNDS: Mapping[str, Callable[[Any, Any], bool]] = {
    "minimum": operator.ge,
    "exclusiveMinimum": operator.gt,
    "maximum": operator.le,
    "exclusiveMaximum": operator.lt,
}
_REMEDIES = {
    Parameter.DATASET_URI: "download the dataset and give the file, or copy it to a shorter S3 key"
}
_NUMBER = re.compile(r"-?[0-9.]{1,20}")
_MAX_SHOWN = 100  # characters of a value


def chosen_dataset(
    dataset: str | None, parameters: Mapping[str, str]
) -> tuple[str | None, dict[str, str]]:
    """Return the dataset, by ``--dataset`` or the parameter DatasetUri, and the other parameters.

    Raise UsageError if both are given.
    """
    others = dict(parameters)
    uri = others.pop(Parameter.DATASET_URI, None)
    if dataset is not None and uri is not None:
        raise UsageError(
            f"--dataset and --parameter {Parameter.DATASET_URI}=... are the same; give one of them"
        )
    return (uri if dataset is None else dataset), others


def require_in_range(parameters: Mapping[str, str]) -> None:
    """Raise UsageError for the first value that is out of its parameter's range.

    Parameters without a range are left to the definition, which has their types and choices.
    """
    ranges = _ranges()
    for name, text in parameters.items():
        accepts = ranges.get(name)
        if accepts and not _is_in_range(text, accepts):
            shown = text if _NUMBER.fullmatch(text) else repr(text[:_MAX_SHOWN])
            raise UsageError(f"{name} must be {accepts['expected']}, got {shown}")


def require_accepted_length(parameters: Mapping[str, str]) -> None:
    """Raise UsageError for the first value that AWS refuses as too long."""
    ranges = _ranges()
    for name, text in parameters.items():
        limit = ranges.get(name, {}).get("maxLength")
        if limit and len(text) > limit:
            remedy = _REMEDIES.get(name, "choose a shorter one")
            raise UsageError(
                f"{name} has {len(text):,} characters, but AWS accepts {limit}; {remedy}"
            )


def _ranges() -> dict[str, dict[str, Any]]:
    ranges: dict[str, dict[str, Any]] = json.loads(_RANGES.read_text(encoding="utf-8"))
    return ranges


def _is_in_range(text: str, accepts: Mapping[str, Any]) -> bool:
    if accepts["type"] == "string":
        return re.fullmatch(accepts["pattern"], text) is not None
    try:
        value = int(text) if accepts["type"] == "integer" else float(text)
    except ValueError:
        return False
    bounds = (compare(value, accepts[key]) for key, compare in _BOUNDS.items() if key in accepts)
    return math.isfinite(value) and all(bounds)
