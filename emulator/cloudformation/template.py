"""Templates: parsing, and evaluation of intrinsic functions."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from emulator.cloudformation.errors import refused

NO_VALUE = object()
"""The value of AWS::NoValue: the property or list item that has it is removed."""

_VARIABLE = re.compile(r"\$\{([^!}][^}]*)\}")
_CONDITIONS = ("Fn::And", "Fn::Equals", "Fn::Not", "Fn::Or")

Document = Mapping[str, Any]


def parse(text: str) -> Document:
    """Parse a template: JSON, or YAML without short tags. Raise ApiError."""
    try:
        document = yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise refused(f"Template format error: {error}") from None
    if not isinstance(document, dict) or not document.get("Resources"):
        raise refused("Template format error: At least one Resources member must be defined.")
    return document


def references(value: Any) -> Iterator[str]:
    """Yield the logical ids of the resources and parameters that ``value`` refers to."""
    if isinstance(value, list):
        for item in value:
            yield from references(item)
    elif isinstance(value, dict):
        for function, operand in value.items():
            if function == "Ref" and isinstance(operand, str):
                yield operand
            elif function == "Fn::GetAtt":
                yield operand.split(".")[0] if isinstance(operand, str) else operand[0]
            elif function == "Fn::Sub":
                text = operand if isinstance(operand, str) else operand[0]
                yield from (name.split(".")[0] for name in _VARIABLE.findall(text))
            yield from references(operand)


@dataclass(frozen=True)
class Values:
    """The evaluator of a template's functions.

    ref, attribute, exported: look-ups, which raise ApiError for unknown names.
    """

    document: Document
    ref: Callable[[str], Any]
    attribute: Callable[[str, str], Any]
    exported: Callable[[str], Any]

    def resolve(self, value: Any) -> Any:
        """Return ``value`` with every function evaluated."""
        if isinstance(value, list):
            items = [self.resolve(item) for item in value]
            return [item for item in items if item is not NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            [(function, operand)] = value.items()
            if function == "Ref":
                return self.ref(operand)
            if function in _CONDITIONS:
                return self.holds(value)
            if function.startswith("Fn::"):
                return self._call(function, operand)
        found = {key: self.resolve(item) for key, item in value.items()}
        return {key: item for key, item in found.items() if item is not NO_VALUE}

    def condition(self, name: str) -> bool:
        """Whether a condition of the template holds."""
        try:
            return self.holds(self.document["Conditions"][name])
        except KeyError:
            raise refused(f"Template error: unresolved condition {name}") from None

    def holds(self, value: Any) -> bool:
        """Whether a condition expression holds."""
        [(function, operand)] = value.items()
        if function == "Condition":
            return self.condition(operand)
        if function == "Fn::Equals":
            left, right = (self.resolve(item) for item in operand)
            return str(left) == str(right)
        if function == "Fn::Not":
            return not self.holds(operand[0])
        inner = map(self.holds, operand)
        return all(inner) if function == "Fn::And" else any(inner)

    def _call(self, function: str, operand: Any) -> Any:
        if function == "Fn::GetAtt":
            name, _, attribute = (
                operand.partition(".") if isinstance(operand, str) else (operand[0], "", operand[1])
            )
            return self.attribute(name, self.resolve(attribute))
        if function == "Fn::If":
            name, then, otherwise = operand
            return self.resolve(then if self.condition(name) else otherwise)
        if function == "Fn::Sub":
            return self._substituted(operand)
        if function == "Fn::ImportValue":
            return self.exported(self.resolve(operand))
        given = self.resolve(operand)
        if function == "Fn::Join":
            return given[0].join(map(str, given[1]))
        if function == "Fn::Select":
            return given[1][int(given[0])]
        if function == "Fn::Split":
            return given[1].split(given[0])
        if function == "Fn::FindInMap":
            return self.document["Mappings"][given[0]][given[1]][given[2]]
        if function == "Fn::Base64":
            return base64.b64encode(given.encode()).decode()
        raise refused(f"Template error: {function} isn't emulated")

    def _substituted(self, operand: Any) -> str:
        text, own = (operand, {}) if isinstance(operand, str) else operand

        def value(match: re.Match[str]) -> str:
            name, _, attribute = match[1].partition(".")
            if match[1] in own:
                return str(self.resolve(own[match[1]]))
            return str(self.attribute(name, attribute) if attribute else self.ref(name))

        return _VARIABLE.sub(value, text).replace("${!", "${")
