"""Values of a pipeline's parameters, checked by name, type and enumeration."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from local_runner.definition.expressions import Reference
from local_runner.definition.model import PARAMETER_TYPES, Json, Parameter
from local_runner.definition.suggestions import known_names
from local_runner.errors import DefinitionError, ParameterError

ParameterValue = str | int | float | bool


@dataclass(frozen=True)
class DefaultsScope:
    """A scope before any execution: parameters have their defaults, the rest is ``unknown``."""

    defaults: Mapping[str, Json]
    unknown: str = ""

    @classmethod
    def of(cls, parameters: Iterable[Parameter], unknown: str = "") -> DefaultsScope:
        """Return the scope of the parameters' defaults; None for one without a default."""
        return cls({parameter.name: parameter.default for parameter in parameters}, unknown)

    def value(self, reference: Reference) -> Json:
        """Return the parameter's default, or ``unknown``."""
        is_parameter = reference.root == "Parameters"
        return self.defaults.get(reference.name) if is_parameter else self.unknown

    def document(self, uri: str) -> Json:
        """Raise DefinitionError: the content of objects is known only in an execution."""
        raise DefinitionError(f"the content of {uri} isn't known before the execution")


def parameter_values(
    parameters: Iterable[Parameter], given: Mapping[str, str], deployed: Mapping[str, str]
) -> dict[str, ParameterValue]:
    """Return each parameter's value: the given one, else the deployed one, else its default.

    given: the user's choices, as text. deployed: the defaults that a deployment would set; names
    that aren't parameters of the definition are ignored.
    Raise ParameterError, naming the parameter.
    """
    found = {
        parameter.name: _value(parameter, given.get(parameter.name, deployed.get(parameter.name)))
        for parameter in parameters
    }
    if unknown := sorted(given.keys() - found.keys()):
        raise ParameterError(
            f"the definition has no parameter {unknown[0]!r}; {known_names(unknown[0], found)}"
        )
    return found


def _value(parameter: Parameter, text: str | None) -> ParameterValue:
    kind = PARAMETER_TYPES[parameter.type]
    raw = parameter.default if text is None else text
    if raw is None:
        raise ParameterError(f"parameter {parameter.name} has no default; give it a value")
    if kind is bool and isinstance(raw, str):
        raw = {"true": True, "false": False}.get(raw.lower(), raw)
    try:
        if (kind is bool) != isinstance(raw, bool):
            raise ValueError
        value = kind(raw)
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError
    except (TypeError, ValueError):
        raise ParameterError(
            f"parameter {parameter.name} must be of type {parameter.type}, got {raw!r}"
        ) from None
    if parameter.enum_values and str(value) not in parameter.enum_values:
        raise ParameterError(
            f"parameter {parameter.name} must be one of {', '.join(parameter.enum_values)}, "
            f"got {value!r}"
        )
    return value
