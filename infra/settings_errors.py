"""Parsing of settings: every error is one line that names the place and the setting."""

from __future__ import annotations

import difflib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from pydantic import ValidationError

from pipeline_steps.ranges import interval
from pipeline_steps.settings import FrozenSettings

_NULL = {"type": "null"}

Model = TypeVar("Model", bound=FrozenSettings)


class SettingsError(Exception):
    """A setting in cdk.json is wrong; the message names it and the remedy."""


@contextmanager
def exit_with_settings_error() -> Iterator[None]:
    """Print a SettingsError on stderr and exit with 2, wrong usage."""
    try:
        yield
    except SettingsError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)


def parse(model: type[Model], values: Any, where: str, **fixed: Any) -> Model:
    """Return the settings of an object in cdk.json.

    where: the place of the object, with which each message begins. fixed: fields that aren't
    settings. Raise SettingsError.
    """
    if not isinstance(values, Mapping):
        raise SettingsError(f"{where}: must be an object of settings, got {_shown(values)}")
    known = model.model_fields.keys() - fixed.keys()
    for name in sorted(values.keys() - known):
        raise SettingsError(f"{where}: unknown setting {name!r}{_suggestion(name, known)}")
    try:
        settings = model.model_validate({**values, **fixed})
    except ValidationError as error:
        message = _message(model, error.errors(include_url=False)[0])
        raise SettingsError(f"{where}: {message}") from None
    _validate_use(settings, values, where)
    return settings


def _validate_use(settings: FrozenSettings, given: Mapping[str, Any], where: str) -> None:
    """Refuse settings in cdk.json that have no effect, because of others. Raise SettingsError."""
    properties = settings.model_json_schema()["properties"]
    for name in sorted(given):
        other, wanted = properties[name].get("used_with", (None, None))
        if other is None or given[name] is None:
            continue
        found = getattr(settings, other)
        if (found != wanted) if wanted is not None else not found:
            value = "" if wanted is None else f" {_shown(wanted)}"
            raise SettingsError(
                f"{where}: {name} has no effect without {other}{value}; set both or neither"
            )


def expected(schema: Mapping[str, Any]) -> str:
    """Return the words for the values that a field's JSON schema accepts.

    >>> expected({"type": "integer", "minimum": 1})
    'an integer >= 1'
    >>> expected({"anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, {"type": "null"}]})
    'a number from 0 to 1'
    """
    if "expected" in schema:
        return str(schema["expected"])
    if "$ref" in schema:
        return "an object of settings"
    if "anyOf" in schema:
        return " or ".join(map(expected, (s for s in schema["anyOf"] if s != _NULL)))
    if "enum" in schema:
        return f"one of {', '.join(_shown(value) for value in schema['enum'])}"
    if schema["type"] == "array":
        least, most = schema["minItems"], schema["maxItems"]
        return f"a list of {least} to {most}, each {expected(schema['items'])}"
    kinds = {"boolean": "true or false", "integer": "an integer", "number": "a number"}
    kind = kinds.get(schema["type"], schema["type"])
    return interval(kind, schema)


def _message(model: type[FrozenSettings], error: Mapping[str, Any]) -> str:
    if not error["loc"]:
        return str(error["ctx"]["error"])
    *parents, name = error["loc"]
    found: Mapping[str, Any] = model.model_json_schema()
    definitions = found.get("$defs", {})
    for part in parents:
        found = _inner(found, part, definitions)
    path = _path(error["loc"])
    if error["type"] == "missing":
        return f"{path} is required"
    if error["type"] == "extra_forbidden":
        known = set(_object(found, definitions)["properties"])
        return f"unknown setting {path!r}{_suggestion(name, known)}"
    # A validator's own error says more than the field's words.
    reason = str(error.get("ctx", {}).get("error", ""))
    found = _inner(found, name, definitions)
    if reason and "properties" in _object(found, definitions):  # of several of its settings
        return f"{path}: {reason}"
    message = f"{path} must be {expected(found)}, got {_shown(error['input'])}"
    return f"{message}: {reason}" if reason else message


def _path(location: Sequence[str | int]) -> str:
    """Return the place of a value as one writes it.

    >>> _path(("endpoint", "serverless")), _path(("subnets", 1))
    ('endpoint.serverless', 'subnets[1]')
    """
    first, *rest = location
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in rest)
    return f"{first}{''.join(parts)}"


def _inner(
    schema: Mapping[str, Any], part: str | int, definitions: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Return the schema of an item of a list, or of a field of an object."""
    schema = _object(schema, definitions)
    inner: Mapping[str, Any] = schema["items" if isinstance(part, int) else "properties"]
    return inner if isinstance(part, int) else inner[part]


def _object(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schema without the alternative null, and with what it refers to."""
    [schema] = [item for item in schema.get("anyOf", [schema]) if item != _NULL]
    if "$ref" in schema:
        return definitions[schema["$ref"].rpartition("/")[2]]  # type: ignore[no-any-return]
    return schema


def _suggestion(name: str, known: set[str]) -> str:
    nearest = difflib.get_close_matches(name, sorted(known), n=1)
    return f"; did you mean {nearest[0]!r}?" if nearest else "; docs/settings.md lists all settings"


def _shown(value: Any) -> str:
    """The value as cdk.json writes it, a string in single quotes."""
    return repr(value) if isinstance(value, str) else json.dumps(value)
