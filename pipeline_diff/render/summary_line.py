"""A comparison in one line, the most important changes first."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline_diff.compare import Comparison, StepChange
from pipeline_diff.parameters import ParameterChange
from pipeline_diff.render.attribute_labels import attribute_label
from pipeline_diff.render.markdown_syntax import code

_VPC = "VPC "
_MIN_USD = 0.00005


def summary_line(comparison: Comparison) -> str:
    """Return the line, without a full stop."""
    if not comparison.old_exists:
        return "New pipeline"
    if not comparison.new_exists:
        return "Removed pipeline"
    if not comparison.differs:
        # Those of a stack are compared with its training pipeline.
        has_permissions = comparison.permissions is not None and not comparison.is_scoring
        return f"No changes to the pipeline{' or its permissions' if has_permissions else ''}"
    return ", ".join(_parts(comparison))


def _parts(comparison: Comparison) -> Iterator[str]:
    yield from _weakened_protections(comparison)
    kinds = [_kind_of_step(change) for change in comparison.steps]
    for kind in ("added", "removed", "renamed", "rewired", "changed"):
        if number := kinds.count(kind):
            yield f"{_counted(number, 'step')} {kind}"
    if comparison.conditions:
        yield f"{_counted(len(comparison.conditions), 'condition')} changed"
    parameters = [_kind_of_parameter(change) for change in comparison.parameters]
    for kind in ("added", "removed", "changed"):
        if number := parameters.count(kind):
            yield f"{_counted(number, 'parameter')} {kind}"
    if comparison.tracking_server_before != comparison.tracking_server_after:
        yield "MLflow tracking server changed"
    for gained, word in ((True, "gained"), (False, "lost")):
        permissions = comparison.permissions or ()
        if number := sum(change.gained is gained for change in permissions):
            yield f"{_counted(number, 'permission')} {word}"
    if number := len(comparison.invalidated_steps):
        yield f"{_counted(number, 'cached step')} {'runs' if number == 1 else 'run'} again"
    yield from _cost(comparison)
    if comparison.endpoint_before != comparison.endpoint_after:
        yield "endpoint changed"


def _weakened_protections(comparison: Comparison) -> Iterator[str]:
    """Yield each removed protection with the steps that lose it."""
    steps: dict[str, list[str]] = {}
    for change in comparison.steps:
        for attribute in change.attributes:
            if attribute.weakens_protection:
                label = attribute_label(attribute.path)[0].removesuffix(" of {}")
                label = "VPC configuration" if label.startswith(_VPC) else label
                steps.setdefault(label, []).append(code(change.name_after or ""))
    for label, names in steps.items():
        unique = list(dict.fromkeys(names))
        who = f"{unique[0]} loses" if len(unique) == 1 else f"{len(unique)} steps lose"
        yield f"{who} {label}"


def _kind_of_step(change: StepChange) -> str:
    if change.name_before is None:
        return "added"
    if change.name_after is None:
        return "removed"
    if change.name_before != change.name_after:
        return "renamed"
    return "rewired" if change.is_rewired else "changed"


def _kind_of_parameter(change: ParameterChange) -> str:
    if change.old is None:
        return "added"
    return "changed" if change.new else "removed"


def _cost(comparison: Comparison) -> Iterator[str]:
    before, after = comparison.cost_before, comparison.cost_after
    if before.without_cache is None or after.without_cache is None:
        yield "cost unknown"
    elif abs(change := after.without_cache - before.without_cache) >= _MIN_USD:
        yield f"{change:+.4f} USD per execution"
    for name in after.unestimated_steps:
        if name not in before.unestimated_steps:
            yield f"cost of {code(name)} unknown"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
