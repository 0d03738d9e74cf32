"""The parameters to tune and their ranges: those of the user, else those of the project."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from local_runner.definition.expressions import as_text
from local_runner.definition.model import Parameter as DefinedParameter
from local_runner.definition.suggestions import known_names
from operations.errors import UsageError
from operations.local.deployment_values import DEPLOYED
from operations.parameter_ranges import require_in_range
from processing.names import Parameter, Step

_RANGES = Path(__file__).resolve().parents[3] / "pipeline_steps" / "tuning_ranges.json"
_NUMBERS = ("Integer", "Float")
_SYNTAX = "NAME=LOW..HIGH, NAME=LOW..HIGH:log or NAME=CHOICE,CHOICE"
_BETWEEN, _LOG = "..", ":log"
_DIGITS = 4

_DATA = (
    *(Parameter.DATASET_URI, Parameter.TEXT_COLUMN, Parameter.LABEL_COLUMN, Parameter.ID_COLUMN),
    *(Parameter.POSITIVE_LABEL, Parameter.TEST_FRACTION, Parameter.VALIDATION_FRACTION),
)
_RESOURCES = ("InstanceType", "InstanceCount")

Value = int | float | str


@dataclass(frozen=True)
class NumberRange:
    """The numbers from ``low`` to ``high``; is_log: small ones are tried as often as large ones."""

    name: str
    low: float
    high: float
    is_integer: bool
    is_log: bool = False

    def value(self, drawn: float) -> int | float:
        """Return the value for a number drawn from the range: integers, or four digits.

        >>> NumberRange("Eta", 0.03, 0.3, False).value(0.123456)
        0.1235
        """
        if self.is_integer:
            return int(drawn)
        return min(max(float(f"{drawn:.{_DIGITS}g}"), self.low), self.high)

    def contains(self, value: object) -> bool:
        """Return whether the value of a parameter is in the range."""
        return isinstance(value, int | float) and self.low <= value <= self.high

    def __str__(self) -> str:
        suffix = _LOG if self.is_log else ""
        return f"{as_text(self.low)}{_BETWEEN}{as_text(self.high)}{suffix}"


@dataclass(frozen=True)
class Choices:
    """The values to choose from, as texts."""

    name: str
    values: tuple[str, ...]

    def contains(self, value: object) -> bool:
        """Return whether the value of a parameter is one of them."""
        return as_text(value) in self.values

    def __str__(self) -> str:
        return ",".join(self.values)


Range = NumberRange | Choices


def ranges_of(
    given: Sequence[str],
    fixed: Iterable[str],
    parameters: Mapping[str, DefinedParameter],
    used: Collection[str],
) -> tuple[Range, ...]:
    """Return the ranges to search, by parameter in the definition's order.

    given: as the user wrote them; without any, those of the project, except the parameters whose
    values are ``fixed``. parameters: of the definition, by name. used: those of the steps that
    determine the metric. Raise UsageError.
    """
    fixed = set(fixed)
    if not given:
        names = [name for name in default_ranges() if name in parameters and name not in fixed]
        given = names
    found: dict[str, Range] = {}
    for text in given:
        item = _parsed(text, parameters, used)
        if item.name in found:
            raise UsageError(f"--range {item.name} is given twice; give it once")
        if item.name in fixed:
            raise UsageError(
                f"{item.name} has a range and a value; remove --range {text} or its --parameter"
            )
        found[item.name] = item
    if not found:
        raise UsageError(f"no parameter is left to tune; give a --range {_SYNTAX}")
    return tuple(found[name] for name in parameters if name in found)


def default_ranges() -> dict[str, str]:
    """Return the ranges of ``tuning_ranges.json`` as the option takes them, by parameter."""
    try:
        ranges = json.loads(_RANGES.read_text(encoding="utf-8"))
        return {
            name: f"{it['minimum']}{_BETWEEN}{it['maximum']}{_LOG * (it.get('scale') == 'log')}"
            for name, it in ranges.items()
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{_RANGES}: not an object of ranges ({error})") from None


def is_of_model(name: str) -> bool:
    """Return whether a parameter belongs into a preset: it is neither data, seed nor machine."""
    data = {*_DATA, Parameter.SEED} - {Parameter.VALIDATION_FRACTION}
    return name not in DEPLOYED and name not in data and not name.endswith(_RESOURCES)


def _parsed(text: str, parameters: Mapping[str, DefinedParameter], used: Collection[str]) -> Range:
    name, equals, values = text.partition("=")
    parameter = parameters.get(name)
    if parameter is None:
        known = known_names(name, parameters)
        raise UsageError(f"--range: the definition has no parameter {name!r}; {known}")
    _require_tunable(name, used)
    if not equals:
        if name not in default_ranges():
            raise UsageError(f"--range {name}: it has no default range; give {_SYNTAX}")
        values = default_ranges()[name]
    if _BETWEEN in values and parameter.type in _NUMBERS:
        return _numbers(text, parameter, values)
    return _choices(text, parameter, values)


def _require_tunable(name: str, used: Collection[str]) -> None:
    """Raise UsageError for a parameter that can't be tuned."""
    if name in DEPLOYED:
        reason = "a deployment sets it"
    elif name == Parameter.SEED:
        reason = "results of one seed are luck; --seeds N averages several"
    elif name in _DATA:
        reason = "it changes the reviews that trials are compared on; fix it with --parameter"
    elif name == Parameter.EVAL_METRIC:
        reason = "it decides what trials are compared by; choose with --metric"
    elif name.endswith(_RESOURCES):
        reason = "it sets the machines of jobs, not the model"
    elif name not in used:
        reason = f"no step until {Step.TRAIN} uses it, so it doesn't change the metric"
    else:
        return
    raise UsageError(f"{name} can't be tuned: {reason}")


def _numbers(text: str, parameter: DefinedParameter, values: str) -> NumberRange:
    low, _, high = values.removesuffix(_LOG).partition(_BETWEEN)
    is_integer, is_log = parameter.type == "Integer", values.endswith(_LOG)
    require_in_range({parameter.name: low})
    require_in_range({parameter.name: high})
    try:
        kind = int if is_integer else float
        bounds = kind(low), kind(high)
    except ValueError:
        noun = "integers" if is_integer else "numbers"
        raise UsageError(
            f"--range {text}: the bounds must be {noun}; give {parameter.name}=LOW..HIGH or "
            f"{parameter.name}=LOW..HIGH:log"
        ) from None
    if not bounds[0] < bounds[1]:
        raise UsageError(
            f"--range {text}: the first bound must be less than the second; give "
            f"{parameter.name}={high}..{low}"
            if bounds[0] > bounds[1]
            else f"--range {text}: the bounds are equal; fix it with "
            f"--parameter {parameter.name}={low}"
        )
    if is_log and bounds[0] <= 0:
        raise UsageError(f"--range {text}: a logarithmic range must begin above 0")
    return NumberRange(parameter.name, *bounds, is_integer, is_log)


def _choices(text: str, parameter: DefinedParameter, values: str) -> Choices:
    choices = tuple(dict.fromkeys(values.split(",")))
    if len(choices) < 2:
        raise UsageError(
            f"--range {text}: give {_SYNTAX}, or fix it with --parameter {parameter.name}=VALUE"
        )
    for choice in choices:
        if parameter.enum_values and choice not in parameter.enum_values:
            raise UsageError(
                f"--range {text}: {parameter.name} must be one of "
                f"{', '.join(parameter.enum_values)}, got {choice!r}"
            )
        require_in_range({parameter.name: choice})
    return Choices(parameter.name, choices)
