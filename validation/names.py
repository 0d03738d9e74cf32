"""Names and lengths as AWS's published schema of definitions has them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from local_runner.definition.model import PipelineDefinition

_STEP = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PARAMETER = re.compile(r"[A-Za-z0-9](-*[A-Za-z0-9_]){0,255}")
_LONGEST_DESCRIPTION = 4096


def problems(definition: PipelineDefinition) -> Iterator[str]:
    """Names the service would refuse, and descriptions too long for it."""
    for step in definition.all_steps():
        if not _STEP.fullmatch(step.name):
            yield f"step {step.name!r}: a name has 1 to 64 letters, digits, '-' and '_'"
        if not _STEP.fullmatch(step.display_name):
            yield f"step {step.name}: a display name has 1 to 64 letters, digits, '-' and '_'"
        if len(step.description) > _LONGEST_DESCRIPTION:
            yield f"step {step.name}: its description is longer than {_LONGEST_DESCRIPTION}"
    for parameter in definition.parameters:
        if not _PARAMETER.fullmatch(parameter.name):
            yield f"parameter {parameter.name!r}: not a name that the service accepts"
