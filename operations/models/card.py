"""The model card of a version, and what else the registry knows about its origin."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from operations.errors import CliError
from operations.models.registry import ModelRegistry, version_to_use
from operations.models.version import ModelVersion, missing
from processing.names import MODEL_CARD_CONTENT


@dataclass(frozen=True)
class ModelCard:
    """A model card in the registry.

    status: its ModelCardStatus. origin: the version's MetadataProperties, such as CommitId.
    """

    version: ModelVersion
    group: str
    content: Mapping[str, Any]
    status: str
    origin: Mapping[str, str]


def model_card(registry: ModelRegistry, wanted: str | None) -> ModelCard:
    """Return a version's card.

    wanted: a number, an ARN, or the execution that registered the version; None for the newest.
    Raise UsageError without such a version, CliError if it has no card.
    """
    if wanted is not None:
        version = version_to_use(registry, wanted)
    elif versions := registry.versions():
        version = versions[0]
    else:
        raise CliError(missing("model version", versions, registry.group))
    package = registry.description(version)
    return ModelCard(
        version,
        registry.group,
        _content(version, package),
        package.get("ModelCard", {}).get("ModelCardStatus", ""),
        package.get("MetadataProperties", {}),
    )


def _content(version: ModelVersion, package: Mapping[str, Any]) -> Mapping[str, Any]:
    text = package.get("ModelCard", {}).get(MODEL_CARD_CONTENT)
    if not text:
        raise CliError(f"{version.arn} has no model card; train a version with this pipeline")
    try:
        content = json.loads(text)
    except ValueError as error:
        raise CliError(f"{version.arn}: its model card isn't JSON ({error})") from None
    if not isinstance(content, dict):
        raise CliError(f"{version.arn}: its model card isn't a JSON object")
    return content
