"""Shell completion of values: presets, parameters, steps, executions, environments, files.

`click` completes commands, options, and values of the type Path itself. These functions read the
committed definitions, ``cdk.json`` and the work folder: nothing is requested from AWS.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem


def complete_presets(
    _context: click.Context, _option: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the presets."""
    from operations.presets import preset_names

    return _matching(preset_names(), incomplete)


def complete_environments(
    _context: click.Context, _option: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the environments in cdk.json."""
    from operations.environments import environment_names

    return _matching(environment_names(), incomplete)


def complete_parameters(
    context: click.Context, _option: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the parameters as ``NAME=``; after that, the values of an enumeration."""
    parameters = {found["Name"]: found for found in _definition(context).get("Parameters", ())}
    name, equals, _ = incomplete.partition("=")
    if equals:
        values = parameters.get(name, {}).get("EnumValues", ())
        return _matching([f"{name}={value}" for value in values], incomplete)
    return [
        CompletionItem(f"{it}=", help=f"{found['Type']}, default {found.get('DefaultValue', '-')}")
        for it, found in parameters.items()
        if it.startswith(incomplete)
    ]


def complete_ranges(
    _context: click.Context, _option: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the parameters with a default range, with that range."""
    from operations.local.tuning.space import default_ranges

    found = [f"{name}={values}" for name, values in default_ranges().items()]
    return _matching(found, incomplete)


def complete_steps(
    context: click.Context, _argument: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the steps, those of branches too; of `logs`, those of the local execution."""
    names = _planned_steps(context) if context.info_name == "logs" else []
    return _matching(names or _step_names(_definition(context).get("Steps", ())), incomplete)


def complete_executions(
    context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the IDs of the executions in the work folder, newest first; none on AWS."""
    from local_runner.workdir import Workdir

    is_for_both = any(parameter.name == "workdir" for parameter in context.command.params)
    if is_for_both and context.params.get("environment"):
        return []
    return _matching(Workdir(_workdir(context)).executions.ids(), incomplete)


def complete_versions(
    context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the numbers of the model versions in the work folder, newest first; none on AWS."""
    from local_runner.errors import LocalRunnerError
    from local_runner.workdir import Workdir
    from operations.local.deployment_values import GROUP

    if context.params.get("environment"):
        return []
    try:
        versions = Workdir(_workdir(context)).registry.versions(GROUP)
    except LocalRunnerError:
        return []
    return [
        CompletionItem(number, help=version.get("ModelApprovalStatus"))
        for version in reversed(versions)
        if (number := str(version["ModelPackageVersion"])).startswith(incomplete)
    ]


def complete_metrics(
    _context: click.Context, _option: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return what executions can be sorted by: times, and the metrics of the quality gate."""
    from processing.names import GATE_METRICS

    return _matching(("started", "duration", *GATE_METRICS), incomplete)


def complete_files(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Let the shell complete files and folders."""
    return [CompletionItem(incomplete, type="file")]


def _matching(values: Iterable[str], incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(value) for value in values if value.startswith(incomplete)]


def _workdir(context: click.Context) -> Path:
    from operations.program import WORKDIR

    return context.params.get("workdir") or WORKDIR


def _planned_steps(context: click.Context) -> list[str]:
    """Return the steps of a local execution, by default the newest; none of one on AWS."""
    from local_runner.errors import LocalRunnerError
    from local_runner.workdir import Workdir
    from operations.command_line.target import LocalTarget, TargetOptions
    from operations.errors import CliError
    from operations.local.executions import find_execution

    wanted = context.params.get("execution")
    try:
        match TargetOptions.of(context.params).target(wanted):
            case LocalTarget(workdir, scoring):
                found = find_execution(Workdir(workdir.resolve()), wanted, scoring=scoring)
                return found.planned
    except (CliError, LocalRunnerError):
        pass
    return []


def _definition(context: click.Context) -> Any:
    """The definition that the command is given, else the committed one of its pipeline."""
    from operations.options import DEFINITION, SCORE_DEFINITION

    is_scoring = context.info_name == "score" or context.params.get("scoring")
    path = context.params.get("definition") or (SCORE_DEFINITION if is_scoring else DEFINITION)
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _step_names(steps: Any) -> Iterable[str]:
    for step in steps:
        yield step["Name"]
        for branch in ("IfSteps", "ElseSteps"):
            yield from _step_names(step.get("Arguments", {}).get(branch, ()))
