"""Markdown on the effects of a change: permissions, invalidated cache entries, cost, notes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from pipeline_diff.cache_invalidation import Cause, InvalidatedStep, Reason
from pipeline_diff.compare import Comparison
from pipeline_diff.iam_permissions import ALLOW, DENY, Grant, PermissionChange
from pipeline_diff.prices import price_table
from pipeline_diff.render.markdown_syntax import NONE, code, codes, table

_UNKNOWN = "unknown"

_REASONS: dict[Reason, str] = {
    "argument_changed": "its {} changed",
    "cache_disabled": "its cache is disabled",
    "input_runs_again": "its input from {} is produced again",
    "input_runs_every_time": "its input from {} is produced in every execution",
    "parameter_default_changed": "the default of {} changed",
    "renamed": "it was renamed from {}",
    "type_changed": "its type changed",
}


@dataclass(frozen=True)
class _Row:
    """The key of a table row, which its resources have in common."""

    gained: bool
    principal: str
    actions: str
    condition: str


def permission_table(changes: Iterable[PermissionChange]) -> Iterator[str]:
    """Yield a table with one row for the same actions on several resources."""
    rows: dict[_Row, list[str]] = {}
    for row, resource in _by_resource(changes):
        rows.setdefault(row, []).append(resource)
    return table(
        ("change", "principal", "actions", "resources", "condition"),
        (
            (
                "gained" if row.gained else "lost",
                code(row.principal),
                row.actions,
                ", ".join(map(_resource, resources)),
                code(row.condition) if row.condition else NONE,
            )
            for row, resources in rows.items()
        ),
    )


def _by_resource(changes: Iterable[PermissionChange]) -> Iterator[tuple[_Row, str]]:
    actions: dict[PermissionChange, list[str]] = {}
    for change in changes:
        without = replace(change, grant=replace(change.grant, action=""), remaining=())
        key = without if not change.remaining else change
        actions.setdefault(key, []).append(change.grant.action)
    for change, names in actions.items():
        grant = change.grant
        row = _Row(change.gained, grant.principal, _actions(change, names), grant.condition)
        yield row, grant.resource


def _remaining(wide: Grant, narrow: Grant) -> str:
    """Return the permissions that a narrower grant leaves."""
    where = "" if narrow.resource == wide.resource else f" on {code(narrow.resource)}"
    when = "" if narrow.condition == wide.condition else f" if {code(narrow.condition)}"
    return f"{code(narrow.action)}{where}{when}"


def _actions(change: PermissionChange, actions: Iterable[str]) -> str:
    remaining = dict.fromkeys(_remaining(change.grant, grant) for grant in change.remaining)
    rest = f"; still granted: {', '.join(remaining)}" if remaining else ""
    names = ", ".join(map(_action, actions))
    if change.grant.effect == ALLOW:
        return f"{names}{rest}"
    if change.grant.effect == DENY:
        return f"{names}, {'no longer denied' if change.gained else 'now denied'}{rest}"
    return f"permissions boundary {'removed' if change.gained else 'added'}"


def _action(action: str) -> str:
    return f"{code(action)} (**wildcard**)" if "*" in action else code(action)


def _resource(resource: str) -> str:
    """A resource; one that matches any name is marked."""
    name = resource.split(":", 5)[-1] if resource.startswith("arn:") else resource
    return f"{code(resource)} (**any**)" if name.split("/")[0] == "*" else code(resource)


def invalidated_step_list(steps: Iterable[InvalidatedStep]) -> Iterator[str]:
    """Yield a line for each step."""
    for step in steps:
        when = " (in every execution)" if step.every_time else ""
        yield f"* {code(step.step)}{when}: {'; '.join(map(_cause, step.causes))}"


def _cause(cause: Cause) -> str:
    return _REASONS[cause.reason].format(code(cause.name))


def cost_table(comparison: Comparison) -> Iterator[str]:
    """Yield amounts before and after with their assumptions; nothing if they are equal."""
    before, after = comparison.cost_before, comparison.cost_after
    if before == after:
        return
    yield from table(
        ("USD", "before", "after", "change"),
        (
            ("all steps run", *_amounts(before.without_cache, after.without_cache)),
            ("cached steps are reused", *_amounts(before.with_cache, after.with_cache)),
        ),
    )
    assumed = {**before.assumed_seconds, **after.assumed_seconds}
    seconds = ", ".join(f"{name} {number}" for name, number in assumed.items())
    prices = price_table()
    yield f"* Assumed billed seconds: {seconds}. Prices as of {prices.as_of}: {prices.source}."
    for words, names in (
        (
            "Not included, because no duration is assumed",
            (*before.unestimated_steps, *after.unestimated_steps),
        ),
        ("On spot instances, at the on-demand price", (*before.spot_steps, *after.spot_steps)),
    ):
        if names:
            yield f"* {words}: {codes(dict.fromkeys(names))}."
    for reason in dict.fromkeys((*before.unknown_prices, *after.unknown_prices)):
        yield f"* Unknown: {reason}."


def _amounts(before: float | None, after: float | None) -> tuple[str, str, str]:
    one, other = (_UNKNOWN if usd is None else f"{usd:.4f}" for usd in (before, after))
    if before is None or after is None or one == other:
        return one, other, NONE
    return one, other, f"{after - before:+.4f}"


def notes(comparison: Comparison) -> Iterator[str]:
    """Yield what the comparison can't cover."""
    if names := comparison.parameters_not_compared:
        yield f"* Not compared, because one side leaves them to the deployment: {codes(names)}."
    if comparison.permissions is None:
        yield "* Permissions are compared only if both sides are templates."
    if names := comparison.unset_parameters:
        yield (
            f"* Set by the deployment or by each execution: {codes(names)}. If a value changes, "
            "the steps that use it run again."
        )
