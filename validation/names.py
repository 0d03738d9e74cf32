"""Names and lengths, as in AWS's published schema of definitions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from local_runner.definition.model import PipelineDefinition

_STEP = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PARAMETER = re.compile(r"[A-Za-z0-9](-*[A-Za-z0-9_]){0,255}")
_MAX_DESCRIPTION = 4096


def problems(definition: PipelineDefinition) -> Iterator[str]:
    """Yield names and descriptions that the service would reject."""
    for step in definition.all_steps():
        if not _STEP.fullmatch(step.name):
            yield f"step {step.name!r}: the name must be 1 to 64 letters, digits, '-' and '_'"
        if not _STEP.fullmatch(step.display_name):
            yield f"step {step.name}: the display name must be 1 to 64 letters, digits, '-' and '_'"
        if len(step.description) > _MAX_DESCRIPTION:
            yield f"step {step.name}: the description is longer than {_MAX_DESCRIPTION}"
    for parameter in definition.parameters:
        if not _PARAMETER.fullmatch(parameter.name):
            yield f"parameter {parameter.name!r}: the service doesn't accept this name"
