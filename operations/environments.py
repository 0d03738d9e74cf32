"""The environments in the checkout's cdk.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CDK_JSON = Path(__file__).resolve().parents[1] / "cdk.json"

DEFAULT_ENVIRONMENT = "dev"
ENVIRONMENT_VARIABLE = "SENTIMENT_ENVIRONMENT"
"""Chooses the environment of commands without --environment."""

PREFIX = "sentiment-"
"""The names of an environment's stack, pipelines and model package group begin with it."""

_SCORE_SUFFIX = "-score"
_QUALIFIER = "@aws-cdk/core:bootstrapQualifier"


def pipeline_name(environment: str, *, scoring: bool) -> str:
    """Return the name of an environment's pipeline."""
    return f"{PREFIX}{environment}{_SCORE_SUFFIX if scoring else ''}"


def environment_of(name: str) -> tuple[str | None, bool]:
    """Return the environment of a pipeline or model package group, and whether it scores.

    None for a name that isn't one of this project's.

    >>> environment_of("sentiment-dev-score"), environment_of("reviews")
    (('dev', True), (None, False))
    """
    environment = name.removeprefix(PREFIX).removesuffix(_SCORE_SUFFIX)
    return (environment, name.endswith(_SCORE_SUFFIX)) if name.startswith(PREFIX) else (None, False)


def environment_names() -> list[str]:
    """Return the names of the environments; empty without a readable cdk.json."""
    return list(_environments())


def configured_regions() -> Mapping[str, str]:
    """Return the region of each environment by name; empty without a readable cdk.json."""
    regions = {
        name: settings.get("region") if isinstance(settings, Mapping) else None
        for name, settings in _environments().items()
    }
    return {name: region for name, region in regions.items() if region and isinstance(region, str)}


def configured_account(environment: str) -> str | None:
    """Return the account of an environment; None if cdk.json doesn't name it."""
    settings = _environments().get(environment)
    return settings.get("account") if isinstance(settings, Mapping) else None


def bootstrap_qualifier() -> str:
    """Return the qualifier in the names of the CDK's bootstrap resources."""
    return str(_context().get(_QUALIFIER) or "hnb659fds")


def _environments() -> Mapping[str, Any]:
    environments = _context().get("environments")
    return environments if isinstance(environments, Mapping) else {}


def _context() -> Mapping[str, Any]:
    try:
        context = json.loads(CDK_JSON.read_text(encoding="utf-8"))["context"]
    except (OSError, ValueError, LookupError, TypeError):
        return {}
    return context if isinstance(context, Mapping) else {}
