"""Tags of an environment: those of the setting, and the defaults that it doesn't replace."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from pipeline_steps.tags import PROJECT_TAG

ENVIRONMENT = "environment"
"""Key of the tag by which the budget filters."""

# AWS allows 50 tags; SageMaker adds its own to jobs, CloudFormation to resources.
_MOST = 40
# What every service accepts; AWS's own pattern also has letters of all languages.
_KEY, _VALUE = (rf"[A-Za-z0-9 _.:/=+@-]{{{size}}}" for size in ("1,128", "0,256"))


def _pairs(given: Any) -> tuple[tuple[str, str], ...]:
    """Return the tags sorted by key. Raise ValueError."""
    # The pairs of a validated setting are given again when a part of the settings is validated.
    tags = dict(given) if isinstance(given, tuple) else given
    if not isinstance(tags, Mapping) or len(tags) > _MOST:
        raise ValueError
    for key, value in tags.items():
        if not re.fullmatch(_KEY, key) or not isinstance(value, str):
            raise ValueError
        if not re.fullmatch(_VALUE, value):
            raise ValueError
        if key.lower().startswith(("aws:", "sagemaker:")):
            raise ValueError(f"{key!r} begins with a prefix that AWS reserves")
    if len({key.lower() for key in tags}) < len(tags):
        raise ValueError("keys differ only in case, which IAM refuses")
    return tuple(sorted(tags.items()))


Tags = Annotated[
    tuple[tuple[str, str], ...],
    BeforeValidator(_pairs),
    Field(
        json_schema_extra={
            "expected": f"an object of up to {_MOST} tags, texts of letters, digits, spaces and "
            "`_.:/=+-@`"
        }
    ),
]


def all_tags(environment: str, given: Mapping[str, str]) -> dict[str, str]:
    """Return the tags with the defaults. A default makes way for the same key in another case.

    IAM refuses a role with two such keys.
    """
    replaced = {key.lower() for key in given}
    defaults = {**PROJECT_TAG, ENVIRONMENT: environment}
    kept = {key: value for key, value in defaults.items() if key not in replaced}
    return dict(sorted({**kept, **given}.items()))
