"""Results that an execution reuses: the parameter values that they were made with."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

from local_runner.definition.expressions import as_text
from local_runner.plan import Plan
from local_runner.selection import Selection, changed_parameters, outdated_results
from operations.errors import CliError, UsageError
from operations.local.deployment_values import chosen_values
from processing.names import Parameter


def require_partial(selection: Selection, reuse: str | None) -> None:
    """Raise UsageError if results are to be reused although no steps are selected."""
    if reuse and not selection.is_partial:
        raise UsageError("--reuse must be combined with --only, --from or --until")


def require_none_missing(execution_id: str, missing: Sequence[str]) -> None:
    """Raise CliError for steps whose results the execution to reuse doesn't have."""
    if missing:
        raise CliError(
            f"execution {execution_id} doesn't have the results of {listed(missing)}, which the "
            "selected steps need; choose another one, or select these steps too"
        )


def no_results(executions: str, needed: Sequence[str]) -> CliError:
    """Return the error for results that none of the described executions has."""
    return CliError(
        f"no {executions} has the results of {listed(needed)}, which the selected steps need; "
        "select these steps too, or give an execution with --reuse"
    )


def kept_values(plan: Plan, chosen: Container[str]) -> tuple[dict[str, str], str]:
    """Return the values that the plan's reused results were made with, and a note of changes.

    chosen: the parameters whose values the user has given.
    """
    values = {name: it for name, it in _values_of_results(plan).items() if name not in chosen}
    changed = [
        f"{name}={value}"
        for name, value in values.items()
        if name in plan.parameters and value != as_text(plan.parameters[name])
    ]
    return values, f"parameters of the reused results: {', '.join(changed)}" if changed else ""


def reuse_warnings(plan: Plan, *, code: bool = True) -> Iterator[str]:
    """Yield what makes reused results differ from those that the steps would have now.

    code: whether to compare the code.
    """
    for name, running in outdated_results(plan).items():
        yield f"{name} is reused, although {listed(running)}, which it depends on, runs again"
    for changed in changed_parameters(plan):
        if changed.name == Parameter.COMMIT:  # the file with the code has another name too
            continue
        steps = listed(changed.steps)
        if changed.name == Parameter.CODE_FILE:
            if not code:
                continue
            yield f"the code has changed since {steps} ran"
        else:
            before = " and ".join(map(str, changed.before))
            yield f"{changed.name} is {changed.now}, but was {before} when {steps} ran"


def listed(names: Sequence[str]) -> str:
    """Return the names as text, with "and" before the last."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def _values_of_results(plan: Plan) -> dict[str, str]:
    """Return the parameter values that the reused results were made with, where they agree.

    Those that a deployment sets are left out: the steps that run use the current code.
    """
    found: dict[str, set[str]] = {}
    for record in plan.reused.values():
        for name, values in record.parameters.items():
            found.setdefault(name, set()).update(map(as_text, values))
    agreed = {name: values.pop() for name, values in found.items() if len(values) == 1}
    return {name: agreed[name] for name in chosen_values(plan.parameters) if name in agreed}
