"""Plans of definition files, with the parameter values of a local run."""

from __future__ import annotations

from collections.abc import Container, Mapping
from pathlib import Path

from local_runner.definition.model import PipelineDefinition
from local_runner.definition.parsing import parse
from local_runner.errors import DefinitionError, ParameterError
from local_runner.plan import Plan, make_plan
from local_runner.run import plan_of
from operations.errors import UsageError
from operations.local.deployment_values import PLACEHOLDERS
from operations.parameter_ranges import require_in_range
from processing.names import Parameter


def example_plan(
    definition: Path,
    parameters: Mapping[str, str],
    handlers: Mapping[str, str] | None = None,
    repeated: Mapping[str, str] | None = None,
) -> Plan:
    """Return the plan with placeholders for deployment values.

    handlers: None for a plan that isn't run, and that may contain what can't be run; parameters
    without a value then have an example of their type.
    repeated: values of an earlier execution, which ``parameters`` override.
    Raise UsageError for an invalid definition, or parameters that it or their ranges exclude.
    """
    parsed = parsed_definition(definition)
    if _has_dataset(parsed):
        require_in_range(parameters)
    deployed = PLACEHOLDERS if handlers is not None else {**_examples(parsed), **PLACEHOLDERS}
    return planned(definition, parameters, deployed, handlers, repeated)


def required_parameters(definition: Path, given: Container[str]) -> list[str]:
    """Return the parameters that have neither a default nor one of the given values."""
    parsed = parsed_definition(definition)
    known = PLACEHOLDERS if _has_dataset(parsed) else {}
    return [name for name in _examples(parsed) if name not in given and name not in known]


def _examples(definition: PipelineDefinition) -> dict[str, str]:
    """Return an example value, as text, of each parameter without a default."""
    texts = {"Boolean": "false", "Float": "0", "Integer": "0"}
    return {
        parameter.name: next(
            iter(parameter.enum_values), texts.get(parameter.type, f"<{parameter.name}>")
        )
        for parameter in definition.parameters
        if parameter.default is None
    }


def planned(
    definition: Path,
    chosen: Mapping[str, str],
    deployed: Mapping[str, str],
    handlers: Mapping[str, str] | None,
    repeated: Mapping[str, str] | None = None,
) -> Plan:
    """Return the plan with the user's values, then those repeated, then the deployment's.

    Raise UsageError.
    """
    parsed = parsed_definition(definition)
    if not _has_dataset(parsed):  # keep the defaults of another definition
        named = {parameter.name: parameter.default for parameter in parsed.parameters}
        deployed = {name: value for name, value in deployed.items() if named.get(name) is None}
    deployed = {**deployed, **(repeated or {})}
    try:
        if handlers is None:
            return make_plan(parsed, chosen, deployed)
        return plan_of(read_definition(definition), chosen, deployed, handlers)
    except DefinitionError as error:
        raise UsageError(f"{definition}: {error}") from None
    except ParameterError as error:
        raise UsageError(str(error)) from None


def parsed_definition(definition: Path) -> PipelineDefinition:
    """Return a parsed definition. Raise UsageError."""
    try:
        return parse(read_definition(definition))
    except DefinitionError as error:
        raise UsageError(f"{definition}: {error}") from None


def _has_dataset(definition: PipelineDefinition) -> bool:
    """Return whether it is a definition of this project's kind, and not another one."""
    return any(parameter.name == Parameter.DATASET_URI for parameter in definition.parameters)


def read_definition(definition: Path) -> str:
    """Return the text of a definition. Raise UsageError."""
    try:
        return definition.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{definition}: can't be read ({error})") from None
