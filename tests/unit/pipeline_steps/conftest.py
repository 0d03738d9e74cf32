"""Expressions of the definition, resolved with the defaults of the parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from local_runner.definition.expressions import Reference, resolve
from tests.support.deployed import DEPLOYED


class _Defaults:
    """A scope of the parameters' defaults; a step's property is replaced by its path."""

    def __init__(self, definition: dict[str, Any]) -> None:
        self._parameters = {
            item["Name"]: item.get("DefaultValue", DEPLOYED.get(item["Name"]))
            for item in definition["Parameters"]
        }

    def value(self, reference: Reference) -> Any:
        if reference.root == "Parameters":
            return self._parameters[reference.name]
        return ".".join(map(str, (reference.root, reference.name, *reference.rest)))

    def document(self, uri: str) -> Any:
        raise NotImplementedError(uri)


@pytest.fixture
def by_defaults(committed: dict[str, Any]) -> Callable[[Any], Any]:
    """Replace every Get and Std:Join inside a value."""
    scope = _Defaults(committed)
    return lambda value: resolve(value, scope)
