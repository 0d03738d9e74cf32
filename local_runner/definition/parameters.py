"""What a pipeline's parameters are set to: checked by name, type and enumeration."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from local_runner.definition.model import PARAMETER_TYPES, Parameter
from local_runner.errors import ParameterError

Value = str | int | float | bool


def values(
    parameters: Iterable[Parameter], given: Mapping[str, str], deployed: Mapping[str, str]
) -> dict[str, Value]:
    """Each parameter's value by name: what was given, else what was deployed, else its default.

    given: what the user chose, as text. deployed: what a deployment would have set as defaults;
    here a name that isn't a parameter is passed over.
    Raises ParameterError, naming the parameter.
    """
    found = {
        parameter.name: _value(parameter, given.get(parameter.name, deployed.get(parameter.name)))
        for parameter in parameters
    }
    if unknown := sorted(given.keys() - found.keys()):
        raise ParameterError(
            f"there is no parameter {unknown[0]!r}; the definition has {', '.join(found)}"
        )
    return found


def _value(parameter: Parameter, text: str | None) -> Value:
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
            f"parameter {parameter.name} must be of type {parameter.type}, not {raw!r}"
        ) from None
    if parameter.enum_values and str(value) not in parameter.enum_values:
        raise ParameterError(
            f"parameter {parameter.name} must be one of {', '.join(parameter.enum_values)}, "
            f"not {value!r}"
        )
    return value
