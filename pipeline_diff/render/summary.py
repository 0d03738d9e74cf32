"""A comparison in one line, what matters most to a reviewer first."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline_diff.compare import Comparison, StepChange
from pipeline_diff.parameters import ParameterChange
from pipeline_diff.render.attribute_labels import label
from pipeline_diff.render.markdown_syntax import code

_OF_A_VPC = " of a VPC"
_LEAST_USD = 0.00005


def summary(it: Comparison) -> str:
    """The line, without a full stop."""
    if not it.old_stands:
        return "The pipeline is new"
    if not it.new_stands:
        return "The pipeline is gone"
    if not it.differs:
        where = "the pipeline" if it.permissions is None else "the pipeline and its permissions"
        return f"Nothing changed in {where}"
    return ", ".join(_parts(it))


def _parts(it: Comparison) -> Iterator[str]:
    yield from _given_up(it)
    kinds = [_kind(change) for change in it.steps]
    for kind in ("added", "removed", "renamed", "rewired", "changed"):
        if number := kinds.count(kind):
            yield f"{_counted(number, 'step')} {kind}"
    if it.gates:
        yield f"{_counted(len(it.gates), 'gate')} changed"
    parameters = [_kind_of_parameter(change) for change in it.parameters]
    for kind in ("added", "removed", "changed"):
        if number := parameters.count(kind):
            yield f"{_counted(number, 'parameter')} {kind}"
    for gained, word in ((True, "gained"), (False, "lost")):
        permissions = it.permissions or ()
        if number := sum(change.gained is gained for change in permissions):
            yield f"{_counted(number, 'permission')} {word}"
    if it.reruns:
        number = len(it.reruns)
        yield f"{_counted(number, 'cached step')} {'runs' if number == 1 else 'run'} again"
    yield from _money(it)


def _given_up(it: Comparison) -> Iterator[str]:
    """Protections, each with the steps that lose it."""
    losers: dict[str, list[str]] = {}
    for change in it.steps:
        for item in change.changes:
            if item.weakens:
                words = label(item.path)[0].removesuffix(" of {}")
                words = "the VPC" if words.endswith(_OF_A_VPC) else words
                losers.setdefault(words, []).append(code(change.after or ""))
    for words, names in losers.items():
        steps = list(dict.fromkeys(names))
        who = steps[0] if len(steps) == 1 else f"{len(steps)} steps"
        yield f"{who} give{'s' if len(steps) == 1 else ''} up {words}"


def _kind(change: StepChange) -> str:
    if change.before is None:
        return "added"
    if change.after is None:
        return "removed"
    if change.before != change.after:
        return "renamed"
    if change.waits_for or change.waits_no_more or change.moved:
        return "rewired"
    return "changed"


def _kind_of_parameter(change: ParameterChange) -> str:
    if change.old is None:
        return "added"
    return "changed" if change.new else "removed"


def _money(it: Comparison) -> Iterator[str]:
    before, after = it.cost_before.cold, it.cost_after.cold
    if before is None or after is None:
        yield "the cost isn't known"
    elif abs(after - before) >= _LEAST_USD:
        yield f"{after - before:+.4f} USD an execution"
    for name in it.cost_after.left_out:
        if name not in it.cost_before.left_out:
            yield f"the cost of {code(name)} isn't known"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
