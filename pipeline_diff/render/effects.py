"""What comes of a change, as Markdown: permissions, steps that run again, money."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from pipeline_diff.cache_invalidation import Reason, Rerun
from pipeline_diff.compare import Comparison
from pipeline_diff.iam_permissions import (
    ALLOW,
    DENY,
    Grant,
    PermissionChange,
)
from pipeline_diff.prices import AS_OF, SOURCE
from pipeline_diff.render.markdown_syntax import (
    NONE,
    code,
    codes,
    table,
)

_NOT_KNOWN = "not known"


@dataclass(frozen=True)
class _Row:
    """What resources share that stand in one row."""

    gained: bool
    who: str
    may: str
    condition: str


def permissions(changes: Iterable[PermissionChange]) -> Iterator[str]:
    """A table; actions on the same resource share a row, and resources of the same actions."""
    rows: dict[_Row, list[str]] = {}
    for row, resource in _by_resource(changes):
        rows.setdefault(row, []).append(resource)
    return table(
        ("", "who", "may", "on", "if"),
        (
            (
                "gained" if row.gained else "lost",
                code(row.who),
                row.may,
                ", ".join(map(_resource, resources)),
                code(row.condition) if row.condition else NONE,
            )
            for row, resources in rows.items()
        ),
    )


def _by_resource(changes: Iterable[PermissionChange]) -> Iterator[tuple[_Row, str]]:
    actions: dict[PermissionChange, list[str]] = {}
    for change in changes:
        without = replace(change, grant=replace(change.grant, action=""), kept=())
        key = without if not change.kept else change
        actions.setdefault(key, []).append(change.grant.action)
    for change, names in actions.items():
        it = change.grant
        yield _Row(change.gained, it.who, _may(change, names), it.condition), it.resource


def _left(wide: Grant, narrow: Grant) -> str:
    """What a narrower grant leaves, in its own words."""
    where = "" if narrow.resource == wide.resource else f" on {code(narrow.resource)}"
    when = "" if narrow.condition == wide.condition else f" if {code(narrow.condition)}"
    return f"{code(narrow.action)}{where}{when}"


def _may(change: PermissionChange, actions: Iterable[str]) -> str:
    kept = dict.fromkeys(_left(change.grant, grant) for grant in change.kept)
    left = f"; of it stays {', '.join(kept)}" if kept else ""
    named = ", ".join(map(_action, actions))
    if change.grant.effect == ALLOW:
        return f"{named}{left}"
    if change.grant.effect == DENY:
        return f"{named}, {'no longer denied' if change.gained else 'now denied'}{left}"
    return "no longer bounded by" if change.gained else "now bounded by"


def _action(action: str) -> str:
    return f"{code(action)} (**wildcard**)" if "*" in action else code(action)


def _resource(resource: str) -> str:
    """A resource; one that isn't limited to any name is marked."""
    name = resource.split(":", 5)[-1] if resource.startswith("arn:") else resource
    return f"{code(resource)} (**any**)" if name.split("/")[0] == "*" else code(resource)


def reruns(found: Iterable[Rerun]) -> Iterator[str]:
    """One line a step."""
    for rerun in found:
        when = " (every time)" if rerun.always else ""
        yield f"* {code(rerun.step)}{when}: {'; '.join(map(_reason, rerun.reasons))}"


def _reason(reason: Reason) -> str:
    return reason.words.format(code(reason.name))


def cost(it: Comparison) -> Iterator[str]:
    """Both amounts before and after, and what they rest on; nothing if nothing differs."""
    before, after = it.cost_before, it.cost_after
    if before == after:
        return
    yield from table(
        ("USD", "before", "after", "change"),
        (
            ("every step runs", *_amounts(before.cold, after.cold)),
            ("with what the cache still holds", *_amounts(before.warm, after.warm)),
        ),
    )
    assumed = {**before.seconds, **after.seconds}
    seconds = ", ".join(f"{name} {number}" for name, number in assumed.items())
    yield f"* Assumed billed seconds: {seconds}. Prices as of {AS_OF}: {SOURCE}."
    for words, names in (
        ("Not counted, for want of an assumption", (*before.left_out, *after.left_out)),
        ("On spare capacity, but counted at the full price", (*before.spot, *after.spot)),
    ):
        if names:
            yield f"* {words}: {codes(dict.fromkeys(names))}."
    for reason in dict.fromkeys((*before.unpriced, *after.unpriced)):
        yield f"* Not known: {reason}."


def _amounts(before: float | None, after: float | None) -> tuple[str, str, str]:
    one, other = (_NOT_KNOWN if usd is None else f"{usd:.4f}" for usd in (before, after))
    if before is None or after is None or one == other:
        return one, other, NONE
    return one, other, f"{after - before:+.4f}"


def notes(it: Comparison) -> Iterator[str]:
    """What the report can't tell."""
    if it.filled:
        yield f"* One side leaves {codes(it.filled)} to the deployment; these aren't compared."
    if it.permissions is None:
        yield "* Permissions are told only where both sides are templates."
    if it.open_parameters:
        yield (
            f"* The deployment sets {codes(it.open_parameters)}; where a value changes there, the "
            "steps that use it run again."
        )
