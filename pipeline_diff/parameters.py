"""Changes of pipeline parameters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from local_runner.definition.expressions import references
from local_runner.definition.model import Parameter
from pipeline_diff.cache_invalidation import CacheState
from pipeline_diff.values import same


@dataclass(frozen=True)
class ParameterChange:
    """A changed parameter; ``old`` or ``new`` is None on the side that doesn't have it.

    used_by: the steps that refer to it on either side, in the definition's order.
    """

    name: str
    old: Parameter | None
    new: Parameter | None
    used_by: tuple[str, ...]


def parameter_changes(old: CacheState, new: CacheState) -> Iterator[ParameterChange]:
    """Yield changed and new parameters in the new order, then removed ones."""
    earlier = {parameter.name: parameter for parameter in old.pipeline.definition.parameters}
    later = {parameter.name: parameter for parameter in new.pipeline.definition.parameters}
    for name in dict.fromkeys(chain(later, earlier)):
        before, after = earlier.get(name), later.get(name)
        if before is None or after is None or not _same_parameter(before, after):
            yield ParameterChange(name, before, after, tuple(_users(name, old, new)))


def _same_parameter(one: Parameter, other: Parameter) -> bool:
    return (one.type, one.enum_values) == (other.type, other.enum_values) and same(
        one.default, other.default
    )


def _users(parameter: str, old: CacheState, new: CacheState) -> Iterator[str]:
    for name in dict.fromkeys(chain(new.steps, old.steps)):
        placed = [state.steps[name] for state in (new, old) if name in state.steps]
        if any(
            reference.root == "Parameters" and reference.name == parameter
            for step in placed
            for reference in references(step.arguments)
        ):
            yield name
