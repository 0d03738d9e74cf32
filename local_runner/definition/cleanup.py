"""Cleanup steps: ``{"Resources": {"S3": [{"StepName": ..., "S3Uris": [...]}]}}``.

The outputs of Training steps are found by their names; those of Processing and Transform steps are
listed as S3Uris. The SageMaker SDK (`sagemaker.mlops.workflow.cleanup_step`) documents the form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from local_runner.definition.expressions import Scope, resolve
from local_runner.definition.model import Json, Step
from local_runner.errors import DefinitionError

_LISTED = ("Processing", "Transform")
_FOUND = "Training"


@dataclass(frozen=True)
class Source:
    """A step whose outputs are deleted. uris: S3Uris, None if they aren't given."""

    step: str
    uris: Json


def sources(step: Step) -> tuple[Source, ...]:
    """Return the sources of a Cleanup step. Raise DefinitionError, naming the field."""
    where = f"step {step.name}: Arguments"
    resources = _object(step.arguments, where, "Resources").get("Resources")
    items = _object(resources, f"{where}.Resources", "S3").get("S3")
    if not isinstance(items, list) or not items:
        raise DefinitionError(
            f"{where}.Resources.S3 must be an array of sources, got {items!r:.60}"
        )
    return tuple(_source(item, f"{where}.Resources.S3[{it}]") for it, item in enumerate(items))


def with_properties(
    step: Step, scope: Scope, properties: Callable[[str], Mapping[str, Json]]
) -> dict[str, Json]:
    """Return the resolved arguments, in which each source also has the properties of its step.

    properties: returns those of a step; empty if it didn't succeed. Its S3Uris then have no value.
    """
    items = []
    for source in sources(step):
        found = properties(source.step)
        uris = resolve(source.uris, scope) if found and source.uris else []
        items.append({"StepName": source.step, "S3Uris": uris, "Properties": found})
    return {"Resources": {"S3": items}}


def _source(value: Json, where: str) -> Source:
    item = _object(value, where, "StepName", "S3Uris")
    name, uris = item.get("StepName"), item.get("S3Uris")
    if not isinstance(name, str) or not name:
        raise DefinitionError(f"{where}: StepName must be the name of a step, got {name!r:.60}")
    if uris is not None and (not isinstance(uris, list) or not uris):
        raise DefinitionError(f"{where}: S3Uris must be an array of S3 URIs, got {uris!r:.60}")
    return Source(name, uris)


def _object(value: Json, where: str, *known: str) -> Mapping[str, Json]:
    if not isinstance(value, Mapping):
        raise DefinitionError(f"{where} must be a JSON object, got {value!r:.60}")
    if unknown := sorted(value.keys() - set(known)):
        raise DefinitionError(f"{where}: unknown key {unknown[0]!r}; use {' or '.join(known)}")
    return value


def source_faults(step: Step, steps: Mapping[str, Step]) -> Iterator[str]:
    """Yield a message for each source of a Cleanup step that can't be cleaned up."""
    for source in sources(step):
        owner = steps[source.step]
        if owner.type not in (*_LISTED, _FOUND):
            yield f"{source.step} has no outputs to delete; use Training, Processing or Transform"
        elif owner.type in _LISTED and source.uris is None:
            yield f"S3Uris are needed for {source.step}, a {owner.type} step"
        elif owner.type == _FOUND and source.uris is not None:
            yield f"leave out S3Uris of {source.step}: outputs of Training steps are found"
        elif _has_vpc(owner.arguments):
            yield f"{source.step} has a VpcConfig; SageMaker can't clean up such steps"


def _has_vpc(arguments: Mapping[str, Json]) -> bool:
    network = arguments.get("NetworkConfig")
    return "VpcConfig" in arguments or (isinstance(network, Mapping) and "VpcConfig" in network)


def renamed(arguments: Json, names: Mapping[str, str]) -> Json:
    """Return the arguments with other names of steps."""
    if isinstance(arguments, Mapping):
        return {
            key: names.get(item, item)
            if key == "StepName" and isinstance(item, str)
            else renamed(item, names)
            for key, item in arguments.items()
        }
    return (
        [renamed(item, names) for item in arguments] if isinstance(arguments, list) else arguments
    )
