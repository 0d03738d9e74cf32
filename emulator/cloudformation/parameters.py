"""Values of a template's parameters: from the request, the previous values, or defaults."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from emulator.clients import Clients, Place
from emulator.cloudformation.errors import refused
from emulator.cloudformation.template import Document
from emulator.service import ApiError

_FROM_SSM = "AWS::SSM::Parameter::Value<"


def values(
    document: Document,
    given: Sequence[Mapping[str, Any]],
    before: Mapping[str, Any],
    clients: Clients,
    place: Place,
) -> dict[str, Any]:
    """Return the parameters' values by name. Raise ApiError for an invalid or missing one."""
    requested = {item["ParameterKey"]: item for item in given}
    declared = document.get("Parameters", {})
    if unknown := sorted(requested.keys() - declared.keys()):
        raise refused(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    found, missing = {}, []
    for name, parameter in declared.items():
        text = _text(requested.get(name, {}), parameter, before.get(name))
        if text is None:
            missing.append(name)
        else:
            found[name] = _value(name, parameter, text, clients, place)
    if missing:
        raise refused(f"Parameters: [{', '.join(missing)}] must have values")
    return found


def as_text(value: Any) -> str:
    """Return a parameter's value as in the API."""
    return ",".join(value) if isinstance(value, list) else str(value)


def _text(given: Mapping[str, Any], parameter: Mapping[str, Any], before: Any) -> str | None:
    is_from_ssm = parameter["Type"].startswith(_FROM_SSM)  # looked up every time
    if given.get("UsePreviousValue") and before is not None and not is_from_ssm:
        return as_text(before)
    if "ParameterValue" in given:
        return str(given["ParameterValue"])
    return str(parameter["Default"]) if "Default" in parameter else None


def _value(
    name: str, parameter: Mapping[str, Any], text: str, clients: Clients, place: Place
) -> Any:
    kind = parameter["Type"]
    allowed = [str(item) for item in parameter.get("AllowedValues", [text])]
    if text not in allowed:
        raise refused(f"Parameter '{name}' must be one of AllowedValues")
    pattern = parameter.get("AllowedPattern")
    if pattern and not re.fullmatch(pattern, text):
        raise refused(f"Parameter {name} failed to satisfy constraint: must match {pattern}")
    if kind.startswith(_FROM_SSM):
        return _from_ssm(text, clients, place)
    if kind == "CommaDelimitedList" or kind.startswith("List<"):
        return text.split(",") if text else []
    return text


def _from_ssm(name: str, clients: Clients, place: Place) -> str:
    found = clients("ssm", place).get_parameters(Names=[name])["Parameters"]
    if not found:
        raise ApiError(
            "ValidationError",
            f"Unable to fetch parameters [{name}] from parameter store for this account.",
        )
    return str(found[0]["Value"])
