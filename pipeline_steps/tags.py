"""Tags of what the pipelines create: ``Tags`` in the arguments of steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

PROJECT_TAG: Mapping[str, str] = {"project": "sentiment"}
"""The tag of every deployment, whatever its settings."""

# A model version has the tags of its group: CreateModelPackage refuses others.
_TAGGED_TYPES = ("Model", "Processing", "Training", "Transform", "Tuning")


def with_tags(definition: dict[str, Any], tags: Mapping[str, str]) -> dict[str, Any]:
    """Return the definition with these tags of its jobs and models, and no others.

    They aren't part of the key of SageMaker's step cache, nor of the local runner's.
    """
    listed = [{"Key": key, "Value": value} for key, value in sorted(tags.items())]
    for step in _steps(definition["Steps"]):
        if step["Type"] in _TAGGED_TYPES:
            step["Arguments"]["Tags"] = listed
    return definition


def _steps(steps: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the steps and those in the branches of conditions."""
    for step in steps:
        yield step
        if step["Type"] == "Condition":
            for branch in ("IfSteps", "ElseSteps"):
                yield from _steps(step["Arguments"][branch])
